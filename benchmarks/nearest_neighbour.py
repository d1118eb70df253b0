"""The baseline that a learned bot should beat: the reply of the most similar training prompt."""

import math
from collections import Counter, defaultdict
from collections.abc import Sequence

from chatbot.corpus import Pair


class NearestNeighbour:
    """Answers with the reply of the most similar training prompt, by the cosine of TF-IDF vectors."""

    def __init__(self, pairs: Sequence[Pair]) -> None:
        """Index the prompts."""
        self._pairs = pairs
        grams = [self._grams(pair.prompt) for pair in pairs]
        documents = Counter(gram for counts in grams for gram in counts)
        self._weight = {gram: math.log(len(pairs) / count) + 1 for gram, count in documents.items()}
        self._postings: dict[str, list[tuple[int, float]]] = defaultdict(list)
        for number, counts in enumerate(grams):
            for gram, value in self._vector(counts).items():
                self._postings[gram].append((number, value))

    def reply(self, prompt: str) -> str:
        """The reply recorded for the nearest prompt, nothing where no prompt shares a character pair."""
        similarity: dict[int, float] = defaultdict(float)
        for gram, value in self._vector(self._grams(prompt)).items():
            for number, other in self._postings[gram]:
                similarity[number] += value * other
        return self._pairs[max(similarity, key=similarity.__getitem__)].reply if similarity else ""

    @staticmethod
    def _grams(text: str) -> Counter[str]:
        padded = f" {text.casefold()} "
        return Counter(padded[start : start + size] for size in (2, 3, 4) for start in range(len(padded) - size + 1))

    def _vector(self, counts: Counter[str]) -> dict[str, float]:
        known = {
            gram: (1 + math.log(count)) * self._weight[gram] for gram, count in counts.items() if gram in self._weight
        }
        length = math.sqrt(sum(value * value for value in known.values()))
        return {gram: value / length for gram, value in known.items()}
