"""Fuzzing of what reads other people's files: the corpus reader, each import format, the settings, the manifest, a run.

    pip install atheris
    python benchmarks/fuzzing.py                     # a million inputs for each, some hours
    python benchmarks/fuzzing.py tsv manifest --runs 100000

Each target runs in processes of its own. libFuzzer leads the first to inputs that reach new code; it reads a fifth of
all. The second changes what was found so, without looking where that leads, which is three times as fast. An exception
that is not one of the program's own ends them, as does an input that takes a minute or two gigabytes; the input is kept
then, in the folder of `--keep`. Inputs are files in memory where the system has a place for such (`/dev/shm`): on a
disk, cutting and writing the file took ten times as long as reading it.
"""

import argparse
import gc
import json
import os
import random
import re
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

SCRIPT = Path(__file__).resolve()
SECONDS, MEGABYTES = 60, 2048
#: The share of inputs that coverage leads.
LED = 0.2
#: A folder in memory; None where there is none, for the usual one.
MEMORY = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
#: Keep what is freed: the readers' buffers of a megabyte would otherwise be mapped anew for each input (glibc).
MALLOC = {"MALLOC_MMAP_THRESHOLD_": str(1 << 27), "MALLOC_TRIM_THRESHOLD_": str(1 << 27)}
NASTY: list[Any] = [
    *(None, True, -1, 0, 1, 2**31, 2**64, 10**400, 1e308, float("nan"), float("-inf"), "", "x" * 2000, "../../x"),
    *("\x1b[2J", "\0", "\ud800", [], {}, [[]], {"a": {}}, ["a"] * 50),
]


def _change(mutate: Callable[[bytes, int], bytes], data: bytes, most: int, seed: int) -> bytes:
    """Another input: one value of the JSON is another, moved or gone; or else some bytes are."""
    draw = random.Random(seed)
    try:
        value = json.loads(data) if draw.random() < 0.5 else None
        places = list(_places(value))
    except (ValueError, RecursionError):
        places = []
    if not places:
        return mutate(data, most)
    holder, key = draw.choice(places)
    what = draw.randrange(4)
    if what == 0:
        del holder[key]
    elif what == 1:
        other, name = draw.choice(places)
        holder[key] = json.loads(json.dumps(other[name])) if other is not holder else draw.choice(NASTY)
    else:
        holder[key] = draw.choice(NASTY)
    changed = json.dumps(value).encode()
    return changed if len(changed) <= most else mutate(data, most)


def _places(value: Any) -> Iterator[tuple[Any, Any]]:
    """Each container of a JSON value with each of its keys."""
    if isinstance(value, dict | list):
        for key in list(value) if isinstance(value, dict) else range(len(value)):
            yield value, key
            yield from _places(value[key])


def _fuzz(name: str, found: Path, options: list[str]) -> None:
    """Be the process that fuzzes one target; libFuzzer ends it.

    Args:
        name: Of the target.
        found: Folder of inputs to begin with; if it is empty, coverage leads to more, which are put there.
        options: Of libFuzzer.
    """
    import atheris  # noqa: PLC0415  # no dependency of the project

    led = not any(found.iterdir())
    with tempfile.TemporaryDirectory(dir=found.parent) as folder:  # which libFuzzer's end leaves to the parent
        with atheris.instrument_imports(include=["chatbot"] if led else ["nothing"]):
            from fuzzing_targets import TARGETS  # noqa: PLC0415  # all that it imports is watched

            target = TARGETS[name](Path(folder, "input"))
        for number, seed in enumerate(target.seeds if led else ()):
            (found / str(number)).write_bytes(seed)

        def mutate(data: bytes, most: int) -> bytes:
            return bytes(atheris.Mutate(data, most))  # another function once `Fuzz` has begun

        atheris.Setup(
            [sys.argv[0], *options, "-keep_seed=1", str(found)],
            target.run,
            custom_mutator=partial(_change, mutate) if target.is_json else None,
        )
        gc.freeze()  # what is imported is looked through no more
        atheris.Fuzz()


