"""The shape of a model, its presets and its special tokens."""

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

from chatbot.config.architectures import ARCHITECTURES
from chatbot.config.architectures.recurrent import LSTM
from chatbot.config.base import Config
from chatbot.config.options import option

#: How the decoder looks back at the prompt: not at all (the sentence vector is all it has), by dot
#: products (Luong et al. 2015), or by a small network (Bahdanau et al. 2015).
ATTENTIONS = ("none", "dot", "additive")


#: Heading of the help page that lists the options of a model.
MODEL = "Model"
_OF_PRESET = "that of the preset"
#: One option for both sides.
_LENGTH = 128
_MAX_LENGTH: dict[str, Any] = {
    "help": "Truncate prompts and replies to this many tokens.",
    "name": "max_length",
    "panel": MODEL,
    "lowest": 1,
    "highest": 4096,
    "unset": str(_LENGTH),
}


@dataclass(frozen=True, kw_only=True)
class ModelShape(Config):
    """Shape of an encoder-decoder whose vocabulary is not known yet.

    Attributes:
        architecture: Name of what stands inside encoder and decoder, one of `ARCHITECTURES`.
        embedding_size: Length of a token's vector, shared by encoder and decoder.
        units: Length of what a layer puts out for a token, and of each of its states.
        layers: Layers stacked in the encoder, and as many in the decoder.
        bidirectional: Whether the encoder's first layer reads the prompt both ways, with half
            of the units each (Wu et al. 2016, "GNMT", section 3.2).
        attention: One of `ATTENTIONS`.
        max_prompt_tokens: Longer prompts are cut to their last tokens, where the latest turn is.
        max_reply_tokens: Longer replies are cut in training, without an EOS at the cut.
    """

    architecture: str = option(
        LSTM.name,
        "What stands inside encoder and decoder: recurrent layers or transformer blocks.",
        panel=MODEL,
        choices=ARCHITECTURES.keys(),  # a view, so that one which is registered later is among them
        unset=LSTM.name,
    )
    embedding_size: int = option(
        128, "Size of the token embeddings.", panel=MODEL, lowest=1, highest=8192, unset=_OF_PRESET
    )
    units: int = option(128, "Units per layer.", panel=MODEL, lowest=2, highest=8192, unset=_OF_PRESET)
    layers: int = option(
        1,
        "Number of stacked layers in the encoder, and as many in the decoder.",
        panel=MODEL,
        lowest=1,
        highest=16,
        unset=_OF_PRESET,
    )
    bidirectional: bool = option(False, "Read prompts in both directions.", panel=MODEL, unset=_OF_PRESET)
    attention: str = option(
        "none",
        "Attention over the prompt: none, dot (Luong) or additive (Bahdanau).",
        panel=MODEL,
        choices=ATTENTIONS,
        unset=_OF_PRESET,
    )
    max_prompt_tokens: int = option(_LENGTH, **_MAX_LENGTH)
    max_reply_tokens: int = option(_LENGTH, **_MAX_LENGTH)

    def __post_init__(self) -> None:
        """Check the ranges."""
        self._check_ranges()
        refusal = ARCHITECTURES[self.architecture].refusal(self)
        self._require(refusal is None, refusal or "")

    @property
    def stepping(self) -> str:
        """See `Architecture.stepping`."""
        return ARCHITECTURES[self.architecture].stepping

    @property
    def states(self) -> Sequence[Mapping[str, int]]:
        """See `Architecture.states`."""
        return ARCHITECTURES[self.architecture].states(self)

    @property
    def prompt_window(self) -> slice:
        """The tokens of a prompt that the encoder reads, in training and in answering alike."""
        return slice(-self.max_prompt_tokens, None)


#: Shapes by name, from quickest to best; docs/log.md has the table.
PRESETS = {
    "tiny": ModelShape(embedding_size=64, units=64, bidirectional=True, attention="dot"),
    "small": ModelShape(embedding_size=128, units=128, bidirectional=True, attention="dot"),
    "base": ModelShape(embedding_size=128, units=256, bidirectional=True, attention="dot"),
    "large": ModelShape(embedding_size=256, units=512, bidirectional=True, attention="dot"),
}


def preset_of(name: str, architecture: str = LSTM.name) -> ModelShape:
    """The shape of a preset.

    Args:
        name: One of `PRESETS`.
        architecture: One of `ARCHITECTURES`.

    Raises:
        ConfigError: There is no such architecture.
    """
    known = ARCHITECTURES.get(architecture)
    changed = {} if known is None else known.preset(name)  # the shape refuses a name that is none
    return ModelShape(**{**dataclasses.asdict(PRESETS[name]), "architecture": architecture, **changed})


#: Vectors that the bigrams of prompts share, at most and for each piece of the vocabulary.
_MOST_BIGRAMS, _BIGRAMS_A_PIECE = 16384, 6
#: From so many pairs on, what a larger model can hold is worth its slower steps.
_PAIRS_FOR_BASE = 3_000


def choose_preset(pairs: int) -> str:
    """The preset that learns most from so many pairs in a few minutes; see docs/log.md."""
    return "small" if pairs < _PAIRS_FOR_BASE else "base"


@dataclass(frozen=True, kw_only=True)
class ModelConfig(ModelShape):
    """Shape of an encoder-decoder, as a bundle's manifest holds it.

    Attributes:
        vocabulary_size: Rows of the embedding and of the projection, as many as the
            tokenizer has pieces.
        known_replies: Replies that a prompt is compared with between encoder and decoder; 0 is the
            plain model, where the sentence vector itself is what the decoder starts from.
        ngrams: N-grams of prompts that are compared with known replies; 0 without that view.
        word_vectors: Words whose vectors that view sees, too; 0 for none.
    """

    vocabulary_size: int
    known_replies: int = 0
    ngrams: int = 0
    word_vectors: int = 0

    def __post_init__(self) -> None:
        """Check the ranges."""
        super().__post_init__()
        self._require(self.vocabulary_size > EOS, "vocabulary_size must be above 3")
        self._require(self.known_replies >= 0, "known_replies must be 0 or more")
        self._require(self.ngrams >= 0, "ngrams must be 0 or more")
        self._require(self.word_vectors >= 0, "word_vectors must be 0 or more")
        self._require(not self.word_vectors or self.ngrams > 0, "word_vectors need ngrams")

    @classmethod
    def from_json(cls, values: object) -> Self:
        """See `Config.from_json`; older bundles name no architecture, as there was one, no n-grams and no vectors."""
        older = {"architecture": LSTM.name, "ngrams": 0, "word_vectors": 0}
        return super().from_json({**older, **values} if isinstance(values, Mapping) else values)

    @property
    def bigrams(self) -> int:
        """Vectors that the bigrams of prompts share in the reply memory."""
        return min(_MOST_BIGRAMS, _BIGRAMS_A_PIECE * self.vocabulary_size)

    @classmethod
    def of(cls, shape: ModelShape, vocabulary_size: int, known_replies: int = 0) -> Self:
        """The shape with what depends on the corpus.

        Args:
            shape: The shape.
            vocabulary_size: Pieces of the tokenizer.
            known_replies: Replies that a prompt is compared with.
        """
        given = dataclasses.asdict(shape)
        return cls(**given, vocabulary_size=vocabulary_size, known_replies=known_replies)


#: Ids of the four special tokens, the same in every bundle.
PAD, UNK, GO, EOS = 0, 1, 2, 3
#: How EOS is written where tokens are shown.
EOS_PIECE = "<eos>"
