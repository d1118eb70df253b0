"""Banned words, found in a reply in whatever way they are written.

Texts are compared case-folded, compatibility-normalized (NFKC) and with single spaces, so that
capitals, full-width letters, decomposed accents and invisible characters are no way around. A word matches
where neither neighbour continues it: "hell" in "go to hell!" and "hell's", not in "hello". In Chinese,
Japanese, Korean, Thai, Lao, Khmer and Burmese, which put no spaces between words, it matches
wherever its characters are.
"""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable

from chatbot.text import with_few_marks

#: Scripts in which a letter's neighbour may belong to another word, as ranges of characters.
_UNSPACED = re.compile(
    "[\u0e00-\u0eff\u1000-\u109f\u1100-\u11ff\u1780-\u17ff\u3040-\u30ff\u3130-\u318f\u3400-\u4dbf"
    "\u4e00-\u9fff\ua960-\ua97f\uac00-\ud7ff\uf900-\ufaff\U00020000-\U0003ffff]"
)
#: Soft hyphens, joiners and marks of direction, which show nothing and would part what looks like one word.
_INVISIBLE = dict.fromkeys([0xAD, *range(0x200B, 0x2010), 0x2060, 0xFEFF])
#: Characters at the end of a text that may read otherwise with the next token: unfinished bytes, accents.
_MARGIN = 4


class BannedWords:
    """A set of words and phrases, as many as you like: the search takes no longer."""

    def __init__(self, words: Iterable[str]) -> None:
        """Take the words as a person wrote them; a phrase has spaces in it."""
        self._words = frozenset(filter(None, map(_fold, words)))
        lengths = defaultdict(set)
        for word in self._words:
            lengths[word[-1]].add(len(word))
        self._lengths_by_last = dict(lengths)

    def stand_in(self, text: str) -> bool:
        """Whether a text has one of them."""
        return self._stand_behind(_fold(text), 0)

    def completed(self, before: str, text: str) -> bool:
        """Whether `text`, which continues `before`, has one of them; `before` has none.

        The end of the text counts as the end of a word: what may yet become "hello" is refused at "hell", so that a
        reply that is cut or shown as it grows is clean as well.

        Args:
            before: The text so far.
            text: What comes next.
        """
        return self._stand_behind(_fold(text), len(_fold(before)) - _MARGIN)

    def _stand_behind(self, folded: str, start: int) -> bool:
        """Whether one of them ends behind `start`."""
        for end in range(max(start, 0) + 1, len(folded) + 1):
            for length in self._lengths_by_last.get(folded[end - 1], ()):
                first = end - length
                if first >= 0 and folded[first:end] in self._words and _parted(folded, first) and _parted(folded, end):
                    return True
        return False


def _fold(text: str) -> str:
    if text.isascii():
        return " ".join(text.lower().split())
    folded = unicodedata.normalize("NFKC", with_few_marks(text.translate(_INVISIBLE))).casefold()
    return " ".join(unicodedata.normalize("NFKC", folded).split())


def _parted(text: str, place: int) -> bool:
    """Whether a word may begin or end before the character at `place`."""
    return place in (0, len(text)) or not (_continues(text[place - 1]) and _continues(text[place]))


def _continues(character: str) -> bool:
    """Whether a character may be inside a word: letters, digits, their accents and vowel signs."""
    if _UNSPACED.match(character):
        return False
    return character.isalnum() or character == "_" or unicodedata.category(character).startswith("M")