@dataclass
class Tally:
    """What came of the processes of a target.

    Attributes:
        inputs: How many were read.
        seconds: Processor time.
        slowest: Seconds of the slowest input, as libFuzzer rounds them.
        memory: Largest, in MB.
        error: What a process said that failed.
    """

    inputs: int = 0
    seconds: float = 0.0
    slowest: int = 0
    memory: int = 0
    error: str = ""

    def run(self, command: list[str]) -> None:
        """Let a process fuzz, and add what it tells."""
        with tempfile.TemporaryFile("w+", errors="replace") as said:
            process = subprocess.Popen(command, stdout=said, stderr=said, env=os.environ | MALLOC)
            _, status, used = os.wait4(process.pid, 0)
            process.returncode = os.waitstatus_to_exitcode(status)
            said.seek(0)
            text = said.read()
        found = {key: int(value) for key, value in re.findall(r"stat::(\w+): +(\d+)", text)}
        self.inputs += found.get("number_of_executed_units", 0)
        self.seconds += used.ru_utime + used.ru_stime
        self.slowest = max(self.slowest, found.get("slowest_unit_time_sec", 0))
        self.memory = max(self.memory, found.get("peak_rss_mb", 0))
        self.error = "" if process.returncode == 0 else f"exit {process.returncode}: {text[-3000:]}"


def _run_all(names: list[str], given: argparse.Namespace) -> bool:
    """Fuzz one target after the other.

    Returns:
        Whether all of them held.
    """
    held = True
    given.keep.mkdir(parents=True, exist_ok=True)
    for name in names:
        options = [f"-seed={given.seed}", f"-max_len={given.longest}", f"-timeout={SECONDS}"]
        options += [f"-rss_limit_mb={MEGABYTES}", f"-artifact_prefix={given.keep}/{name}-", "-print_final_stats=1"]
        tally = Tally()
        with tempfile.TemporaryDirectory(dir=MEMORY) as folder:
            found = Path(folder, "found")
            found.mkdir()
            for share in (LED, 1 - LED):
                limits = [f"-runs={round(given.runs * share)}"]
                limits += [f"-max_total_time={round(given.seconds * share)}"] if given.seconds else []
                if not tally.error:
                    tally.run([sys.executable, str(SCRIPT), "--fuzz", name, str(found), *options, *limits])
        print(
            f"{name:<15} {tally.inputs:>9,} inputs in {tally.seconds:5.0f} s of the processor,"
            f" slowest {tally.slowest} s, {tally.memory} MB: {tally.error or 'held'}",
            flush=True,
        )
        held = held and not tally.error
    return held


def main() -> int:
    """Run the script.

    Returns:
        The exit code.
    """
    if sys.argv[1:2] == ["--fuzz"]:
        _fuzz(sys.argv[2], Path(sys.argv[3]), sys.argv[4:])
    from fuzzing_targets import TARGETS  # noqa: PLC0415  # not in the process that fuzzes, which watches imports

    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("targets", nargs="*", help="all of them if none is named")
    parser.add_argument("--runs", type=int, default=1_000_000, help="inputs for each target")
    parser.add_argument("--seconds", type=int, help="most seconds for each target, without its start")
    parser.add_argument("--longest", type=int, default=4096, help="bytes of an input at most")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--keep", type=Path, default=Path(tempfile.gettempdir(), "chatbot-fuzzing"))
    given = parser.parse_args()

    unknown = [name for name in given.targets if name not in TARGETS]
    if unknown:
        parser.error(f"no such target: {', '.join(unknown)}; there are {', '.join(TARGETS)}")
    names = given.targets or list(TARGETS)
    return 0 if _run_all(names, given) else 1


if __name__ == "__main__":
    sys.exit(main())
