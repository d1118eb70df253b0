"""Near phrasings of the prompts that a bot was taught.

A prompt is a near phrasing of a taught one if the two are similar, if it has every content word of the taught one, in
one form or another, and few besides, and if no training prompt with another reply is clearly more like it. Training
prompts with the reply that the correction is in place of do not count: that reply was called wrong. So "may I bring
my dog along" follows "can I bring my dog", and "can I bring my bike" does not.
"""

import itertools
import math
import re
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from chatbot.bot.index.nearest_neighbour import Match, NearestNeighbour
from chatbot.bot.index.tfidf_ngrams import Array, Floats, count_ngrams
from chatbot.bundle import Correction

#: Cosine with the taught prompt at least, and how much more another training prompt may have. These and the next were
#: chosen on 20 corrections of the shipped bot with 40 near phrasings, of which 35 follow, and 20 contrasts; none does.
_LEAST_SIMILARITY, _MARGIN = 0.45, 0.1
#: A content word's n-grams are so rare, their mean and the rarest: 0 if all training prompts have it, 1 if none has.
_MEAN_RARITY, _LARGEST_RARITY = 0.31, 0.48
#: The share of a word that another text has if it has the word in one form or another; and the share, by weight, of the
#: content words that it has if it has all that matter. Where there are few training prompts, `is` may seem to matter.
_HAS_WORD, _HAS_WORDS = 0.5, 0.8
#: Content words of a prompt that the taught one has not; one with so many gets no margin.
_MOST_OTHERS = 2
#: Training prompts that are compared.
_NEAREST = 32
#: From here on two prompts are the same.
_SAME = 0.999
_WORD = re.compile(r"\w+")


class _ContentWord(NamedTuple):
    """A word that says what a text is about: (n-grams,) their hashes, and their squared weights."""

    grams: Array
    squares: Floats

    @property
    def weight(self) -> float:
        """Its part of the text."""
        return float(self.squares.sum())

    def is_in(self, grams: Array) -> bool:
        """Whether a text has the word.

        Args:
            grams: (n-grams,) uint32, hashes of the text's n-grams.
        """
        return float(self.squares[np.isin(self.grams, grams)].sum()) >= _HAS_WORD * self.weight


class NearPhrasings:
    """Finds the taught prompt that a prompt is a near phrasing of; threads may share it."""

    def __init__(self, index: NearestNeighbour, corrections: Sequence[Correction]) -> None:
        """Take the content words of the taught prompts.

        Args:
            index: Of the training prompts and the taught ones.
            corrections: With the taught prompts.
        """
        self._index = index
        self._learned = {one.prompt: (one, self._content_words(one.prompt)) for one in corrections}

    def find(self, prompt: str) -> Correction | None:
        """The correction whose prompt another one is a near phrasing of.

        Args:
            prompt: As the encoder reads it, in lower case.

        Returns:
            The correction; None where there is none.
        """
        grams = _word_grams(prompt)
        alike = {one.prompt for one, words in self._learned.values() if _has_words(grams, words)}
        if not alike:
            return None
        matches = self._index.nearest(prompt, _NEAREST)
        for match in matches:
            if match.prompt in alike and match.similarity >= _LEAST_SIMILARITY:
                correction = self._learned[match.prompt][0]
                others = self._others(prompt, correction)
                margin = _MARGIN if others < _MOST_OTHERS else 0.0
                if others <= _MOST_OTHERS and match.similarity + margin >= self._rival(correction, matches):
                    return correction
        return None

    def _rival(self, correction: Correction, matches: Sequence[Match]) -> float:
        """The cosine of the nearest training prompt with a reply that was not called wrong; infinite for the same."""
        kept = {correction.instead_of, correction.reply}
        others = (other for other in matches if other.prompt not in self._learned and other.reply not in kept)
        most = max((other.similarity for other in others), default=0.0)
        return math.inf if most >= _SAME else most

    def _others(self, prompt: str, correction: Correction) -> int:
        """The number of content words of a prompt that the taught one has not."""
        grams = _word_grams(correction.prompt)
        return sum(not word.is_in(grams) for word in self._content_words(prompt))

    def _content_words(self, text: str) -> list[_ContentWord]:
        """The words of a text that few prompts have; single letters are none."""
        found = []
        for word in dict.fromkeys(_WORD.findall(text)):
            _, grams, _ = count_ngrams([word])
            weights = self._index.idf_of(grams)
            rarity = (weights - 1) / max(self._index.unknown_idf - 1, 1e-9)
            if len(word) > 1 and rarity.mean() >= _MEAN_RARITY and rarity.max() >= _LARGEST_RARITY:
                found.append(_ContentWord(grams, weights**2))
        return found


def _has_words(grams: Array, words: Sequence[_ContentWord]) -> bool:
    """Whether a text has the words that matter.

    Args:
        grams: (n-grams,) uint32, hashes of the text's n-grams.
        words: The words.
    """
    found = sum(word.weight for word in words if word.is_in(grams))
    return found >= _HAS_WORDS * sum(word.weight for word in words)


def _word_grams(text: str) -> Array:
    """Hashes of the n-grams of the words of a text, and of each two together, as people write `wi-fi`; in order."""
    words = _WORD.findall(text)
    joined = [first + second for first, second in itertools.pairwise(words)]
    _, grams, _ = count_ngrams([*words, *joined, ""])
    distinct: Array = np.unique(grams)
    return distinct
