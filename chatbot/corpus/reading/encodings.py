"""Text in any encoding, read as if it were UTF-8.

UTF-16 and UTF-32 show themselves: by a byte-order mark, or by the zero bytes that half of their
characters have. For any other encoding, a person must give the name.
"""

import codecs
import io
import re
from typing import Any

_CHUNK = 1 << 18
#: Enough to see the zero bytes.
_START = 4096
_UTF8_BOM = codecs.BOM_UTF8
#: The longer marks first: the one of UTF-32-LE begins as the one of UTF-16-LE.
_MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
#: Of the bytes, the share that is zero in UTF-16: much in Latin script, less where only spaces and line ends are.
_MANY_ZEROS, _SOME_ZEROS = 0.25, 0.01
#: Of the zero bytes, the share that is on the same side of each pair.
_SAME_SIDE = 0.95
#: Encodings that files are in which are not Unicode, by the names that `charset_normalizer` gives them.
_ENCODINGS = {
    "cp1252": "windows-1252",
    "cp1251": "windows-1251",
    "cp1253": "windows-1253",
    "cp1254": "windows-1254",
    "cp1255": "windows-1255",
    "cp1256": "windows-1256",
    "cp874": "cp874",
    "koi8_r": "koi8-r",
    "cp949": "cp949",
    "cp932": "cp932",
    "gb18030": "gb18030",
    "big5": "big5",
}
_NOT_ASCII = re.compile(rb"[\x80-\xff]+")
#: A letter of Czech, Polish and their neighbours in Windows-1250 that in Windows-1252 is a sign, or rare.
_CENTRAL_EUROPEAN = re.compile(rb"(?<=[A-Za-z])[\x8a\x8e\x9a\x9e\xb3\xb9]|[\x8a\x8e\x9a\x9e\xb3\xb9](?=[A-Za-z])")
#: Letters of Turkish in Windows-1254 in the places of letters of Icelandic in Windows-1252, which has others too.
_TURKISH, _ICELANDIC = re.compile(rb"[\xd0\xdd\xde\xf0\xfd\xfe]"), re.compile(rb"[\xe1\xe6\xed\xf3\xfa]")
#: Of the letters that are not ASCII, more than anybody's elsewhere.
_MANY = 0.1
#: In Latin script letters that are not ASCII stand alone among those that are.
_MOSTLY_LATIN = 0.75
_FIRST_LETTER = 0xC0
_GUESSED = 1 << 15
_SPACES = b" \t\r\n"
#: Put where a byte is no character; in UTF-8 it is none either, so that the reader of the line is told.
_DAMAGED = "\udc80"
_MARK_DAMAGE = "chatbot.corpus.reading.encodings"
#: What Python calls encodings and are none of a file: they escape characters.
_NO_ENCODINGS = frozenset({"idna", "punycode", "unicode-escape", "raw-unicode-escape"})


def as_utf8(stream: "io.BufferedReader[Any]", encoding: str | None = None) -> "io.BufferedReader[Any]":
    """A stream of the same text in UTF-8, behind its byte-order mark.

    What is no character of the encoding becomes bytes that are no UTF-8, in the same line.

    Args:
        stream: At its beginning.
        encoding: A name that Python knows; None for UTF-8, or UTF-16 or UTF-32 where the text is that.
    """
    start = stream.peek(_START)[:_START]
    if encoding is None or codecs.lookup(encoding).name in ("utf-16", "utf-32"):  # which say nothing of the order
        encoding = unicode_encoding(start) or (encoding and f"{encoding}-le")
    if encoding is not None:
        return io.BufferedReader(_Transcoded(stream, encoding), _CHUNK)
    if start.startswith(_UTF8_BOM):
        stream.read(len(_UTF8_BOM))
    return stream


def is_known(encoding: str) -> bool:
    """Whether an encoding of text has this name."""
    try:
        b"a".decode(encoding)
    except (LookupError, ValueError):  # ValueError: no encoding of text, or a name with a zero character
        return False
    return codecs.lookup(encoding).name not in _NO_ENCODINGS


