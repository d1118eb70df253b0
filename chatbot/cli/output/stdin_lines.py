"""Prompts from standard input: its lines as they come, and the text of each."""

import codecs
import os
import select
from collections.abc import Callable, Iterator

from chatbot.errors import InputError

_CHUNK = 1 << 16
#: Bytes of the longest line. No prompt is as long; what has no line end, such as /dev/zero, would fill the memory.
LONGEST = 1 << 28


def _ignore(_: str) -> None:
    """Nobody wants to hear of it."""


def decode_line(line: bytes, number: int, warn: Callable[[str], None] = _ignore) -> str:
    """The text of a line of standard input.

    Without what editors of other systems leave there: the byte-order mark before the first line and the
    carriage return of a line end. Bytes that are not UTF-8 are replaced.

    Args:
        line: With or without its end.
        number: From 1.
        warn: Told if bytes were replaced.
    """
    content = line.removesuffix(b"\n").removesuffix(b"\r")
    if number == 1:
        content = content.removeprefix(codecs.BOM_UTF8)
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError:
        warn(f"stdin:{number}: not UTF-8; the bytes that are not were replaced")
        return content.decode("utf-8", errors="replace")


def arriving_lines(descriptor: int, most: int) -> Iterator[list[bytes]]:
    """Yield the lines that are there, without their line feeds, and wait only when there is none.

    Nothing is read while the caller works on what was yielded, so that a fast writer waits and
    memory holds about `most` lines.

    Args:
        descriptor: An open file descriptor.
        most: Lines to yield at once.

    Raises:
        InputError: It cannot be read, or a line has no end.
    """
    lines: list[bytes] = []
    rest: list[bytes] = []  # of a line whose end has not come yet
    size = 0  # of the rest
    more = True
    while more or lines:
        while more and len(lines) < most and (not lines or _has_more(descriptor)):
            chunk = _read(descriptor)
            more = bool(chunk)
            first, *others = chunk.split(b"\n")
            rest.append(first)
            size += len(first)
            if others:
                lines += [b"".join(rest), *others[:-1]]
                rest, size = others[-1:], len(others[-1])
            if size > LONGEST:
                raise endless("a line")
        if not more and any(rest):
            lines.append(b"".join(rest))
            rest = []
        if lines:
            yield lines[:most]
        del lines[:most]


def _has_more(descriptor: int) -> bool:
    """Whether a read would not wait, as far as the system tells: Windows does so of sockets alone."""
    try:
        return bool(select.select([descriptor], [], [], 0)[0])
    except OSError:
        return False


def _read(descriptor: int) -> bytes:
    try:
        return os.read(descriptor, _CHUNK)
    except OSError as error:
        raise unreadable(error) from None


def endless(what: str) -> InputError:
    """The error to raise where standard input has something of more than `LONGEST` bytes.

    Args:
        what: Its kind, with its article.
    """
    return InputError(f"standard input has {what} of more than {LONGEST >> 20} MiB, which is no prompt")


def unreadable(error: OSError) -> InputError:
    """The error to raise where standard input cannot be read."""
    return InputError(f"standard input cannot be read: {error.strerror or error}")
