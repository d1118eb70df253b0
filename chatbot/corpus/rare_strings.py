"""Rare strings of a corpus: personal data, numbers, names and words that hardly any pair has."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from chatbot.corpus.reading.tsv import Pair, Row
from chatbot.corpus.redaction.redact import KINDS, find_personal_data

#: The kinds, the most private first: those of `--redact`, then what only looks like something.
RARE_KINDS = (*(kind for kind in KINDS if kind not in {"url", "name"}), "number", "name", "url", "word")
#: Pairs that may have a string which is rare; a plain word is one only in so many times as many pairs.
_MOST_PAIRS, _TIMES = 2, 500
_NUMBER = re.compile(r"(?<![\w.,])\d(?:[\d.,:/ -]*\d)?(?![\w])")
_WORD = re.compile(r"[^\W\d_]{3,}")
#: Before a word whose capital says nothing: the beginning of a text or of a sentence.
_SENTENCE_END = re.compile(r"(?:^|[.!?…:\"“”'‘’(\[-])\s*$")
_FEWEST_DIGITS = 3


class RareString(NamedTuple):
    """A string that hardly any pair of a corpus has.

    Attributes:
        text: As the corpus has it.
        kind: One of `RARE_KINDS`.
        line: Of the first pair that has it, from 1.
        pair: That pair.
        in_reply: Whether a reply has it; else only prompts have.
    """

    text: str
    kind: str
    line: int
    pair: Pair
    in_reply: bool


def find_rare_strings(rows: Sequence[Row], most: int) -> list[RareString]:
    """Find strings that at most two pairs have; plain words only in a corpus of some hundred pairs and more.

    Args:
        rows: The pairs of the corpus.
        most: Strings of the replies that are returned, the most private kinds first, and as many of the prompts.

    Returns:
        The strings of the replies, then those that only prompts have; both by kind and line.
    """
    replies = _of_one_side(rows, in_reply=True)
    known = {one.text.casefold() for one in replies}
    prompts = [one for one in _of_one_side(rows, in_reply=False) if one.text.casefold() not in known]
    return [*_most_private(replies, most), *_most_private(prompts, most)]


def _most_private(found: Iterable[RareString], most: int) -> list[RareString]:
    return sorted(found, key=_privacy)[:most]


def _privacy(found: RareString) -> tuple[int, int]:
    return RARE_KINDS.index(found.kind), found.line


def _of_one_side(rows: Sequence[Row], in_reply: bool) -> list[RareString]:
    """The rare strings of the prompts or of the replies."""
    texts: dict[str, list[Row]] = {}
    for row in rows:
        texts.setdefault(row.pair.reply if in_reply else row.pair.prompt, []).append(row)
    counts, first = Counter[str](), dict[str, RareString]()
    for text, having in texts.items():
        for kind, string in dict.fromkeys(_strings(text)):
            found = RareString(string, kind, having[0].line, having[0].pair, in_reply)
            key = string.casefold()
            counts[key] += len(having)
            first[key] = min(first.get(key, found), found, key=_privacy)
    most = {"word": min(_MOST_PAIRS, len(rows) // _TIMES)}
    return [found for key, found in first.items() if counts[key] <= most.get(found.kind, _MOST_PAIRS)]


def _strings(text: str) -> Iterator[tuple[str, str]]:
    """The strings of a text that may be rare, each with its kind; a part of personal data is no string of its own."""
    for kind, piece in find_personal_data(text):
        yield kind, piece
        text = text.replace(piece, "\n")
    for match in _NUMBER.finditer(text):
        if sum(map(str.isdigit, match[0])) >= _FEWEST_DIGITS:
            yield "number", match[0]
    for match in _WORD.finditer(text):
        capital = match[0][0].isupper() and not _SENTENCE_END.search(text[: match.start()])
        yield "name" if capital else "word", match[0]


def words_of(texts: Iterable[str]) -> list[str]:
    """The distinct words of three letters and more in some texts, in lower case, sorted."""
    return sorted({word.lower() for text in {*texts} for word in _WORD.findall(text)})
