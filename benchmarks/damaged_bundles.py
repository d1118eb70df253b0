"""Damaged bundles: how the program takes each of thousands, most of them with checksums made right again.

    python benchmarks/damaged_bundles.py checkpoints/NAME --count 2000

Every case is a copy of a bundle with one damage, opened by `chatbot reply`, `explain` or `info` with `--json` in a
process of its own. A small bundle with known replies and an index is best, for it has every file. The same seed makes
the same damage. Answering does not read the Keras model, so damage to it with right checksums is not refused here.
"""

import argparse
import collections
import json
import os
import random
import resource
import shutil
import signal
import sys
import tempfile
import time
from pathlib import Path

from bundle_damage import KINDS, damage
from forked_program import FAULT, start

from chatbot.bot import chatbot  # noqa: F401  # so that the processes of the cases need not import it

PROMPT = "hello"
#: Most often the one that answers.
COMMANDS = (*(["reply", PROMPT],) * 6, ["explain", PROMPT], ["explain", PROMPT, "--beam", "3"], ["info"])
SECONDS, MOST_MEMORY, LONGEST_LINE = 120, 300, 600


def _limit() -> None:
    """End the process where it hangs, and keep no image of it where it crashes."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    signal.alarm(SECONDS)


def _answer(command: list[str], place: Path, work: Path) -> tuple[str, str, int]:
    """Let a process of its own run a command.

    Returns:
        The outcome, what was said of it, and the largest memory in MB.
    """
    out, err = work / "out", work / "err"
    where = [str(place)] if command == ["info"] else ["--checkpoint", str(place)]
    child = start([*command, "--json", *where], (out, err), _limit)
    _, status, used = os.wait4(child, 0)
    memory = used.ru_maxrss // (1024 if sys.platform == "linux" else 1 << 20)
    said = err.read_text(errors="replace")
    if os.WIFSIGNALED(status):
        number = os.WTERMSIG(status)
        return ("hangs" if number == signal.SIGALRM else f"crash ({signal.Signals(number).name})"), said, memory
    code = os.WEXITSTATUS(status)
    if code == FAULT or "Traceback" in said or "fault of chatbot" in said:
        return "fault", said, memory
    if code == 0:
        return f"answers{_oddly(out.read_text())}", out.read_text(), memory
    if code == 1 and said.count("\n") == 1 and len(said) <= LONGEST_LINE:
        return "one clean line, exit 1", said, memory
    return "refused, but not in one short line", said, memory


def _oddly(written: str) -> str:
    try:
        json.loads(written, parse_constant=lambda _: 1 / 0)
    except (ValueError, ZeroDivisionError):
        return ", not in JSON"
    return ""


def _run(source: Path, count: int, seed: int, show: int) -> bool:
    names, weights = list(KINDS), [kind[0] for kind in KINDS.values()]
    table: dict[str, collections.Counter[str]] = {name: collections.Counter() for name in names}
    most, began, bad = 0, time.monotonic(), False
    for number in range(count):
        draw = random.Random(f"{seed} {number}")
        kind = draw.choices(names, weights)[0]
        with tempfile.TemporaryDirectory() as folder:
            place = Path(shutil.copytree(source, Path(folder) / "bot"))
            damage(draw, kind, place)
            outcome, said, memory = _answer(draw.choice(COMMANDS), place, Path(folder))
        most = max(most, memory)
        outcome = f"{outcome}, over {MOST_MEMORY} MB" if memory > MOST_MEMORY else outcome
        table[kind][outcome] += 1
        if outcome not in {"answers", "one clean line, exit 1"}:
            bad = True
            if show > 0:
                print(f"case {number}, {kind}: {outcome} ({memory} MB): {said[-300:]!r}", flush=True)
                show -= 1
    for kind, outcomes in table.items():
        print(
            f"{kind} ({sum(outcomes.values()):,}): " + "; ".join(f"{n:,} {what}" for what, n in outcomes.most_common())
        )
    print(f"{count:,} bundles in {time.monotonic() - began:.0f} s, at most {most} MB")
    return not bad


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("bundle", type=Path)
    parser.add_argument("--count", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--show", type=int, default=20, help="bad cases that are printed")
    given = parser.parse_args()
    sys.exit(not _run(given.bundle, given.count, given.seed, given.show))
