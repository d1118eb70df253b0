"""The nearest-centroid baseline: the reply whose training prompts, taken together, are most like the prompt.

It is what a bot has to beat where its answers have few phrasings: it learns from all of them, in a second.

Reference: Manning, Raghavan and Schütze (2008), "Introduction to Information Retrieval", section 14.2, the Rocchio
classifier.
"""

from collections.abc import Iterable, Sequence
from typing import Self

import numpy as np
import numpy.typing as npt

from chatbot.inference.ngram_features import NgramFeatures
from chatbot.inference.ngram_hashes import NgramCounts
from chatbot.text import fold

#: N-grams at most; those of the most prompts are kept.
_MOST_NGRAMS = 200_000

Floats = npt.NDArray[np.float64]
Numbers = npt.NDArray[np.int64]


class NearestCentroid:
    """The centroids of the TF-IDF vectors of each reply's prompts, as an inverted index."""

    def __init__(self, features: NgramFeatures, replies: Sequence[str], entries: tuple[Numbers, Numbers, Floats]):
        """Take the parts; `of` makes them.

        Args:
            features: The n-grams.
            replies: One for each centroid.
            entries: The n-grams of centroids, in order: (entries,) the number of the n-gram, the number of the
                centroid, and its weight.
        """
        self._features, self._replies = features, replies
        numbers, self._centroids, self._weights = entries
        self._starts = np.searchsorted(numbers, np.arange(len(features) + 2))

    @classmethod
    def of(cls, pairs: Iterable[tuple[str, str]]) -> Self:
        """The centroids of pairs of prompt and reply, at least one.

        Args:
            pairs: With normalized texts.

        Returns:
            The baseline.
        """
        prompts, said = zip(*((fold(prompt), reply) for prompt, reply in pairs), strict=True)
        replies = list(dict.fromkeys(said))
        places = {reply: place for place, reply in enumerate(replies)}
        counts = NgramCounts.of(prompts)
        features = NgramFeatures.fit(counts, _MOST_NGRAMS)
        found = features.weigh(counts)
        owners = np.array([places[reply] for reply in said], np.int64)
        numbers, centroids, sums = found.sum_classes(owners, len(replies))
        lengths = np.sqrt(np.bincount(centroids, sums**2, len(replies)))
        return cls(features, replies, (numbers, centroids, sums / np.maximum(lengths, 1e-9)[centroids]))

    def reply(self, prompt: str) -> str:
        """The reply of the nearest centroid, nothing where none shares an n-gram.

        Args:
            prompt: A normalized one, in any case.
        """
        found = self._features.of([fold(prompt)])
        scores = np.zeros(len(self._replies))
        for number, weight in zip(found.numbers[0].tolist(), found.weights[0].tolist(), strict=True):
            if number:
                entries = slice(self._starts[number], self._starts[number + 1])
                scores[self._centroids[entries]] += weight * self._weights[entries]
        return self._replies[int(scores.argmax())] if scores.any() else ""
