"""The fitting of a model: budget, batches, optimizer, regularization."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

from chatbot.config.base import Config
from chatbot.config.model import MODEL
from chatbot.config.options import Form, OnResume, option, options_of, spell
from chatbot.errors import RunError

#: Of the matrix products of the projection; "auto" measures which one this machine does faster.
PRECISIONS = ("auto", "float32", "bfloat16")


#: Headings of the help page that list the options of a training, in its order.
DATA, _BUDGET, _FITTING = "Data", "How long", "Fitting"
PANELS = (DATA, _BUDGET, MODEL, _FITTING)
_BY_CORPUS = "depends on the size of the corpus"


@dataclass(frozen=True)
class TrainingConfig(Config):
    """The settings by which the model is fitted.

    Attributes:
        seed: Of the split, the initial weights, the order of the batches and dropout.
        valid_share: Share of the distinct prompts held out when no validation file is given; None is a tenth, of a few
            thousand prompts at most, and not the last one of a reply (`chatbot.corpus.split`).
        epochs: Largest number of epochs; None chooses from the number of batches.
        max_seconds: Longest training time in seconds from the first step, compilation included; None is no limit.
        patience: Measurements of held-out pairs in a row, none with more exact replies or a lower loss than any before,
            after which training stops.
        batch_tokens: Tokens of a batch, of both sides; None chooses from the corpus.
        learning_rate: Adam's rate at its highest, after warm-up.
        beta_2: Decay of Adam's second moments.
        warmup_share: Share of the run in which the rate climbs to `learning_rate`, at most 300 steps.
        clip_norm: Largest global norm of the gradient.
        dropout: Share of the embeddings and of the layers' outputs dropped while training; None chooses from the epochs
            that there is time for.
        weight_decay: Share of the weights that a step takes off, times the rate; None chooses as for dropout.
        subword_sampling: Share of the prompts in a batch that are cut into tokens in another way than the most probable
            one; None chooses as for dropout.
        word_dropout: Share of the prompts' tokens read as UNK while training; None chooses as for dropout.
        whole_replies: Of the pairs that share a reply, how many have it whole in each epoch; the others end where it
            differs from all other replies or, with known replies, have none of it
            (`chatbot.corpus.unique_reply_prefixes`).
        known_replies: Most replies that the model is to know as such (`chatbot.training.objective.candidate_replies`);
            a corpus with more of them gets the plain model, as every corpus does with 0. None is 4,096, and 0 where
            nearly every reply of 500 pairs and more occurs once (`chatbot.corpus.reply_set`).
        precision: Of the projection's matrix products while training, one of `PRECISIONS`.
        vocabulary_size: Asked of the tokenizer; None chooses from the corpus.
    """

    seed: int = option(0, "Random seed.", panel=_FITTING, lowest=0, highest=2**32 - 1)
    valid_share: float | None = option(
        None,
        "Fraction of the prompts held out for validation (ignored with --valid).",
        panel=DATA,
        lowest=0,
        highest=0.9,
        unset="0.1, at most 500 prompts, not all of a reply's",
    )
    epochs: int | None = option(
        None, "Maximum number of epochs.", panel=_BUDGET, lowest=1, unset=_BY_CORPUS, on_resume=OnResume.RAISED
    )
    max_seconds: float | None = option(
        240.0,
        "Maximum training time: 90s, 4m, 1h30m or none.",
        name="max_time",
        panel=_BUDGET,
        metavar="TIME",
        form=Form.DURATION,
        on_resume=OnResume.RAISED,
    )
    patience: int = option(
        20, "Stop after this many validations without improvement.", panel=_BUDGET, lowest=1, on_resume=OnResume.ANY
    )
    batch_tokens: int | None = option(
        None, "Tokens per batch.", panel=_FITTING, lowest=1, highest=1_000_000, unset=_BY_CORPUS
    )
    learning_rate: float = option(1.2e-2, "Peak learning rate (Adam).", panel=_FITTING, lowest=1e-6, highest=1.0)
    beta_2: float = 0.98
    warmup_share: float = 0.05
    clip_norm: float = 1.0
    dropout: float | None = option(
        None,
        "Dropout rate.",
        panel=_FITTING,
        lowest=0,
        highest=0.9,
        unset="0.2, or 0 where there is time for five epochs at most",
    )
    weight_decay: float | None = None
    subword_sampling: float | None = None
    word_dropout: float | None = None
    whole_replies: int = 4
    known_replies: int | None = option(
        None,
        "Use the reply memory if the corpus has at most N different replies; 0 trains a plain encoder-decoder.",
        panel=MODEL,
        lowest=0,
        unset="4096; 0 where nearly every reply of 500 pairs and more occurs once",
    )
    precision: str = option(
        "auto",
        "Precision of the largest matrix products; auto takes bfloat16 where the hardware has matrix units for it"
        " (AMX, GPUs since Ampere).",
        panel=_FITTING,
        choices=PRECISIONS,
    )
    vocabulary_size: int | None = option(
        None, "Size of the vocabulary, in tokens.", panel=MODEL, lowest=1, highest=1_000_000, unset=_BY_CORPUS
    )

    def __post_init__(self) -> None:
        """Check the ranges."""
        self._check_ranges()
        self._require(self.max_seconds is None or self.max_seconds > 0, "max_seconds must be above 0")
        self._require(0 < self.beta_2 < 1, "beta_2 must be between 0 and 1")
        self._require(0 <= self.warmup_share < 1, "warmup_share must be in 0..1")
        self._require(self.clip_norm > 0, "clip_norm must be above 0")
        for name in ("subword_sampling", "word_dropout"):
            share = getattr(self, name)
            self._require(share is None or 0 <= share <= 1, f"{name} must be in 0..1")
        self._require(self.weight_decay is None or self.weight_decay >= 0, "weight_decay must be 0 or more")
        self._require(self.whole_replies > 0, "whole_replies must be above 0")

    @classmethod
    def from_json(cls, values: object) -> Self:
        """See `Config.from_json`; an option that a saved run does not have yet has its default."""
        return super().from_json({**TrainingConfig().to_json(), **values} if isinstance(values, Mapping) else values)


def extend_limits(began: TrainingConfig, asked: TrainingConfig) -> dict[str, Any]:
    """The limits of a resumed run, by their fields; its schedule then spans the longer run.

    Args:
        began: The configuration so far, its epochs chosen.
        asked: The configuration that is asked for now; epochs that are None stay as they were.

    Raises:
        RunError: A limit is lower than before.
    """
    limits = {}
    for field, one in options_of(TrainingConfig).items():
        if one.on_resume is OnResume.RAISED:
            before, now = getattr(began, field), getattr(asked, field)
            if now is None and one.default is None:
                now = before
            if (math.inf if now is None else now) < (math.inf if before is None else before):
                unit = " s" if one.form is Form.DURATION else ""
                said = "without this limit" if before is None else f"with {before:g}{unit}, which can only be raised"
                raise RunError(
                    f"--{spell(one.name)}: the interrupted run began {said}; leave that out to resume it, or start"
                    " anew with --overwrite"
                )
            limits[field] = now
    return limits
