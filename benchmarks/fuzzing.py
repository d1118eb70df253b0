"""Fuzzing of what reads other people's files: the corpus reader, each import format, the settings, the manifest, a run.

    pip install atheris
    python benchmarks/fuzzing.py                     # a million inputs for each, some hours
    python benchmarks/fuzzing.py tsv manifest --runs 100000

Each target runs in a process of its own, which libFuzzer leads to inputs that reach new code. An exception that is not
one of the program's own ends it, as does an input that takes a minute or two gigabytes; the input is kept then, in
the folder of `--keep`.
"""

import argparse
import json
import random
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

SCRIPT = Path(__file__).resolve()
LONGEST_INPUT, SECONDS, MEGABYTES = 4096, 60, 2048
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


def _fuzz(name: str, options: list[str]) -> None:
    """Be the process that fuzzes one target; libFuzzer ends it."""
    import atheris  # noqa: PLC0415  # no dependency of the project

    with tempfile.TemporaryDirectory() as folder:
        with atheris.instrument_imports(include=["chatbot"]):
            from fuzzing_targets import TARGETS  # noqa: PLC0415  # all that it imports is watched

            target = TARGETS[name](Path(folder, "input"))
        seeds = Path(folder, "seeds")
        seeds.mkdir()
        for number, seed in enumerate(target.seeds):
            (seeds / str(number)).write_bytes(seed)

        def mutate(data: bytes, most: int) -> bytes:
            return bytes(atheris.Mutate(data, most))  # another function once `Fuzz` has begun

        atheris.Setup(
            [sys.argv[0], *options, str(seeds)],
            target.run,
            custom_mutator=partial(_change, mutate) if target.is_json else None,
        )
        atheris.Fuzz()


def _run_all(names: list[str], given: argparse.Namespace) -> bool:
    """Fuzz one target after the other.

    Returns:
        Whether all of them held.
    """
    held = True
    given.keep.mkdir(parents=True, exist_ok=True)
    for name in names:
        options = [f"-runs={given.runs}", f"-seed={given.seed}", f"-max_len={LONGEST_INPUT}", f"-timeout={SECONDS}"]
        options += [f"-rss_limit_mb={MEGABYTES}", f"-artifact_prefix={given.keep}/{name}-", "-print_final_stats=1"]
        options += [f"-max_total_time={given.seconds}"] if given.seconds else []
        began = time.monotonic()
        command = [sys.executable, str(SCRIPT), "--fuzz", name, *options]
        done = subprocess.run(command, capture_output=True, text=True, errors="replace", check=False)
        found = dict(re.findall(r"stat::(\w+): +(\d+)", done.stderr))
        ending = "held" if done.returncode == 0 else f"FAILED, exit {done.returncode}"
        inputs, seconds = int(found.get("number_of_executed_units", 0)), time.monotonic() - began
        slowest, memory = found.get("slowest_unit_time_sec", "?"), found.get("peak_rss_mb", "?")
        print(
            f"{name:<15} {inputs:>9,} inputs in {seconds:5.0f} s, slowest {slowest} s, {memory} MB: {ending}",
            flush=True,
        )
        if done.returncode != 0:
            held = False
            print(done.stderr[-3000:], flush=True)
    return held


def main() -> int:
    """Run the script.

    Returns:
        The exit code.
    """
    if sys.argv[1:2] == ["--fuzz"]:
        _fuzz(sys.argv[2], sys.argv[3:])
    from fuzzing_targets import TARGETS  # noqa: PLC0415  # not in the process that fuzzes, which watches imports

    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("targets", nargs="*", help="all of them if none is named")
    parser.add_argument("--runs", type=int, default=1_000_000, help="inputs for each target")
    parser.add_argument("--seconds", type=int, help="most seconds for each target")
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
