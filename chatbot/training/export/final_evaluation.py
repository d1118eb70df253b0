"""The final evaluation of a bot: the share of right replies, and the calibration of its confidence.

The bot answers the validation prompts. A run without any alters training prompts, replacing one token
of each by a token of another prompt, and the index skips the prompt itself: so both the bot and the
index get something close to what they know, but not the same. The share of right replies to those
would not predict the replies to other people, so only the confidence is fitted to them.

A dozen validation prompts are too few to calibrate on. Of a small corpus, the confidence is fitted to the replies of a
view of n-grams to each prompt, by one that was fitted without it: there the view decides nearly alone.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple, TypeVar

import numpy as np

from chatbot.bot.grading import AnswerKey, GradedReply
from chatbot.bot.index.nearest_centroid import NearestCentroid
from chatbot.bot.index.nearest_neighbour import NearestNeighbour
from chatbot.bot.index.support_vector_machine import SupportVectorMachine
from chatbot.bot.reply.calibration import ALTERED, LEFT_OUT, VALIDATION, Calibration, Lengths
from chatbot.bot.reply.confidence import Answer, signals
from chatbot.bot.reply.reply_restriction import RecordedReplies
from chatbot.bot.reply.search_plan import plan_search
from chatbot.config import DecodingConfig
from chatbot.corpus import Corpus
from chatbot.inference.decoding.run_generator import drain
from chatbot.inference.decoding.search_results import strip_eos
from chatbot.inference.step_model import StepModel
from chatbot.metrics import Quality
from chatbot.text import fold
from chatbot.training.export.confidence_fit import Examples, fit_confidence
from chatbot.training.export.outside_prompts import outside_prompts
from chatbot.training.setup.initial_model import Start

#: At most this many prompts are asked, evenly spread over the corpus.
_MOST_PROMPTS = 1024
#: Training prompts that tell what is usual among them, and those that prompts are made of.
_MOST_KNOWN, _MOST_MATERIAL = 300, 1000
#: Prompts that are answered together.
_ROWS = 256

_Row = TypeVar("_Row")


@dataclass(frozen=True)
class FinalEvaluation:
    """The results of the final evaluation.

    Attributes:
        calibration: Of the bot's confidence.
        quality: The share of right replies; None without validation prompts.
        graded: Its graded replies to validation prompts, or without any to altered training prompts.
    """

    calibration: Calibration
    quality: Quality | None
    graded: Sequence[GradedReply]


class _Question(NamedTuple):
    """A prompt that the bot was not trained on.

    Attributes:
        tokens: The ids that the model reads.
        prompt: The prompt of the corpus, or the one that was altered, in lower case.
        altered: Whether it is an altered training prompt.
    """

    tokens: Sequence[int]
    prompt: str
    altered: bool


def evaluate_bot(
    corpus: Corpus,
    start: Start,
    steps: StepModel,
    lengths: Lengths,
    index: NearestNeighbour | None,
    seed: int,
    wrong_cost: float | None = None,
    left_out: Sequence[Answer] = (),
) -> FinalEvaluation:
    """Answer prompts that the bot was not trained on, grade the replies, and fit the confidence to them.

    Args:
        corpus: The training and the validation pairs.
        start: The tokenizer and the shape of the model.
        steps: The step models of the bundle.
        lengths: Of the training prompts, in tokens.
        index: Of the training prompts, or None.
        seed: Decides which tokens are replaced if there are no validation prompts, and what is asked from outside.
        wrong_cost: How many needless fallbacks a wrong reply is as bad as; None where nobody said.
        left_out: Answers to training and validation prompts by a view that had not seen them, of a small corpus.

    Returns:
        The graded replies, the quality, and the calibration.
    """
    held_out = bool(corpus.validation)
    key = AnswerKey.of(corpus.validation or corpus.sample, corpus.topics)
    rng = np.random.default_rng(seed)
    questions = list(_as_read(key, start) if held_out else _altered(key, start, rng))
    questions.sort(key=_length)
    answers = list(_ask(questions, start, steps))
    found = [
        signals(answer, lengths, index, besides=question.prompt if question.altered else None)
        for question, answer in zip(questions, answers, strict=True)
    ]
    exact = [key.is_exact(question.prompt, answer.reply) for question, answer in zip(questions, answers, strict=True)]
    right = [key.is_right(question.prompt, answer.reply) for question, answer in zip(questions, answers, strict=True)]
    known = [] if index is None else list(_known(index, lengths, start))
    outside = [] if index is None else list(_outside(index, lengths, start, steps, rng))
    examples = Examples(found, right, VALIDATION if held_out else ALTERED, known, outside)
    if left_out:
        taught = AnswerKey.of((*corpus.sample, *corpus.validation), corpus.topics)
        told = [signals(answer, lengths, index, besides=answer.prompt) for answer in left_out]
        truly = [taught.is_right(answer.prompt, answer.reply) for answer in left_out]
        examples = replace(examples, answered=told, right=truly, measured_on=LEFT_OUT)
    calibration = fit_confidence(examples, lengths, wrong_cost)
    graded = [
        key.grade(question.prompt, answer.reply, calibration.probability(seen))
        for question, answer, seen in zip(questions, answers, found, strict=True)
    ]
    quality = _judge(key, graded, sum(exact), index) if held_out else None
    return FinalEvaluation(calibration, quality, graded)


def _judge(key: AnswerKey, graded: Sequence[GradedReply], exact: int, index: NearestNeighbour | None) -> Quality:
    """The share of right replies of the bot and of the baselines, which need the index."""

    def count(baseline: NearestNeighbour | NearestCentroid | SupportVectorMachine | None) -> int | None:
        if baseline is None:
            return None
        return sum(key.is_right(one.prompt, baseline.reply(one.prompt)) for one in graded)

    known = [] if index is None else list(index.pairs())
    learned = (NearestCentroid.of(known), SupportVectorMachine.of(known)) if known else ()
    right = sum(one.right for one in graded)
    return Quality(len(graded), right, exact, bool(key.topics), count(index), *map(count, learned))


def _known(index: NearestNeighbour, lengths: Lengths, start: Start) -> Iterator[Mapping[str, float]]:
    """Signals of training prompts with their own replies, each looked up among the others."""
    for prompt, reply in _evenly(index.pairs(), _MOST_KNOWN):
        answer = Answer(prompt, len(start.tokenizer.encode(prompt)), reply, 0.0)
        yield signals(answer, lengths, index, besides=prompt)


def _outside(
    index: NearestNeighbour, lengths: Lengths, start: Start, steps: StepModel, rng: np.random.Generator
) -> Iterator[Mapping[str, float]]:
    """Signals of prompts that are outside for the bot, with its replies."""

    def similarity(prompt: str) -> float:
        return max((match.similarity for match in index.nearest(prompt, 1)), default=0.0)

    material = [prompt for prompt, _ in _evenly(index.pairs(), _MOST_MATERIAL)]
    prompts = outside_prompts(material, similarity, rng)
    read = ((start.tokenizer.encode(fold(prompt))[start.config.prompt_window], prompt) for prompt in prompts)
    questions = sorted((_Question(tokens, prompt, False) for tokens, prompt in read if tokens), key=_length)
    return (signals(answer, lengths, index) for answer in _ask(questions, start, steps))


def _evenly(rows: Sequence[_Row], most: int) -> Sequence[_Row]:
    """So many rows at most, spread evenly over all of them."""
    return rows[:: -(-len(rows) // most)]


def _length(question: _Question) -> int:
    return len(question.tokens)


def _as_read(key: AnswerKey, start: Start) -> Iterator[_Question]:
    """Distinct prompts as the model reads them."""
    for prompt in _evenly(list(key.recorded), _MOST_PROMPTS):
        yield _Question(start.tokenizer.encode(prompt)[start.config.prompt_window], prompt, False)


def _altered(key: AnswerKey, start: Start, rng: np.random.Generator) -> Iterator[_Question]:
    """The same, each with one token replaced by a token of another prompt."""
    questions = list(_as_read(key, start))
    for question in questions:
        other = questions[rng.integers(len(questions))].tokens
        altered = list(question.tokens)
        altered[rng.integers(len(altered))] = other[int(rng.integers(len(other)))]
        yield _Question(altered, question.prompt, True)


def _ask(questions: Sequence[_Question], start: Start, steps: StepModel) -> Iterator[Answer]:
    """The greedy reply of the bot to each, by default settings."""
    recorded = RecordedReplies(start.tokenizer, start.candidates) if start.known_replies else None
    most = None if recorded else start.config.max_reply_tokens
    plan = plan_search(steps, start.tokenizer, recorded, DecodingConfig(max_tokens=most))
    for first in range(0, len(questions), _ROWS):
        prompts = [question.tokens for question in questions[first : first + _ROWS]]
        for prompt, (hypothesis,) in zip(prompts, drain(plan.search(prompts)), strict=True):
            text = start.tokenizer.decode(strip_eos(hypothesis))
            yield Answer(start.tokenizer.decode(prompt), len(prompt), text, sum(hypothesis.log_probabilities))
