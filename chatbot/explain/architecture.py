"""The description of a model: its parts with their real sizes, in the order of the data flow."""

from dataclasses import asdict, dataclass
from typing import Any

from chatbot.config import ModelConfig


@dataclass(frozen=True)
class ModelBlock:
    """A part of a model.

    Attributes:
        name: What it is.
        size: Of what it puts out, in numbers.
        parameters: Numbers that are learned; 0 where there are none, or where they are another's.
        layers: Names of its Keras layers.
    """

    name: str
    size: str
    parameters: int = 0
    layers: tuple[str, ...] = ()


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
        encoder: Its LSTMs, the first one first.
        memory: The layers that make the decoder's first state of the sentence vector and of the prompt's
            words; None without candidate replies, where the sentence vector itself is that state.
        decoder: Its LSTMs, as many.
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
    def parameters(self) -> int:
        """Numbers that are learned, all together."""
        return sum(block.parameters for block in self.blocks)

    @property
    def sentence_vector(self) -> int:
        """Numbers that the encoder ends with, as many as the decoder starts from: `h` and `c` of each layer."""
        return 2 * self.config.layers * self.config.units

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
    units, vocabulary = config.units, config.vocabulary_size
    attends = config.attention != "none"
    return ModelDescription(
        config=config,
        embedding=ModelBlock(
            "Embedding",
            f"{config.embedding_size:,} per token",
            vocabulary * config.embedding_size,
            ("token_embedding",),
        ),
        encoder=tuple(_encoder_lstm(config, number) for number in range(1, config.layers + 1)),
        memory=_reply_memory(config) if config.known_replies else None,
        decoder=tuple(
            ModelBlock(
                f"LSTM {number}",
                f"{units:,} per token",
                _lstm(_inputs(config, number), units),
                (f"decoder_lstm_{number}",),
            )
            for number in range(1, config.layers + 1)
        ),
        attention=_attention(config) if attends else None,
        attentional_vector=ModelBlock(
            "Attentional vector, tanh", f"{units:,} per token", (2 * units + 1) * units, ("attentional_vector",)
        )
        if attends
        else None,
        projection=ModelBlock(
            "Projection", f"{vocabulary:,} logits", (units + 1) * vocabulary, ("vocabulary_projection",)
        ),
        softmax=ModelBlock("Softmax", f"{vocabulary:,} probabilities"),
    )


def _encoder_lstm(config: ModelConfig, number: int) -> ModelBlock:
    units, inputs, layers = config.units, _inputs(config, number), (f"encoder_lstm_{number}",)
    if number > 1 or not config.bidirectional:
        return ModelBlock(f"LSTM {number}", f"{units:,} per token", _lstm(inputs, units), layers)
    half = units // 2
    return ModelBlock(f"LSTM {number}, both ways", f"2 × {half:,} per token", 2 * _lstm(inputs, half), layers)


def _reply_memory(config: ModelConfig) -> ReplyMemory:
    units, known, states = config.units, config.known_replies, 2 * config.layers * config.units
    return ReplyMemory(
        words=ModelBlock("Sum of word vectors", f"{units:,}", config.vocabulary_size * units, ("bag_embedding",)),
        pairs=ModelBlock("Sum of word-pair vectors", f"{units:,}", config.bigrams * units, ("bigram_embedding",)),
        keys=ModelBlock(
            "Keys",
            f"{known:,} scores",
            (states + 2 * units + 1) * known,
            ("reply_scores", "bag_scores", "bigram_scores"),
        ),
        softmax=ModelBlock("Softmax", f"{known:,} shares"),
        values=ModelBlock(
            "Values",
            f"{states:,}",
            states * known,
            tuple(f"reply_{part}{number}" for number in range(1, config.layers + 1) for part in "hc"),
        ),
    )


def _attention(config: ModelConfig) -> ModelBlock:
    if config.attention == "dot":
        return ModelBlock("Attention, dot product", f"{config.units:,} per token")
    # A query, a key with a bias, and a score of one number.
    learned = config.units * config.units + (config.units + 1) * config.units + config.units
    layers = ("attention_query", "attention_key", "attention_score")
    return ModelBlock("Attention, additive", f"{config.units:,} per token", learned, layers)


def _inputs(config: ModelConfig, number: int) -> int:
    return config.embedding_size if number == 1 else config.units


def _lstm(inputs: int, units: int) -> int:
    """Four gates, each with weights for the input and for the last output, and a bias."""
    return 4 * units * (inputs + units + 1)
