"""The time that readers of other people's files take over inputs of two sizes, which should grow as the size does.

    python benchmarks/input_growth.py
    python benchmarks/input_growth.py whatsapp csv

Inputs are what parsers stumble over, repeated: line ends, quotes, brackets, marks of each format, alone and behind the
beginning of a file. A short time on a busy machine says little, so one that seems to grow too quickly is taken again at
larger sizes, until it is seconds, and each time is the least of several.
"""

import sys
import tempfile
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from fuzzing import MEMORY
from fuzzing_targets import TARGETS, Run, Target

#: Bytes of the smaller input, how many times as large the other is, the most that its time may be of the smaller
#: one's, and the seconds below which it may be anything. Sizes grow until the larger input takes the last.
SIZE, TIMES, MOST_TIMES, NO_TIME, LONG = 40_000, 4, 8.0, 0.3, 5.0
REPEATS, LARGEST = 3, 10_000_000


def _unit_texts(seeds: tuple[bytes, ...]) -> Iterator[bytes]:
    """What inputs of any size are made of: the seeds, and characters that mean something to a parser."""
    yield from seeds
    for text in "aé0 \t\n\r\0\"'`\\/<>&;,.:@-_+=*|[]{}()#\u0301\u200b\u2068\u202f":
        yield text.encode()
    for pair in (
        '""',
        "[]",
        "{}",
        '{"a":',
        "[[",
        '"a",',
        "<b>",
        "&#",
        "a\t",
        "\t\n",
        "@a",
        "a@",
        "1,",
        "1-",
        "- ",
        '"\n',
    ):
        yield pair.encode()


def _grow(names: list[str]) -> bool:
    """Compare the times that inputs of `SIZE` bytes and of `TIMES` as many take.

    Returns:
        Whether all grew in proportion.
    """
    linear = True
    for name in names:
        with tempfile.TemporaryDirectory(dir=MEMORY) as folder:
            target = TARGETS[name](Path(folder, "input"))
            worst = max(map(partial(_growth, target), _unit_texts(target.seeds)), key=lambda growth: growth[0])
        times, unit, seconds = worst
        grown = f"{times:.1f} times the time for {TIMES} times the size ({unit[:20]!r}, {seconds:.2f} s)"
        print(f"{name:<15} {grown if seconds else f'nothing of {SIZE * TIMES:,} bytes took {NO_TIME} s'}", flush=True)
        linear = linear and times < MOST_TIMES
    return linear


def _growth(target: Target, unit: bytes) -> tuple[float, bytes, float]:
    """How many times as long the larger input takes, as far as it takes long at all, behind the beginning of a seed."""
    head = target.seeds[0][: len(target.seeds[0]) // 2]
    worst = (0.0, unit, 0.0)
    for before in (b"", head):
        size, times, seconds = SIZE, MOST_TIMES, 0.0
        while times >= MOST_TIMES and seconds < LONG and size * TIMES < LARGEST:
            seconds = _seconds(target.run, before + unit * (size * TIMES // len(unit)))
            if seconds <= NO_TIME:
                break
            times, size = seconds / _seconds(target.run, before + unit * (size // len(unit))), size * TIMES
        else:
            worst = max(worst, (times, unit, seconds))
    return worst


def _seconds(run: Run, data: bytes) -> float:
    """Processor time, the least of several unless that takes long."""
    least = float("inf")
    for _ in range(REPEATS):
        began = time.process_time()
        run(data)
        least = min(least, time.process_time() - began)
        if least > LONG:
            break
    return max(least, 1e-6)


if __name__ == "__main__":
    sys.exit(not _grow(sys.argv[1:] or list(TARGETS)))
