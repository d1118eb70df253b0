"""Every setting, as frozen dataclasses that travel to and from JSON strictly.

A configuration read back from a bundle must hold exactly the fields of its class, each of
its declared type: an unknown or missing key is an error rather than a default.
"""

import dataclasses
import types
import typing
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

from chatbot.errors import ConfigError

#: Ids of the four special tokens, the same in every bundle.
PAD, UNK, GO, EOS = 0, 1, 2, 3


@dataclass(frozen=True)
class _Config:
    """What the configurations share: strict conversion to and from JSON values."""

    def to_json(self) -> dict[str, Any]:
        """Return the fields as a JSON object."""
        return dataclasses.asdict(self)

    @classmethod
    def from_json(cls, values: object) -> Self:
        """Build the configuration from a JSON object.

        Raises:
            ConfigError: `values` is no object, a key is unknown or missing, or a value is
                of the wrong type or out of range.
        """
        name = cls.__name__
        if not isinstance(values, Mapping):
            raise ConfigError(f"{name}: expected an object, found {type(values).__name__}")
        types_by_field = typing.get_type_hints(cls)
        unknown = sorted(set(values) - set(types_by_field))
        missing = sorted(set(types_by_field) - set(values))
        if unknown or missing:
            wrong = [f"unknown key {key!r}" for key in unknown]
            wrong += [f"missing key {key!r}" for key in missing]
            raise ConfigError(f"{name}: {', '.join(wrong)}")
        for key, declared in types_by_field.items():
            if not _has_type(values[key], declared):
                raise ConfigError(f"{name}: {key} is {values[key]!r}, not {_type_name(declared)}")
        return cls(**values)

    def _require(self, condition: bool, message: str) -> None:
        if not condition:
            raise ConfigError(f"{type(self).__name__}: {message}")


@dataclass(frozen=True)
class ModelConfig(_Config):
    """Shape of the encoder-decoder.

    Attributes:
        vocabulary_size: Rows of the embedding and of the projection, as many as the
            tokenizer has pieces.
        embedding_size: Length of a token's vector, shared by encoder and decoder.
        units: Length of the LSTM states `h` and `c`; both together are the sentence vector.
        dropout: Share of embedding and decoder outputs dropped while training.
        max_prompt_tokens: Longer prompts are cut to their first tokens.
        max_reply_tokens: Longer replies are cut in training, without an EOS at the cut.
    """

    vocabulary_size: int
    embedding_size: int = 128
    units: int = 128
    dropout: float = 0.1
    max_prompt_tokens: int = 128
    max_reply_tokens: int = 128

    def __post_init__(self) -> None:
        """Check the ranges."""
        self._require(self.vocabulary_size > EOS, "vocabulary_size must be above 3")
        self._require(self.embedding_size > 0, "embedding_size must be above 0")
        self._require(self.units > 0, "units must be above 0")
        self._require(0 <= self.dropout < 1, "dropout must be in 0..1")
        self._require(self.max_prompt_tokens > 0, "max_prompt_tokens must be above 0")
        self._require(self.max_reply_tokens > 0, "max_reply_tokens must be above 0")


@dataclass(frozen=True)
class TrainingConfig(_Config):
    """How the model is fitted.

    Attributes:
        seed: Of the split, the initial weights, the order of the batches and dropout.
        valid_share: Share of the distinct prompts held out when no validation file is given.
        epochs: Most passes over the pairs; None chooses from the number of batches.
        max_seconds: Longest training time in seconds from the first step, compilation
            included; None is no limit.
        patience: Epochs without a better validation loss before training stops.
        batch_size: Pairs in a batch of short pairs; None chooses from the corpus size.
        learning_rate: Adam's rate at its highest, after warm-up.
        beta_2: Decay of Adam's second moments.
        warmup_share: Share of the run in which the rate climbs to `learning_rate`, at most
            300 steps.
        clip_norm: Largest global norm of the gradient.
        vocabulary_size: Asked of the tokenizer; None chooses from the corpus.
    """

    seed: int = 0
    valid_share: float = 0.1
    epochs: int | None = None
    max_seconds: float | None = 150.0
    patience: int = 8
    batch_size: int | None = None
    learning_rate: float = 6e-3
    beta_2: float = 0.98
    warmup_share: float = 0.05
    clip_norm: float = 1.0
    vocabulary_size: int | None = None

    def __post_init__(self) -> None:
        """Check the ranges."""
        self._require(self.seed >= 0, "seed must be 0 or more")
        self._require(0 <= self.valid_share < 1, "valid_share must be in 0..1")
        self._require(self.epochs is None or self.epochs > 0, "epochs must be above 0")
        self._require(self.max_seconds is None or self.max_seconds > 0, "max_seconds must be above 0")
        self._require(self.patience > 0, "patience must be above 0")
        self._require(self.batch_size is None or self.batch_size > 0, "batch_size must be above 0")
        self._require(self.learning_rate > 0, "learning_rate must be above 0")
        self._require(0 < self.beta_2 < 1, "beta_2 must be between 0 and 1")
        self._require(0 <= self.warmup_share < 1, "warmup_share must be in 0..1")
        self._require(self.clip_norm > 0, "clip_norm must be above 0")


@dataclass(frozen=True)
class DecodingConfig(_Config):
    """How the words of a reply are chosen.

    Attributes:
        max_tokens: A reply that has no EOS after so many tokens is cut.
    """

    max_tokens: int = 128

    def __post_init__(self) -> None:
        """Check the ranges."""
        self._require(self.max_tokens > 0, "max_tokens must be above 0")


def _alternatives(declared: Any) -> tuple[Any, ...]:
    return typing.get_args(declared) if isinstance(declared, types.UnionType) else (declared,)


def _has_type(value: object, declared: Any) -> bool:
    """Whether a JSON value is of a declared type; an integer is a float, a bool no number."""
    kinds = _alternatives(declared)
    if isinstance(value, bool):
        return bool in kinds
    if isinstance(value, int) and float in kinds:
        return True
    return isinstance(value, kinds)


def _type_name(declared: Any) -> str:
    return " or ".join("null" if kind is types.NoneType else kind.__name__ for kind in _alternatives(declared))
