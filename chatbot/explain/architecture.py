"""What a model is made of: its parts with their real sizes, in the order in which data passes them."""

from dataclasses import dataclass

from chatbot.config import ModelConfig


@dataclass(frozen=True)
class Block:
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
class Architecture:
    """An encoder-decoder.

    Attributes:
        config: Its shape.
        embedding: Tokens to vectors, of both halves.
        encoder: Its LSTMs, the first one first.
        recall: What compares the sentence vector and the prompt's words with the known replies; None
            where none are known.
        decoder: Its LSTMs, as many.
        attention: What looks back at the encoder's outputs; None without it.
        attentional_vector: What joins that and the decoder's output; None without attention.
        projection: Vector to logits.
    """

    config: ModelConfig
    embedding: Block
    encoder: tuple[Block, ...]
    recall: Block | None
    decoder: tuple[Block, ...]
    attention: Block | None
    attentional_vector: Block | None
    projection: Block

    @property
    def blocks(self) -> tuple[Block, ...]:
        """All parts."""
        recall = filter(None, (self.recall,))
        attention = filter(None, (self.attention, self.attentional_vector))
        return (self.embedding, *self.encoder, *recall, *self.decoder, *attention, self.projection)

    @property
    def parameters(self) -> int:
        """Numbers that are learned, all together."""
        return sum(block.parameters for block in self.blocks)

    @property
    def sentence_vector(self) -> int:
        """Numbers that the encoder ends with: `h` and `c` of each layer."""
        return 2 * self.config.layers * self.config.units


def describe(config: ModelConfig) -> Architecture:
    """The parts of a model of this shape."""
    units, vocabulary = config.units, config.vocabulary_size
    attends = config.attention != "none"
    return Architecture(
        config=config,
        embedding=Block(
            "Embedding",
            f"{config.embedding_size} a token",
            vocabulary * config.embedding_size,
            ("token_embedding",),
        ),
        encoder=tuple(_encoder_lstm(config, number) for number in range(1, config.layers + 1)),
        recall=_recall(config) if config.known_replies else None,
        decoder=tuple(
            Block(
                f"LSTM {number}",
                f"{units} a token",
                _lstm(_inputs(config, number), units),
                (f"decoder_lstm_{number}",),
            )
            for number in range(1, config.layers + 1)
        ),
        attention=_attention(config) if attends else None,
        attentional_vector=Block(
            "Attentional vector, tanh", f"{units} a token", (2 * units + 1) * units, ("attentional_vector",)
        )
        if attends
        else None,
        projection=Block(
            "Projection, softmax",
            f"{vocabulary:,} probabilities",
            (units + 1) * vocabulary,
            ("vocabulary_projection",),
        ),
    )


def _encoder_lstm(config: ModelConfig, number: int) -> Block:
    units, inputs, layers = config.units, _inputs(config, number), (f"encoder_lstm_{number}",)
    if number > 1 or not config.bidirectional:
        return Block(f"LSTM {number}", f"{units} a token", _lstm(inputs, units), layers)
    half = units // 2
    return Block(f"LSTM {number}, both ways", f"2 × {half} a token", 2 * _lstm(inputs, half), layers)


def _recall(config: ModelConfig) -> Block:
    states = 2 * config.layers * config.units
    bags = (config.vocabulary_size + config.bigrams) * config.units
    keys = (states + 2 * config.units + 1) * config.known_replies
    layers = ("bag_embedding", "bigram_embedding", "bag_scores", "bigram_scores", "reply_scores")
    values = tuple(f"reply_{part}{number}" for number in range(1, config.layers + 1) for part in "hc")
    learned = bags + keys + states * config.known_replies
    return Block("Reply memory, softmax", f"{config.known_replies:,} known replies", learned, layers + values)


def _attention(config: ModelConfig) -> Block:
    if config.attention == "dot":
        return Block("Attention, dot product", f"{config.units} a token")
    # A query, a key with a bias, and a score of one number.
    learned = config.units * config.units + (config.units + 1) * config.units + config.units
    layers = ("attention_query", "attention_key", "attention_score")
    return Block("Attention, additive", f"{config.units} a token", learned, layers)


def _inputs(config: ModelConfig, number: int) -> int:
    return config.embedding_size if number == 1 else config.units


def _lstm(inputs: int, units: int) -> int:
    """Four gates, each with weights for the input and for the last output, and a bias."""
    return 4 * units * (inputs + units + 1)
