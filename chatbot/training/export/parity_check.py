"""The comparison of LiteRT step models with the trained Keras model.

The float32 step models must reproduce the trained model, logit by logit.
"""

import math
import operator
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from chatbot import bundle
from chatbot.bot.grading import AnswerKey
from chatbot.bot.reply.reply_restriction import RecordedReplies
from chatbot.bot.reply.search_plan import plan_search
from chatbot.bundle import KnownReply
from chatbot.config import EOS, GO, DecodingConfig, ModelConfig
from chatbot.corpus import Pair
from chatbot.errors import TrainingError
from chatbot.inference.decoding.run_generator import drain
from chatbot.inference.decoding.search import best_replies
from chatbot.inference.decoding.search_results import strip_eos
from chatbot.inference.litert.litert_steps import LiteRTSteps
from chatbot.inference.scoring import score
from chatbot.inference.step_model import StepModel
from chatbot.text import fold
from chatbot.tokenizer import Tokenizer
from chatbot.training.models.keras_steps import KerasSteps, pad
from chatbot.training.type_aliases import JsonObject

#: Largest difference allowed between a Keras and a LiteRT logit, both float32, and that allowed at all but a few
#: tokens: a deep model amplifies its rounding a hundredfold at some, but what is exported wrongly differs everywhere.
_TOLERANCE, _USUAL_TOLERANCE, _FEW = 0.05, 1e-3, 0.01
Floats = npt.NDArray[np.float32]
#: At most this many distinct prompts are compared, enough to meet every kind of length.
_MOST_PROMPTS = 1024
#: Prompts whose logits are compared together, and whose replies are generated together: a token takes hardly longer.
_ROWS, _ANSWERED = 64, 256


@dataclass(frozen=True)
class Parity:
    """The agreement of LiteRT and Keras with float32 weights.

    Attributes:
        prompts: Distinct prompts compared.
        largest_difference: Of any logit, over the recorded replies of those prompts.
        tolerance: Largest allowed `largest_difference`.
        same_replies: Prompts with the same greedy reply from both.
    """

    prompts: int
    largest_difference: float
    tolerance: float
    same_replies: int

    def to_json(self) -> JsonObject:
        """Return the figures as a JSON object for the manifest."""
        return asdict(self)


class Agreement(NamedTuple):
    """The agreement of what a bot says with other step models and with those of the trained model.

    Attributes:
        same: Prompts with the same reply.
        judged: Prompts whose replies count: those with a right reply where replies are recorded, else all.
        kept: Those of them whose reply is right still, or the same.
    """

    same: int
    judged: int
    kept: int


