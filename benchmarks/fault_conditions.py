"""Faults of a machine, each brought about in a process before the program begins there; and full file systems."""

import ctypes
import os
import random
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

#: Bytes that a file may have, from none to more than any that is written here.
LIMITS = (0, 1, 10, 100, 500, 1000, 2000, 5000, 20_000, 100_000, 500_000)


def _limit(size: int) -> Callable[[], None]:
    return lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))


def _forbid() -> None:
    """Take away the right to write here, and from root that of writing everywhere (capset, Linux)."""
    Path("corpora").chmod(0o500)
    Path().chmod(0o500)
    header, nothing = (ctypes.c_uint32 * 2)(0x20080522, 0), (ctypes.c_uint32 * 6)()
    ctypes.CDLL(None).capset(header, nothing)


def _without_home() -> None:
    for name in ("HOME", "XDG_STATE_HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "USER", "LOGNAME"):
        os.environ.pop(name, None)


def _jumping_clock() -> None:
    """Let the clock of the wall jump by up to ten years at each look."""
    real, draw = time.time, random.Random(0)
    time.time = lambda: real() + draw.uniform(-3e8, 3e8)


def all_faults() -> dict[str, Callable[[], object]]:
    """The faults, by name."""
    closed = {f"stream {number} closed": (lambda number=number: _close(number)) for number in range(3)}
    return {
        **{f"at most {size} bytes a file": _limit(size) for size in LIMITS},
        **closed,
        "no permission": _forbid,
        "no home": _without_home,
        "jumping clock": _jumping_clock,
    }


def _close(number: int) -> None:
    os.close(number)
    name = ("stdin", "stdout", "stderr")[number]
    setattr(sys, name, None)  # as Python has it where the shell has closed one


@contextmanager
def file_system(place: Path) -> Iterator[Callable[[int], None]]:
    """Mount a file system of its own on a folder; only for root, or root of its own name space (Linux).

    Args:
        place: The folder.

    Yields:
        What leaves room for so many pages beside what is there.
    """
    page = os.sysconf("SC_PAGE_SIZE")
    subprocess.run(["mount", "-t", "tmpfs", "tmpfs", place], check=True)

    def leave(pages: int) -> None:
        there = os.statvfs(place)
        size = (there.f_blocks - there.f_bfree) * there.f_frsize + pages * page
        subprocess.run(["mount", "-o", f"remount,size={size}", place], check=True)

    try:
        yield leave
    finally:
        subprocess.run(["umount", "-l", place], check=True)
