"""The baseline of a linear support vector machine: what a programmer writes in ten lines, over the same n-grams.

It is a machine for each reply against all others, with the squared hinge loss and C = 1, as scikit-learn's `LinearSVC`
has it. All of them are fitted at once, a prompt at a time, on the scalar products of the prompts.

References: Joachims (1998), "Text Categorization with Support Vector Machines"; Hsieh et al. (2008), "A Dual Coordinate
Descent Method for Large-scale Linear SVM", algorithm 1, for the steps.
"""

from collections.abc import Iterable, Sequence
from typing import Self

import numpy as np
import numpy.typing as npt

from chatbot.inference.ngram_features import Features, NgramFeatures
from chatbot.inference.ngram_hashes import NgramCounts
from chatbot.text import fold

#: Prompts at most, whose products are a square; and their products times the replies, of which each pass takes as many
#: steps: about a second.
_MOST_PROMPTS, _MOST_WORK = 3000, 200_000_000
#: N-grams at most; those of the most prompts are kept.
_MOST_NGRAMS = 200_000
#: Passes over the prompts: more change no reply in a hundred.
_PASSES = 10
#: Added to the diagonal by the squared loss with C = 1; and the feature that all prompts have, the offset.
_SOFTNESS, _OFFSET = 0.5, 1.0

Floats = npt.NDArray[np.float64]


class SupportVectorMachine:
    """The prompts of a corpus, with how much each speaks for and against each reply."""

    def __init__(self, ngrams: NgramFeatures, known: Features, replies: Sequence[str], votes: Floats) -> None:
        """Take the parts; `of` makes them.

        Args:
            ngrams: The features.
            known: Of the prompts.
            replies: One for each machine.
            votes: (prompts, replies) float64.
        """
        self._ngrams, self._known, self._replies, self._votes = ngrams, known, replies, votes

    @classmethod
    def of(cls, pairs: Iterable[tuple[str, str]]) -> Self | None:
        """Fit the machine to pairs of prompt and reply, at least one.

        Args:
            pairs: With normalized texts.

        Returns:
            The baseline; None for more pairs than it takes about a second for.
        """
        prompts, said = zip(*((fold(prompt), reply) for prompt, reply in pairs), strict=True)
        replies = list(dict.fromkeys(said))
        if len(prompts) > _MOST_PROMPTS or len(prompts) ** 2 * len(replies) > _MOST_WORK:
            return None
        counts = NgramCounts.of(prompts)
        ngrams = NgramFeatures.fit(counts, _MOST_NGRAMS)
        known = ngrams.arrange(counts)
        rows = zip(known.numbers, known.weights, strict=True)
        products = np.array([_products(known, numbers, weights, len(ngrams)) for numbers, weights in rows])
        signs = np.where(np.array(said)[:, None] == np.array(replies), 1.0, -1.0)
        return cls(ngrams, known, replies, _fit(products, signs))

    def reply(self, prompt: str) -> str:
        """The reply whose machine is the surest.

        Args:
            prompt: A normalized one, in any case.
        """
        asked = self._ngrams.of([fold(prompt)])
        products = _products(self._known, asked.numbers[0], asked.weights[0], len(self._ngrams))
        return self._replies[int((products @ self._votes).argmax())]


def _products(known: Features, numbers: npt.NDArray[np.int32], weights: npt.NDArray[np.float32], ngrams: int) -> Floats:
    """The scalar products of a prompt with all known ones, the offset among their features.

    Args:
        known: Those of the corpus.
        numbers: (features,) of the prompt, 0 for none.
        weights: (features,) of the prompt.
        ngrams: Number of all features.

    Returns:
        (known prompts,) float64.
    """
    own = np.zeros(1 + ngrams, np.float32)
    own[numbers] = weights
    shared: Floats = (known.weights * own[known.numbers]).sum(axis=1, dtype=np.float64)
    return shared + _OFFSET


def _fit(products: Floats, signs: Floats) -> Floats:
    """The votes of the prompts, by dual coordinate descent.

    Args:
        products: (prompts, prompts) of the features of each with each.
        signs: (prompts, replies), 1 for the reply of the prompt and -1 for the others.

    Returns:
        (prompts, replies) float64, the multipliers with their signs.
    """
    multipliers, votes = np.zeros_like(signs), np.zeros_like(signs)
    steepness = products.diagonal() + _SOFTNESS
    order = np.random.default_rng(0)
    for _ in range(_PASSES):
        for row in order.permutation(len(signs)):
            slope = signs[row] * (products[row] @ votes) - 1 + _SOFTNESS * multipliers[row]
            multipliers[row] = np.maximum(multipliers[row] - slope / steepness[row], 0)
            votes[row] = signs[row] * multipliers[row]
    return votes