class ParityCheck:
    """Compares exported step models with a trained model on pairs of the corpus."""

    def __init__(
        self,
        keras: KerasSteps,
        pairs: Sequence[Pair],
        tokenizer: Tokenizer,
        config: ModelConfig,
        known_replies: Sequence[KnownReply] = (),
    ) -> None:
        """Choose up to 1,024 distinct prompts.

        Args:
            keras: The trained model, and its inference models.
            pairs: Of the corpus.
            tokenizer: Of the model.
            config: Its shape.
            known_replies: Those that the bot says one of, in the order of the reply memory; none for a bot that
                phrases its own.
        """
        self._tokenizer = tokenizer
        self._recorded = RecordedReplies(tokenizer, known_replies) if known_replies else None
        topics = {reply.text: reply.topic for reply in known_replies if reply.topic is not None}
        self._key = AnswerKey.of(((pair.prompt, pair.reply) for pair in pairs), topics)
        chosen = list({pair.prompt: pair for pair in pairs}.values())[:_MOST_PROMPTS]
        self._asked = [pair.prompt for pair in chosen]
        self._keras, self._config = keras, config
        self._prompts = [tokenizer.encode(fold(pair.prompt))[config.prompt_window] for pair in chosen]
        self._replies = [[*tokenizer.encode(pair.reply), EOS][: config.max_reply_tokens] for pair in chosen]

    def check_parity(self, folder: Path) -> Parity:
        """Compare float32 step models with Keras.

        Logits are compared along the recorded replies, against the training model itself; then the greedy replies,
        against the Keras inference models.

        Args:
            folder: With the step models.

        Returns:
            The largest difference, and the number of equal replies.

        Raises:
            TrainingError: A logit differs by more than 0.05, or more than a few do by more than is usual.
        """
        exported = self._load(folder)
        parts = (slice(start, start + _ROWS) for start in range(0, len(self._prompts), _ROWS))
        differences = np.concatenate(
            [_logit_differences(self._keras, exported, self._prompts[rows], self._replies[rows]) for rows in parts]
        )
        # NaN is no small difference, here and below.
        large = np.count_nonzero(~(differences <= _USUAL_TOLERANCE))
        largest = float(differences.max())
        if not largest <= _TOLERANCE or large > math.ceil(_FEW * len(differences)):
            raise TrainingError(
                f"the exported model is not the trained one: of {len(differences):,} tokens {large:,} have a logit that"
                f" differs by more than {_USUAL_TOLERANCE:g}, by {largest:.2g} at most. Nothing was written; please"
                " report this with the versions of tensorflow, keras and ai-edge-litert"
            )
        return Parity(len(self._prompts), largest, _TOLERANCE, self.count_same(folder))

    def count_same(self, folder: Path) -> int:
        """The number of prompts with the same greedy reply from the step models in a folder as from Keras."""
        return sum(
            one == other for one, other in zip(self._greedy_replies(self._load(folder)), self._expected, strict=True)
        )

    def compare(self, folder: Path, other: Path) -> Agreement:
        """Compare what the bot says with other step models.

        Args:
            folder: With the float32 step models, of which `check_parity` has shown that they are the trained model.
            other: With the others.

        Returns:
            The agreement: of greedy replies, which are recorded ones where the bot says no others.
        """
        if self._recorded is None:
            same = self.count_same(other)
            return Agreement(same, len(self._prompts), same)
        said, others = (self._said(one, self._recorded) for one in (folder, other))
        right, still = (
            [*map(self._key.is_right, self._asked, map(self._tokenizer.decode, replies))] for replies in (said, others)
        )
        same = sum(one == another for one, another in zip(said, others, strict=True))
        return Agreement(same, sum(right), sum(map(operator.and_, right, still)))

    def _said(self, folder: Path, recorded: RecordedReplies) -> list[list[int]]:
        plan = plan_search(self._load(folder), self._tokenizer, recorded, DecodingConfig(max_tokens=None))
        parts = (self._prompts[start : start + _ANSWERED] for start in range(0, len(self._prompts), _ANSWERED))
        return [strip_eos(best) for part in parts for (best,) in drain(plan.search(part))]

    def mean_nats(self, folder: Path) -> float:
        """The mean nats a token of the recorded replies, with the step models in a folder."""
        scores = np.concatenate(score(self._load(folder), self._prompts, self._replies))
        return float(-scores.mean(dtype=np.float64))

    @cached_property
    def _expected(self) -> list[list[int]]:
        return self._greedy_replies(self._keras)

    def _load(self, folder: Path) -> LiteRTSteps:
        return LiteRTSteps(self._config, bundle.step_files(folder, self._config), self._tokenizer.decode)

    def _greedy_replies(self, steps: StepModel) -> list[list[int]]:
        decoding = DecodingConfig(max_tokens=self._config.max_reply_tokens)
        parts = (self._prompts[start : start + _ANSWERED] for start in range(0, len(self._prompts), _ANSWERED))
        return [strip_eos(reply) for part in parts for reply in best_replies(steps, part, decoding)]


def _logit_differences(
    keras: KerasSteps, exported: StepModel, prompts: Sequence[Sequence[int]], replies: Sequence[Sequence[int]]
) -> Floats:
    """The largest difference between the training model's logits and those of the step models, at each token.

    Args:
        keras: The trained model.
        exported: The step models.
        prompts: Token ids of each prompt.
        replies: Token ids of its reply, EOS included.

    Returns:
        (tokens of all replies,) float32.
    """
    target = pad(replies)
    decoder_input = np.concatenate([np.full((len(target), 1), GO, np.int32), target[:, :-1]], axis=1)
    expected = keras.model([pad(prompts), decoder_input, *keras.ngrams(prompts).values()], training=False).numpy()
    state = exported.encode(prompts)
    lengths = np.array([len(reply) for reply in replies])
    found = []
    for position, tokens in enumerate(decoder_input.T):
        logits, state = exported.step(np.ascontiguousarray(tokens), state)
        found.append(np.abs(logits - expected[:, position]).max(axis=1)[position < lengths])
    return np.concatenate(found)
