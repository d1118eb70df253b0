"""Fitting a bot's confidence at the end of its training, on prompts that it has not seen.

Those are the validation prompts. A run without any makes its own from training prompts, with one
token of each replaced by a token of another prompt, and the index then passes over the prompt itself: so
both the bot and the index meet something near to, but other than, what they know.
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np

from chatbot.calibration import Calibration, Lengths, calibrate
from chatbot.confidence import Answer, signals
from chatbot.config import DecodingConfig
from chatbot.corpus import Corpus, Pair
from chatbot.inference.search import complete, spoken
from chatbot.inference.steps import StepModel
from chatbot.metrics import is_recorded
from chatbot.nearest_neighbour import NearestNeighbour
from chatbot.text import fold
from chatbot.training.beginning import Beginning

#: At most this many prompts are asked, evenly spread over the corpus.
_MOST_PROMPTS = 1024
_ROWS = 64


class _Question(NamedTuple):
    """A prompt that the bot has not seen, the replies recorded for it, and the training prompt it was made from."""

    tokens: Sequence[int]
    recorded: Sequence[str]
    origin: str | None


def fit_confidence(
    corpus: Corpus, start: Beginning, steps: StepModel, lengths: Lengths, index: NearestNeighbour | None, seed: int
) -> Calibration:
    """Ask the bot prompts that it has not seen, and fit its confidence to its replies.

    Args:
        corpus: What it was trained and validated on.
        start: Its tokenizer and its shape.
        steps: The models that will answer.
        lengths: Of the training prompts.
        index: Of the training prompts, or None.
        seed: Of the tokens that are replaced where there are no validation prompts.
    """
    if corpus.validation:
        questions = [_Question(tokens, recorded, None) for tokens, recorded in _prompts(corpus.validation, start)]
    else:
        questions = list(_altered(corpus.sample, start, np.random.default_rng(seed)))
    questions.sort(key=lambda question: len(question.tokens))
    found, right = [], []
    for first in range(0, len(questions), _ROWS):
        part = questions[first : first + _ROWS]
        for question, answer in zip(part, _ask(part, start, steps), strict=True):
            found.append(signals(answer, lengths, index, besides=question.origin))
            right.append(is_recorded(answer.reply, question.recorded))
    return calibrate(found, right, lengths, "validation prompts" if corpus.validation else "altered training prompts")


def _prompts(pairs: Sequence[Pair], start: Beginning) -> Iterator[tuple[list[int], list[str]]]:
    """Token ids of distinct prompts, and the replies recorded for each."""
    recorded: dict[str, list[str]] = {}
    for prompt, reply in pairs:
        recorded.setdefault(fold(prompt), []).append(reply)
    every = -(-len(recorded) // _MOST_PROMPTS)
    for prompt in list(recorded)[::every]:
        yield start.tokenizer.encode(prompt)[start.config.prompt_window], recorded[prompt]


def _altered(pairs: Sequence[Pair], start: Beginning, rng: np.random.Generator) -> Iterator[_Question]:
    prompts = list(_prompts(pairs, start))
    for tokens, recorded in prompts:
        other = prompts[rng.integers(len(prompts))][0]
        altered = list(tokens)
        altered[rng.integers(len(tokens))] = other[rng.integers(len(other))]
        yield _Question(altered, recorded, start.tokenizer.decode(tokens))


def _ask(questions: Sequence[_Question], start: Beginning, steps: StepModel) -> Iterator[Answer]:
    prompts = [question.tokens for question in questions]
    decoding = DecodingConfig(max_tokens=start.config.max_reply_tokens)
    for prompt, hypothesis in zip(
        prompts, complete(steps, prompts, decoding, start.tokenizer.unspeakable_ids), strict=True
    ):
        text = start.tokenizer.decode(spoken(hypothesis))
        yield Answer(start.tokenizer.decode(prompt), len(prompt), text, sum(hypothesis.log_probabilities))
