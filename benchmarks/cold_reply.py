"""Wall time and memory of a cold `chatbot reply`, beside what importing TensorFlow alone costs.

    python benchmarks/cold_reply.py --checkpoint checkpoints/dialogs

Each command is run in turn, in a process of its own, so that a busy moment of the machine
falls on all of them. Prints the median seconds and the largest memory of each.
"""

import argparse
import os
import statistics
import sys
import time
from pathlib import Path

_IMPORT = "import tensorflow"
_TYPER = "import typer"


def measure(command: list[str]) -> tuple[float, float]:
    """Run a command to its end; returns wall seconds and peak megabytes (Linux counts KiB)."""
    started = time.perf_counter()
    child = os.posix_spawn(
        command[0],
        command,
        os.environ,
        file_actions=[(os.POSIX_SPAWN_OPEN, stream, os.devnull, os.O_WRONLY, 0) for stream in (1, 2)],
    )
    _, status, usage = os.wait4(child, 0)
    seconds = time.perf_counter() - started
    if status != 0:
        raise SystemExit(f"{' '.join(command)} failed")
    return seconds, usage.ru_maxrss * 1024 / 1e6


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--checkpoint", type=Path, default=Path("checkpoints/dialogs"))
    parser.add_argument("--runs", type=int, default=10)
    options = parser.parse_args()
    python = [sys.executable, "-c"]
    chatbot = [sys.executable, "-m", "chatbot"]
    commands = {
        'chatbot reply "hello"': [*chatbot, "reply", "hello", "--checkpoint", str(options.checkpoint)],
        "chatbot --help": [*chatbot, "--help"],
        _TYPER: [*python, _TYPER],
        _IMPORT: [*python, _IMPORT],
    }
    for command in commands.values():
        measure(command)  # warms the disk
    runs = [{name: measure(command) for name, command in commands.items()} for _ in range(options.runs)]
    print(f"{'median of ' + str(options.runs):<24}{'seconds':>9}{'MB':>7}")
    for name in commands:
        seconds = statistics.median(run[name][0] for run in runs)
        megabytes = max(run[name][1] for run in runs)
        print(f"{name:<24}{seconds:>9.2f}{megabytes:>7.0f}")


if __name__ == "__main__":
    main()
