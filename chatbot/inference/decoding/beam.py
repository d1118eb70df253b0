"""Beam search: the best replies that a few hypotheses at a time can find.

All hypotheses of all prompts are stepped as one batch. Those that have ended are kept apart
and compared by their log-probability over the length penalty of Wu et al. (2016), "Google's
Neural Machine Translation System", section 7, equation 14, without its coverage term.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import ClassVar, NamedTuple

import numpy as np

from chatbot.config import EOS, GO, LENGTH_PENALTY, DecodingConfig
from chatbot.inference.constraints import Constraints
from chatbot.inference.decoding.reranking import choose_reranker, rerank
from chatbot.inference.decoding.search_results import BeamObserver, Continuation, Hypothesis, Search, TokenChoice
from chatbot.inference.decoding.strategy import Strategy
from chatbot.inference.probabilities import log_probabilities
from chatbot.inference.step_model import Logits, StepModel


class _Live(NamedTuple):
    """A hypothesis that has not ended.

    Attributes:
        tokens: Its ids.
        log_probabilities: Of each, as the model gave them.
        total: Sum of the log-probabilities that it is ranked by; with penalties they are not the model's.
    """

    tokens: tuple[int, ...] = ()
    log_probabilities: tuple[float, ...] = ()
    total: float = 0.0


class BeamSearch(Strategy):
    """Beam search."""

    name = "beam search"
    setting: ClassVar[str | None] = "beam"

    def applies(self, config: DecodingConfig) -> bool:
        """See `Strategy.applies`."""
        return config.beam > 1

    def describe(self, config: DecodingConfig) -> str:
        """See `Strategy.describe`."""
        return f"found with a beam of {config.beam}"

    def search(
        self,
        model: StepModel,
        prompts: Sequence[Sequence[int]],
        config: DecodingConfig,
        constraints: Constraints,
        observer: BeamObserver | None = None,
    ) -> Search:
        """Keep the `config.beam` best hypotheses of each prompt until none can overtake the best that ended.

        See `Strategy.search`. Hypotheses that cannot leave the batch before that. What is yielded is the
        prefix that all hypotheses which may still be the reply have in common.
        """
        reranker = choose_reranker(config)
        beams = [_Beam(number, config, reranker is not None, observer) for number in range(len(prompts))]
        active = beams
        state = model.encode(prompts)
        tokens = np.full(len(prompts), GO, np.int32)
        for _ in range(config.limit):
            logits, state = model.step(tokens, state)
            kept: list[int] = []
            row = 0
            for beam, candidates in zip(active, _candidates(logits, active, config, constraints), strict=True):
                first, row = row, row + len(beam.live)
                kept += [first + parent for parent in beam.advance(candidates)]
            yield [choice for beam in active for choice in beam.settle()]
            active = [beam for beam in active if beam.live]
            if not active:
                break
            tokens = np.array([live.tokens[-1] for beam in active for live in beam.live], np.int32)
            state = state.select(kept)
        ranked = [beam.ranked() for beam in beams]
        if reranker is not None:
            ranked = rerank(reranker, model, prompts, ranked, config)
        yield [choice for beam, replies in zip(beams, ranked, strict=True) for choice in beam.rest_of(replies[0])]
        return ranked


def _candidates(
    logits: Logits, beams: Sequence["_Beam"], config: DecodingConfig, constraints: Constraints
) -> Iterator[list[Continuation]]:
    """Find the best continuations of the hypotheses of each beam, twice as many as it keeps.

    At most one continuation of each hypothesis is an end, so that enough remain that are none.

    Args:
        logits: (hypotheses of all beams, vocabulary) float32.
        beams: In the order of the rows.
        config: The settings.
        constraints: What a reply may say.

    Yields:
        The continuations of a beam, the best first.
    """
    live = [hypothesis for beam in beams for hypothesis in beam.live]
    wanted = 2 * config.beam
    count = min(wanted, logits.shape[-1])
    adjusted, tokens = constraints.candidates(logits, [hypothesis.tokens for hypothesis in live], count)
    probabilities = log_probabilities(logits, tokens)
    ranking = log_probabilities(adjusted, tokens) if constraints.reshapes else probabilities
    impossible = np.isneginf(adjusted[np.arange(len(live)), tokens.T].T)
    totals = np.where(impossible, -np.inf, ranking) + np.array([[hypothesis.total] for hypothesis in live])
    row = 0
    for beam in beams:
        of_beam = slice(row, row + len(beam.live))
        row = of_beam.stop
        order = np.argsort(-totals[of_beam], axis=None, kind="stable")[:wanted]
        columns = (tokens[of_beam], totals[of_beam], probabilities[of_beam])
        values = (column.ravel()[order].tolist() for column in columns)
        yield list(map(Continuation, (order // count).tolist(), *values))


class _Beam:
    """The hypotheses of one prompt."""

    def __init__(self, number: int, config: DecodingConfig, reranks: bool, observer: BeamObserver | None) -> None:
        """Begin with one that has no tokens.

        Args:
            number: Index of the prompt.
            config: The settings.
            reranks: Whether the hypotheses are ranked anew at the end, so that any of them may be the best.
            observer: Is shown each step.
        """
        self._number, self._config, self._reranks, self._observer = number, config, reranks, observer
        self._exponent = LENGTH_PENALTY if config.length_penalty is None else config.length_penalty
        self._wanted = config.beam if reranks else config.n_best
        self._ended: list[Hypothesis] = []
        self._settled = 0
        self.live = [_Live()]

    def advance(self, candidates: Sequence[Continuation]) -> list[int]:
        """Take the best candidates and return the parent of each hypothesis that is now live."""
        following: list[tuple[Continuation, _Live]] = []
        for candidate in candidates:
            parent, token, total, log_probability = candidate
            if total == -np.inf:
                break
            if token != EOS and len(following) == self._config.beam:
                continue
            before = self.live[parent]
            longer = _Live((*before.tokens, token), (*before.log_probabilities, log_probability), total)
            if token == EOS:
                self._ended.append(self._finished(longer))
            else:
                following.append((candidate, longer))
        self._ended = _by_score(self._ended)[: self._config.beam]
        if len(self._ended) >= self._wanted:
            beaten = self._ended[self._wanted - 1].score
            following = [(candidate, live) for candidate, live in following if self._bound(live) > beaten]
        self.live = [live for _, live in following]
        if self._observer is not None:
            self._observer.advanced(self._number, candidates, [candidate for candidate, _ in following])
        return [candidate.parent for candidate, _ in following]

    def settle(self) -> Iterator[TokenChoice]:
        """The tokens that every hypothesis which may still be the reply has, and that were not settled before."""
        running: list[Hypothesis | _Live] = [*self._ended, *self.live]
        if self._ended and not self._reranks:
            best = self._ended[0]
            running = [best, *(live for live in self.live if self._bound(live) > best.score)]
        if not running:
            return iter(())
        return self._up_to(_common([hypothesis.tokens for hypothesis in running]), running[0])

    def rest_of(self, reply: Hypothesis) -> Iterator[TokenChoice]:
        """The tokens of the reply that were not settled before."""
        return self._up_to(len(reply.tokens), reply)

    def ranked(self) -> list[Hypothesis]:
        """The hypotheses, the best first; what is still live has been cut, and counts as it is."""
        return _by_score([*self._ended, *map(self._finished, self.live)])[: self._config.beam]

    def _up_to(self, length: int, hypothesis: Hypothesis | _Live) -> Iterator[TokenChoice]:
        start, self._settled = self._settled, max(length, self._settled)
        tokens, probabilities = hypothesis.tokens[start:length], hypothesis.log_probabilities[start:length]
        return map(TokenChoice, [self._number] * len(tokens), tokens, probabilities)

    def _finished(self, live: _Live) -> Hypothesis:
        return Hypothesis(live.tokens, live.log_probabilities, self._score(live.total, len(live.tokens)))

    def _bound(self, live: _Live) -> float:
        """The best score that a hypothesis can come to: no more to pay, and the longest reply to spread it over."""
        return self._score(live.total, self._config.limit)

    def _score(self, total: float, length: int) -> float:
        penalty: float = ((5 + length) / 6) ** self._exponent
        return total / penalty


def _common(sequences: Sequence[tuple[int, ...]]) -> int:
    """Length of the beginning that all have: that of the first and the last in order."""
    pairs = enumerate(zip(min(sequences), max(sequences), strict=False))
    shortest = min(map(len, sequences))
    return next((place for place, (one, other) in pairs if one != other), shortest)


def _by_score(hypotheses: Iterable[Hypothesis]) -> list[Hypothesis]:
    return sorted(hypotheses, key=lambda hypothesis: hypothesis.score, reverse=True)
