"""Files of word vectors, read as streams: GloVe's text, word2vec's text and binary, fastText's `.vec`.

Text has a line for each word: the word, and its numbers. In word2vec's and fastText's files a line before those says
how many words there are, and how many numbers each has. In word2vec's binary form that line is followed by the words,
each with a space and its numbers as float32. All of them begin with the most frequent words.
"""

import io
import re
from collections.abc import Callable, Collection, Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from chatbot.corpus.reading.open_file import open_unpacked, split_lines
from chatbot.errors import CorpusError
from chatbot.text import excerpt, fold, normalize

#: Numbers in a vector at least and at most.
_FEWEST, _MOST = 2, 1024
#: Bytes of a word in a binary file, and of a line of text, at most.
_LONGEST_WORD, _LONGEST_LINE = 4096, 1 << 16
_CHUNK = 1 << 20
_BOM = b"\xef\xbb\xbf"
_HEADER = re.compile(rb"\s*(\d+)\s+(\d+)\s*")
_NUMBER = re.compile(rb"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?")
_FORMS = "a file of word vectors has lines of a word and its numbers, or is in word2vec's binary form"
Floats = npt.NDArray[np.float32]


class _Found(NamedTuple):
    """A word of a file.

    Attributes:
        name: The word.
        numbers: Its vector, as text or as bytes.
        place: The place in the file, for messages.
    """

    name: bytes
    numbers: Sequence[bytes] | bytes
    place: str

    def word(self) -> str:
        """The word, in lower case."""
        try:
            return fold(normalize(self.name.decode()))
        except UnicodeDecodeError:
            raise CorpusError(f"{self.place}: a word that is not UTF-8; {_FORMS}") from None

    def vector(self) -> Floats:
        """The vector (numbers,)."""
        try:
            if isinstance(self.numbers, bytes):
                vector = np.frombuffer(self.numbers, "<f4").astype(np.float32)
            else:
                vector = np.array([float(number) for number in self.numbers], np.float32)
        except ValueError as error:
            raise CorpusError(f"{self.place}: {excerpt(str(error))}; {_FORMS}") from None
        if not np.isfinite(vector).all():
            raise CorpusError(f"{self.place}: a number that is not finite; take the file again from where it came")
        return vector


def read_word_vectors(path: Path, words: Collection[str], most: Callable[[int], int]) -> dict[str, tuple[int, Floats]]:
    """Read the vectors of some words, and those of the most frequent ones.

    Args:
        path: The file, plain or gzip-compressed.
        words: The words that are wanted wherever they are in the file, in lower case.
        most: From the numbers in a vector to the number of words at the beginning of the file that are wanted, too.

    Returns:
        The place of each word in the file, from 1, and its vector (numbers,), by the word in lower case; of words that
        differ by their capitals, the first.

    Raises:
        CorpusError: The file cannot be read, is of another form, has vectors of different sizes, or words that are no
            text; the message names the line, or the byte.
    """
    wanted, found = frozenset(words), dict[str, tuple[int, Floats]]()
    with open_unpacked(path) as stream:
        numbers, entries = _open(path, stream)
        first = most(numbers)
        for rank, entry in enumerate(entries, 1):
            word = entry.word()
            if word not in found and (rank <= first or word in wanted):
                found[word] = rank, entry.vector()
    if not found:
        raise CorpusError(f"{path}: no words in it; {_FORMS}")
    return found


def _open(path: Path, stream: "io.BufferedReader[Any]") -> tuple[int, Iterator[_Found]]:
    """The numbers in each vector of a file, and its words."""
    if stream.peek(len(_BOM)).startswith(_BOM):
        stream.read(len(_BOM))
    first, _, after = stream.peek(_LONGEST_LINE)[:_LONGEST_LINE].partition(b"\n")
    header = _HEADER.fullmatch(first)
    numbers = int(header[2]) if header else len(first.split()) - 1
    if not _FEWEST <= numbers <= _MOST:
        raise CorpusError(f"{path}:1: a vector of {max(0, numbers):,} numbers, not {_FEWEST} to {_MOST:,}; {_FORMS}")
    if header is None:
        return numbers, _read_text(path, stream, numbers, 0)
    stream.readline()
    if _NUMBER.match(after.partition(b" ")[2]):
        return numbers, _read_text(path, stream, numbers, 1)
    return numbers, _read_binary(path, stream, int(header[1]), numbers, len(first) + 1)


def _read_text(path: Path, stream: io.BufferedIOBase, numbers: int, before: int) -> Iterator[_Found]:
    """The words of a text, so many lines of which have been read."""
    for number, line in split_lines(stream, _LONGEST_LINE):
        place = f"{path}:{number + before}"
        if line is None:
            raise CorpusError(f"{place}: longer than {_LONGEST_LINE:,} bytes; {_FORMS}")
        parts = line.rsplit(maxsplit=numbers)
        if not parts:
            continue
        # A few words have spaces in them; one that ends with a number is a vector that is longer than the others.
        if len(parts) <= numbers or (b" " in parts[0] and _NUMBER.fullmatch(parts[0].split()[-1])):
            count = len(line.split()) - 1
            raise CorpusError(f"{place}: {count:,} numbers, where the first word has {numbers:,}; {_FORMS}")
        yield _Found(parts[0], parts[1:], place)


def _read_binary(path: Path, stream: io.BufferedIOBase, count: int, numbers: int, offset: int) -> Iterator[_Found]:
    """The words of a binary file.

    Args:
        path: The file, for messages.
        stream: At the first word.
        count: Words that the file says it has.
        numbers: In each vector.
        offset: Bytes before the first word.
    """
    size = numbers * np.dtype(np.float32).itemsize
    held, place = b"", 0
    for number in range(count):
        while (end := held.find(b" ", place, place + _LONGEST_WORD)) < 0 or len(held) <= end + size:
            if end < 0 and len(held) - place >= _LONGEST_WORD:
                raise CorpusError(f"{path}: byte {offset + place:,}: no word here; {_FORMS}")
            if not (chunk := stream.read(_CHUNK)):
                raise CorpusError(
                    f"{path}: byte {offset + len(held):,}: ends after {number:,} of {count:,} words; fetch it again"
                )
            held, offset, place = held[place:] + chunk, offset + place, 0
        yield _Found(held[place:end].lstrip(b"\n"), held[end + 1 : end + 1 + size], f"{path}: byte {offset + place:,}")
        place = end + 1 + size
