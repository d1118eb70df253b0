"""The rule that tells held-out phrasings from those trained on: what counts as the same prompt."""

import re
from collections import defaultdict
from collections.abc import Hashable, Iterable, Iterator, Sequence
from typing import NamedTuple

import numpy as np

from tests.corpus.english_prompts import say_in_full
from tests.corpus.korean_prompts import bare, drop_emotes, is_korean

SHARE = 0.8
KOREAN_SHARE = 0.55
#: Held-out prompts of fewer words may differ from a trained one in one of them.
WORDS_TO_EDIT = 4
_NOT_SAID = re.compile(r"[^\w\s']|_|(?<!\w)'|'(?!\w)")


class Form(NamedTuple):
    """A prompt as the rule compares it."""

    text: str
    words: frozenset[str]
    grams: frozenset[str]
    share: float
    ordered: tuple[str, ...]


def form(prompt: str) -> Form:
    """Return `prompt` in lower case without punctuation.

    Korean is also without emotes, spaces, fillers and its last ending, all else with contractions expanded and without
    fillers.
    """
    text = " ".join(_NOT_SAID.sub("", prompt.lower().replace("’", "'")).split())
    if is_korean(text):
        words, text = frozenset(drop_emotes(text).split()), bare(text)
        return Form(text, words, _grams(text, 2), KOREAN_SHARE, ())
    ordered = tuple(say_in_full(text))
    text = " ".join(ordered) or prompt  # nothing but punctuation is compared as it stands
    return Form(text, frozenset(ordered), _grams(text, 3), SHARE, ordered)


def _grams(text: str, length: int) -> frozenset[str]:
    return frozenset(text[i : i + length] for i in range(max(1, len(text) - length + 1)))


def near(known: Form, asked: Form) -> bool:
    """Whether two forms are equal, have the same words, are one word apart, or share most of their grams.

    One word apart: added, left out or exchanged, of the `WORDS_TO_EDIT` or more that are asked. Grams are
    three letters, in Korean two syllables; most of them is a Jaccard index above `SHARE` or `KOREAN_SHARE`.
    """
    if known.text == asked.text or (known.words and known.words == asked.words):
        return True
    if len(asked.ordered) >= WORDS_TO_EDIT and _are_one_word_apart(known.ordered, asked.ordered):
        return True
    sizes, share = (len(known.grams), len(asked.grams)), max(known.share, asked.share)
    if min(sizes) <= share * max(sizes):
        return False
    shared = len(known.grams & asked.grams)
    return shared > share * (sum(sizes) - shared)


def _are_one_word_apart(one: tuple[str, ...], other: tuple[str, ...]) -> bool:
    shorter, longer = sorted((one, other), key=len)
    if len(longer) - len(shorter) > 1:
        return False
    same = next((i for i, (a, b) in enumerate(zip(shorter, longer, strict=False)) if a != b), len(shorter))
    return shorter[same + (len(shorter) == len(longer)) :] == longer[same + 1 :]


def _gaps(words: tuple[str, ...]) -> Iterator[tuple[int, tuple[str, ...]]]:
    """Each place of `words`, with the words without the one there."""
    return ((place, words[:place] + words[place + 1 :]) for place in range(len(words)))


class _Index:
    """Asked forms, which are few, by what near ones have: grams, and all words, or all but one."""

    def __init__(self, forms: Sequence[Form]) -> None:
        self.forms = forms
        self._shares = np.array([asked.share for asked in forms])
        self._sizes = np.array([len(asked.grams) for asked in forms])
        numbers: dict[str, list[int]] = defaultdict(list)
        self._equal: dict[Hashable, list[int]] = defaultdict(list)
        for number, asked in enumerate(forms):
            for gram in asked.grams:
                numbers[gram].append(number)
            words, apart = asked.ordered, list[Hashable]()
            if len(words) >= WORDS_TO_EDIT:
                exchanged = ((len(words), *gap) for gap in _gaps(words))
                apart = [words, *exchanged, *(("left out", rest) for _, rest in _gaps(words))]
            for key in (asked.text, asked.words, *apart):
                self._equal[key].append(number)
        self._grams = {gram: np.array(of) for gram, of in numbers.items()}

    def candidates(self, known: Form) -> set[int]:
        """The numbers of the forms that may be near, which are few; those that are near are among them.

        Prompts that are one word apart are the same without a word, at the same place of both or of one of them only.
        """
        words = known.ordered
        gaps = [(len(words), *gap) for gap in _gaps(words)]
        keys = (known.text, known.words, *gaps, *(rest for _, _, rest in gaps), ("left out", words))
        having = [self._grams[gram] for gram in known.grams if gram in self._grams]
        shared = np.bincount(np.concatenate([np.empty(0, np.int64), *having]), minlength=len(self.forms))
        union = self._sizes + len(known.grams) - shared
        similar = np.flatnonzero(shared > np.maximum(self._shares, known.share) * union)
        return set(similar.tolist()).union(*(self._equal.get(key, ()) for key in keys))


def near_duplicates(known: Iterable[str], asked: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Yield every pair of a known and an asked prompt that are near, each known one compared to all that are asked."""
    index = _Index([form(prompt) for prompt in asked])
    for prompt in known:
        known_form = form(prompt)
        for number in sorted(index.candidates(known_form)):
            if near(known_form, index.forms[number]):
                yield prompt, asked[number]
