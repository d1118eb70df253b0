"""The description of a model: its parts with their real sizes, in the order of the data flow."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from chatbot.config.architectures import ARCHITECTURES
from chatbot.config.architectures.architecture import ModelBlock
from chatbot.config.model import ModelConfig


@dataclass(frozen=True)
class ReplyMemory:
    """The layers between encoder and decoder of a bot with candidate replies.

    They are an addition to the encoder-decoder: Henderson et al. (2017), "Efficient Natural Language Response
    Suggestion", and Sukhbaatar et al. (2015), "End-To-End Memory Networks", section 2.1, with one hop. See
    `chatbot.training.models.reply_memory`.

    Attributes:
        words: Sums up the vectors of the prompt's tokens.
        pairs: Sums up the vectors of each token with the one before it.
        keys: Compares the sentence vector and both sums with a key for each candidate reply.
        softmax: Scores to shares.
        values: Mixes the values of the candidate replies by their shares.
    """

    words: ModelBlock
    pairs: ModelBlock
    keys: ModelBlock
    softmax: ModelBlock
    values: ModelBlock

    @property
    def blocks(self) -> tuple[ModelBlock, ...]:
        """All parts."""
        return (self.words, self.pairs, self.keys, self.softmax, self.values)


@dataclass(frozen=True)
class ModelDescription:
    """An encoder-decoder.

    Attributes:
        config: Its shape.
        embedding: Tokens to vectors, of both halves.
        encoder: The blocks of its architecture, the first one first.
        memory: The layers that make the decoder's first state of the sentence vector and of the prompt's
            words; None without candidate replies, where the sentence vector itself is that state.
        decoder: The blocks of its architecture.
        states: The states that each block of the decoder starts from: their lengths by their names.
        attention: What looks back at the encoder's outputs; None without it.
        attentional_vector: What joins that and the decoder's output; None without attention.
        projection: Vector to logits.
        softmax: Logits to probabilities.
    """

    config: ModelConfig
    embedding: ModelBlock
    encoder: tuple[ModelBlock, ...]
    memory: ReplyMemory | None
    decoder: tuple[ModelBlock, ...]
    states: Sequence[Mapping[str, int]]
    attention: ModelBlock | None
    attentional_vector: ModelBlock | None
    projection: ModelBlock
    softmax: ModelBlock

    @property
    def blocks(self) -> tuple[ModelBlock, ...]:
        """All parts."""
        memory = self.memory.blocks if self.memory else ()
        return (self.embedding, *self.encoder, *memory, *self.decoder, *self.head)

    @property
    def head(self) -> tuple[ModelBlock, ...]:
        """The layers that make probabilities of the decoder's output, attention the first where there is attention."""
        attention = filter(None, (self.attention, self.attentional_vector))
        return (*attention, self.projection, self.softmax)

    @property
    def looks_back(self) -> tuple[int, ...]:
        """Places among the blocks of the decoder and the head that look back at the encoder's outputs."""
        return tuple(place for place, block in enumerate((*self.decoder, *self.head)) if block.looks_back)

    @property
    def parameters(self) -> int:
        """Numbers that are learned, all together."""
        return sum(block.parameters for block in self.blocks)

    @property
    def sentence_vector(self) -> int:
        """Numbers that the decoder starts from, as many as a recurrent encoder ends with."""
        return sum(sum(states.values()) for states in self.states)

    def count_operations(self, prompt: float, reply: float) -> float:
        """The multiplications in the products of encoder, decoder and head for a pair.

        Args:
            prompt: Tokens of the prompt.
            reply: Tokens of the reply, EOS included.
        """
        read = sum(block.count_operations(prompt, prompt) for block in self.encoder)
        return read + sum(block.count_operations(reply, prompt) for block in (*self.decoder, *self.head))

    def to_json(self) -> dict[str, Any]:
        """Return a JSON object: the shape, the sizes, and the parts in the order in which data passes them."""
        return {
            "model": self.config.to_json(),
            "parameters": self.parameters,
            "sentence_vector": self.sentence_vector,
            "blocks": [asdict(block) for block in self.blocks],
        }


def describe(config: ModelConfig) -> ModelDescription:
    """The description of a model.

    Args:
        config: Shape of the model.
    """
    units, vocabulary, architecture = config.units, config.vocabulary_size, ARCHITECTURES[config.architecture]
    embedded = f"{config.embedding_size:,} per token"
    states = architecture.states(config)
    attention, vector = _attention(config) if config.attention != "none" else (None, None)
    weights = units * vocabulary
    return ModelDescription(
        config=config,
        embedding=ModelBlock("Embedding", embedded, vocabulary * config.embedding_size, ("token_embedding",)),
        encoder=architecture.encoder(config),
        memory=_reply_memory(config, states) if config.known_replies else None,
        decoder=architecture.decoder(config),
        states=states,
        attention=attention,
        attentional_vector=vector,
        projection=ModelBlock(
            "Projection", f"{vocabulary:,} logits", weights + vocabulary, ("vocabulary_projection",), weights
        ),
        softmax=ModelBlock("Softmax", f"{vocabulary:,} probabilities"),
    )


def _reply_memory(config: ModelConfig, states: Sequence[Mapping[str, int]]) -> ReplyMemory:
    units, known, sentence = config.units, config.known_replies, sum(sum(sizes.values()) for sizes in states)
    return ReplyMemory(
        words=ModelBlock("Sum of word vectors", f"{units:,}", config.vocabulary_size * units, ("bag_embedding",)),
        pairs=ModelBlock("Sum of word-pair vectors", f"{units:,}", config.bigrams * units, ("bigram_embedding",)),
        keys=ModelBlock(
            "Keys",
            f"{known:,} scores",
            (sentence + 2 * units + 1) * known,
            ("reply_scores", "bag_scores", "bigram_scores"),
        ),
        softmax=ModelBlock("Softmax", f"{known:,} shares"),
        values=ModelBlock(
            "Values", f"{sentence:,}", sentence * known, tuple(f"reply_{name}" for sizes in states for name in sizes)
        ),
    )


def _attention(config: ModelConfig) -> tuple[ModelBlock, ModelBlock]:
    """Attention over the encoder's outputs, and the attentional vector."""
    units = config.units
    joined = 2 * units * units
    vector = ModelBlock(
        "Attentional vector, tanh", f"{units:,} per token", joined + units, ("attentional_vector",), joined
    )
    pair = 2 * units
    if config.attention == "dot":
        size = f"{units:,} per token"
        return ModelBlock("Attention, dot product", size, looks_back=True, pair_operations=pair), vector
    # A query, a key with a bias, and a score of one number.
    learned = units * units + (units + 1) * units + units
    layers = ("attention_query", "attention_key", "attention_score")
    products = units * units
    attention = ModelBlock(
        "Attention, additive",
        f"{units:,} per token",
        learned,
        layers,
        operations=products,
        looks_back=True,
        read_operations=products,
        pair_operations=pair,
    )
    return attention, vector