def guess(content: bytes) -> str | None:
    """The encoding that the lines of a file which are not UTF-8 seem to be in, as `--encoding` takes it.

    Args:
        content: The beginning of the file, up to the end of a line.
    """
    bad = b"\n".join(line for line in content.splitlines() if not _is_utf8(line))[:_GUESSED]
    if not bad:
        return None
    runs = _NOT_ASCII.findall(bad)
    if sum(len(run) == 1 for run in runs) >= _MOSTLY_LATIN * len(runs) or max(bad) < _FIRST_LETTER:
        return _latin(bad, sum(map(len, runs)))
    from charset_normalizer import from_bytes  # noqa: PLC0415  # most files need no guess

    best = from_bytes(bad, cp_isolation=list(_ENCODINGS)).best()
    return None if best is None else _ENCODINGS[best.encoding]


def _latin(content: bytes, signs: int) -> str:
    """The encoding of Latin letters, by those of them that are not ASCII, so many altogether."""
    if len(_CENTRAL_EUROPEAN.findall(content)) > _MANY * signs:
        return "windows-1250"
    if len(_TURKISH.findall(content)) > _MANY * signs and not _ICELANDIC.search(content):
        return "windows-1254"
    return "windows-1252"


def default(content: bytes) -> str | None:
    """The encoding of a file without one: `windows-1252` where most lines are that and not UTF-8; else None.

    Windows-1252 is what "ANSI" means in the west.

    Args:
        content: The beginning of the file, up to the end of a line.
    """
    lines = [line for line in content.splitlines() if line.strip()]
    bad = sum(not _is_utf8(line) for line in lines)
    return "windows-1252" if 2 * bad > len(lines) and guess(content) == "windows-1252" else None


def unicode_encoding(start: bytes) -> str | None:
    """The name of UTF-16 or UTF-32 in Python if a file begins as they do; None for UTF-8 and all else.

    Args:
        start: The first bytes of the file.
    """
    for mark, name in _MARKS:
        if start.startswith(mark):
            return name
    start = start[: len(start) // 2 * 2]
    zeros = start.count(0)
    if zeros < max(1, _SOME_ZEROS * len(start)):
        return None
    for name, low, high in (("utf-16-le", start[::2], start[1::2]), ("utf-16-be", start[1::2], start[::2])):
        spaces = [not other for byte, other in zip(low, high, strict=True) if byte in _SPACES]
        wide = high.count(0) >= _SAME_SIDE * zeros and 2 * sum(spaces) >= len(spaces)
        if wide and (zeros >= _MANY_ZEROS * len(start) or (any(spaces) and _is_better(start, name))):
            return name
    return None


def _is_utf8(start: bytes) -> bool:
    try:
        codecs.getincrementaldecoder("utf-8")().decode(start)  # a character may be cut at the end
    except UnicodeDecodeError:
        return False
    return True


def _is_better(start: bytes, encoding: str) -> bool:
    """Whether bytes are text without control characters in an encoding, and are none in UTF-8 but for zeros."""
    return not _reads_well(start.replace(b"\0", b""), "utf-8") and _reads_well(start, encoding)


def _reads_well(start: bytes, encoding: str) -> bool:
    """Whether bytes are text in an encoding, without control characters that no text has."""
    try:
        text = codecs.getincrementaldecoder(encoding)().decode(start)
    except UnicodeDecodeError:
        return False
    return all(character >= " " or character in "\t\n\r\f\v" for character in text)


class _Transcoded(io.RawIOBase):
    """The text of a stream, in UTF-8."""

    def __init__(self, stream: io.BufferedIOBase, encoding: str) -> None:
        self._stream = stream
        self._decoder = codecs.getincrementaldecoder(encoding)(_MARK_DAMAGE)
        self._held = b""
        self._begun = self._ended = False

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]  # any writable buffer will do
        while not self._held and not self._ended:
            self._fill()
        count = min(len(buffer), len(self._held))
        buffer[:count] = self._held[:count]
        self._held = self._held[count:]
        return count

    def _fill(self) -> None:
        content = self._stream.read(_CHUNK)
        self._ended = not content
        text = self._decoder.decode(content, final=self._ended)
        if text and not self._begun:
            text, self._begun = text.removeprefix("\ufeff"), True
        self._held = text.encode("utf-8", errors="surrogatepass")


def _mark_damage(error: UnicodeError) -> tuple[str, int]:
    assert isinstance(error, UnicodeDecodeError)  # the only kind that a decoder raises
    return _DAMAGED, error.end


codecs.register_error(_MARK_DAMAGE, _mark_damage)
