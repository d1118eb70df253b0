"""Reading lines from a pipe as they come: many at once from a fast one, each at once from a slow one."""

import os
import select
from collections.abc import Iterator

_CHUNK = 1 << 16


def arriving_lines(descriptor: int, most: int) -> Iterator[list[bytes]]:
    """Yield the lines that are there, without their line feeds, and wait only when there is none.

    Nothing is read while the caller works on what was yielded, so that a fast writer waits and
    memory holds about `most` lines.

    Args:
        descriptor: An open file descriptor.
        most: Lines to yield at once.
    """
    lines: list[bytes] = []
    rest: list[bytes] = []  # of a line whose end has not come yet
    more = True
    while more or lines:
        while more and len(lines) < most and (not lines or select.select([descriptor], [], [], 0)[0]):
            chunk = os.read(descriptor, _CHUNK)
            more = bool(chunk)
            first, *others = chunk.split(b"\n")
            rest.append(first)
            if others:
                lines += [b"".join(rest), *others[:-1]]
                rest = others[-1:]
        if not more and any(rest):
            lines.append(b"".join(rest))
            rest = []
        if lines:
            yield lines[:most]
        del lines[:most]
