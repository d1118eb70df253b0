"""The view of n-grams of a trained network: fitted, weighed against the network, and fitted anew to all pairs.

The network has been trained without the validation pairs. How much the view and the network count is chosen on
those, with a view that has not seen them either, and so are the figures of the bot. After that nothing is chosen or
measured any more, and the view learns the validation pairs, too, where they are many beside the others: a corpus of a
few hundred pairs has none to spare.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import product
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from chatbot.bot.reply.confidence import Answer
from chatbot.corpus import Corpus, Pair
from chatbot.inference.ngram_features import NgramFeatures, PromptFeatures
from chatbot.inference.ngram_hashes import NgramCounts
from chatbot.inference.word_vectors import WordVectors
from chatbot.runs.events import Observer
from chatbot.text import fold
from chatbot.training.export.left_out import PARTS, SMALL, choose_replies, deal_parts
from chatbot.training.models.encoder_decoder import build_scores
from chatbot.training.models.keras_steps import KerasSteps, pad
from chatbot.training.models.ngram_view import LinearWeights, NgramView
from chatbot.training.objective.candidate_replies import number_topics
from chatbot.training.objective.linear_classifier import LinearFitting, count_directions
from chatbot.training.setup.initial_model import Start
from chatbot.training.type_aliases import KerasModel

#: Weights of the view at most, of which each takes a byte in the bundle.
_MOST_WEIGHTS = 8_000_000
#: Validation pairs at most that weigh the view against the network.
_MOST_PAIRS = 2048
#: Validation pairs to a training pair above which the view is fitted anew to learn them.
_MANY = 0.025
#: Rows of a batch.
_ROWS = 256
#: Factors that are tried, of the network's scores and of the view's.
_NETWORK, _VIEW = (0.05, 0.1, 0.2, 0.35, 0.5, 0.7, 1.0), (0.35, 0.5, 0.7, 1.0, 1.4, 2.0)
#: Phrasings of a reply from which the network is expected to count as much as it says, and nats of a prior belief
#: in that: so many for each factor of e between what is expected and what is tried, squared.
_ENOUGH_PHRASINGS, _BELIEF = 20.0, 3.0

Floats = npt.NDArray[np.float32]
Rows = npt.NDArray[np.int64]


class FittedView(NamedTuple):
    """The view of n-grams of a corpus.

    Attributes:
        view: The view.
        left_out: Answers to prompts of a small corpus, each by a view that was fitted without it; none of a large one.
    """

    view: NgramView
    left_out: Sequence[Answer]


def add_ngrams(
    model: KerasModel, start: Start, corpus: Corpus, seed: int, vectors: WordVectors | None, observer: Observer
) -> tuple[Start, KerasSteps, Sequence[Answer]]:
    """Complete a trained network by the view of n-grams, see `fit_ngrams`.

    Args:
        model: The trained model.
        start: Its tokenizer, shape and known replies.
        corpus: The pairs.
        seed: Decides the order of the rows.
        vectors: The vectors of words, or None.
        observer: Told of the stage, and of vectors that are of no use.

    Returns:
        The start with the shape of the whole model, its inference models, and the answers of `FittedView`.
    """
    if start.known_replies:
        observer.stage("fitting the n-grams of the prompts")
    fitted = fit_ngrams(model, start, corpus, seed, vectors)
    if fitted is not None:
        start = replace(start, config=fitted.view.complete(start.config))
        return start, KerasSteps(model, start.config, fitted.view), fitted.left_out
    if vectors is not None:
        observer.warned("the word vectors are left out: the view of n-grams, which reads them, is not fitted here")
    return start, KerasSteps(model, start.config, None), ()


def fit_ngrams(
    model: KerasModel, start: Start, corpus: Corpus, seed: int, vectors: WordVectors | None = None
) -> FittedView | None:
    """Fit the view of n-grams to a corpus.

    Args:
        model: The trained model.
        start: Its tokenizer, shape and known replies.
        corpus: The pairs; of a large one, its sample.
        seed: Decides the order of the rows.
        vectors: The vectors of words, which the view is to see, too; None for none.

    Returns:
        The view; None for a model without known replies, and for one that would forget what its first corpus taught
        it, as its bundle has no index.
    """
    if not start.known_replies or start.recorded is None:
        return None
    return _Fitting(model, start, corpus, seed, vectors).fit()


class _Fitting:
    """The parts of `fit_ngrams`."""

    def __init__(self, model: KerasModel, start: Start, corpus: Corpus, seed: int, vectors: WordVectors | None) -> None:
        """Take the features of all prompts; see `fit_ngrams`."""
        self._model, self._start, self._seed = model, start, seed
        self._numbers = {reply: number for number, reply in enumerate(start.known_replies)}
        topics = number_topics(start.known_replies, corpus.topics)
        self._topics = np.arange(len(self._numbers), dtype=np.int32) if topics is None else topics
        self._said = {fold(pair.prompt) for pair in (*corpus.sample, *corpus.validation)}
        before = [pair for pair in start.recorded or () if fold(pair.prompt) not in self._said]
        train, valid = self._known([*before, *corpus.sample]), self._known(corpus.validation)
        self._pairs = [*train, *valid]
        self._train, self._valid = np.split(np.arange(len(self._pairs)), [len(train)])
        texts = [self._as_read(pair) for pair in self._pairs]
        counts = NgramCounts.of(texts)
        ngrams = NgramFeatures.fit(counts, _MOST_WEIGHTS // count_directions(self._topics.max() + 1))
        self._features = PromptFeatures(ngrams, start.tokenizer.decode, vectors)
        self._rows, self._word_rows = ngrams.weigh(counts), self._features.of_words(texts)
        self._labels = self._topics[[self._numbers[pair.reply] for pair in self._pairs]]
        counted = (len(ngrams), int(self._topics.max()) + 1)
        self._classifier = LinearFitting(self._rows, self._word_rows, self._labels, counted, seed)

    def fit(self) -> FittedView:
        """Fit to the training pairs, and weigh."""
        weights = self._classifier.fit(self._train)
        network, scale = self._weigh(weights)

        def scaled(fitted: LinearWeights) -> LinearWeights:
            """The replies of a topic have the key of the topic."""
            return fitted._replace(keys=np.float32(scale) * fitted.keys[:, self._topics])

        def fit_all() -> LinearWeights:
            return scaled(self._classifier.fit(np.arange(len(self._pairs))))

        many = len(self._valid) > _MANY * len(self._train)
        view = NgramView(self._features, scaled(weights), network, fit_all if many else None)
        return FittedView(view, list(self._leave_out(scale)) if len(self._pairs) <= SMALL else [])

    def _leave_out(self, scale: float) -> Iterator[Answer]:
        """Answer the prompts of the corpus, each by a view that is fitted without a quarter of the phrasings.

        Args:
            scale: The factor of the view's scores.
        """
        parts = deal_parts(self._labels, self._seed)
        said = np.array([fold(pair.prompt) in self._said for pair in self._pairs])
        for part in range(PARTS):
            weights = self._classifier.fit(np.flatnonzero(parts != part))
            asked = np.flatnonzero((parts == part) & said)
            chosen = choose_replies(scale * self._view_scores(asked, weights), self._topics)
            for row, number, log_probability in zip(asked.tolist(), *chosen, strict=True):
                prompt = self._pairs[row].prompt
                length = len(self._start.tokenizer.encode(fold(prompt)))
                yield Answer(fold(prompt), length, self._start.known_replies[number], log_probability)

    def _known(self, pairs: Sequence[Pair]) -> list[Pair]:
        return [pair for pair in pairs if pair.reply in self._numbers]

    def _tokens(self, pair: Pair) -> list[int]:
        return self._start.tokenizer.encode(fold(pair.prompt))[self._start.config.prompt_window]

    def _as_read(self, pair: Pair) -> str:
        """The text of a prompt as the model reads it."""
        return self._start.tokenizer.decode(self._tokens(pair))

    def _weigh(self, weights: LinearWeights) -> tuple[float, float]:
        """The factors under which validation pairs are most probable.

        A dozen pairs would choose at random, so they only move what the number of phrasings lets expect.

        Args:
            weights: Of a classifier that is fitted to the training pairs.

        Returns:
            The factor of the network's scores, and that of the view's.
        """
        phrasings = len(self._train) / len(self._numbers)
        expected = max(_NETWORK[0], min(1.0, (phrasings - 2) / _ENOUGH_PHRASINGS))
        rows = self._valid[:: max(1, -(-len(self._valid) // _MOST_PAIRS))]
        network, view = self._network_scores([self._pairs[row] for row in rows]), self._view_scores(rows, weights)

        def nats(factors: tuple[float, float]) -> float:
            against = (np.log(factors[0] / expected) ** 2, np.log(factors[1]) ** 2)
            told = self._nats(factors[0] * network + factors[1] * view, self._labels[rows])
            return told * len(self._valid) / max(1, len(rows)) + _BELIEF * float(sum(against))

        return min(product(_NETWORK, _VIEW), key=nats)

    def _network_scores(self, pairs: Sequence[Pair]) -> Floats:
        """(pairs, known replies) float32, the scores of the trained network."""
        scores = build_scores(self._model, self._start.config)
        batches = (pairs[start : start + _ROWS] for start in range(0, len(pairs), _ROWS))
        found = [scores(pad([self._tokens(pair) for pair in batch])).numpy() for batch in batches]
        return np.concatenate([np.empty((0, len(self._numbers)), np.float32), *found])

    def _view_scores(self, rows: Rows, weights: LinearWeights) -> Floats:
        """(rows, known replies) float32, the scores of a classifier.

        Args:
            rows: (rows,) int64, the places of some pairs.
            weights: Of the classifier.
        """
        found = self._rows.take(rows)
        ends = np.cumsum(found.lengths)
        told = zip(np.split(found.numbers, ends)[:-1], np.split(found.weights, ends)[:-1], strict=True)
        sums = np.array([values @ weights.vectors[numbers] for numbers, values in told], np.float32)
        sums = sums.reshape(len(rows), len(weights.keys))
        if self._word_rows is not None:
            sums += self._word_rows[rows] @ weights.vectors[1 + len(self._features.ngrams) :]
        return sums @ weights.keys[:, self._topics]

    def _nats(self, scores: Floats, labels: npt.NDArray[np.int32]) -> float:
        """The nats of topics, together, where the probability of a topic is that of all its replies.

        Args:
            scores: (rows, known replies) float32.
            labels: (rows,) int32, the topics.
        """
        same = labels[:, None] == self._topics
        return float(np.sum(_log_sums(scores) - _log_sums(np.where(same, scores, -np.inf))))


def _log_sums(scores: Floats) -> Floats:
    """The logarithms of the sums of exponentials.

    Args:
        scores: (rows, numbers) float32.

    Returns:
        (rows,) float32.
    """
    largest = scores.max(axis=1, initial=-np.inf)
    return np.asarray(largest + np.log(np.exp(scores - largest[:, None]).sum(axis=1)), np.float32)
