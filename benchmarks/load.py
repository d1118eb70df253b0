"""Load: many threads, many replies, a long pipe, a fork and a single core, each beside what the bot says alone.

    python benchmarks/load.py checkpoints/NAME
    python benchmarks/load.py checkpoints/NAME pipe --prompts 1000000

A small bot is best. Memory is that of the process that answers, in MB, where it is long after each tenth of the work:
200,000 replies in one process and 1,000,000 prompts in a pipe are what is promised, and take about an hour together.
"""

import argparse
import os
import resource
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import cycle, islice
from pathlib import Path

from chatbot import Chatbot

THREADS, WARM, TENTHS = 32, 1000, 10


def _memory(process: int | str = "self") -> float:
    """Resident memory of a process in MB; where the system does not say, the largest of this one."""
    try:
        for line in Path(f"/proc/{process}/status").read_text().splitlines():
            if line.startswith("VmRSS:"):
                return int(line.split()[1]) / 1024
    except OSError:
        pass
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1024 if sys.platform == "linux" else 1 << 20)


def _descriptors() -> int:
    return len(os.listdir("/dev/fd"))


def _prompts(bot: Chatbot) -> list[str]:
    known = [] if bot.index is None else [prompt for prompt, _ in bot.index.pairs()]
    return known[:500] or ["hello", "who are you?", "what is it?"]


def _threads(bot: Chatbot, prompts: list[str], count: int) -> bool:
    """The replies from many threads at once, beside those from one."""
    alone = [bot.reply(prompt).text for prompt in prompts]
    before, asked = _memory(), list(islice(cycle(range(len(prompts))), count))
    with ThreadPoolExecutor(THREADS) as pool:
        other = sum(pool.map(lambda row: bot.reply(prompts[row]).text != alone[row], asked))
    print(f"{count:,} replies from {THREADS} threads: {other:,} other than alone; {before:.0f} → {_memory():.0f} MB")
    return other == 0


def _long(bot: Chatbot, prompts: list[str], count: int) -> bool:
    """Memory and open files of a process that answers for long."""
    began, seen, tenths = time.monotonic(), (0.0, 0), list[float]()
    for number, prompt in enumerate(islice(cycle(prompts), count), 1):
        _ = bot.reply(prompt).confidence
        if number == min(WARM, count):
            seen = _memory(), _descriptors()
        if number % max(1, count // TENTHS) == 0:
            tenths.append(_memory())
    now = _memory(), _descriptors()
    took = time.monotonic() - began
    print(
        f"{count:,} replies in one process in {took:.0f} s: {seen[0]:.1f} MB and {seen[1]} files after {WARM:,},"
        f" {now[0]:.1f} MB and {now[1]} at the end; {_shown(tenths)}"
    )
    return now[0] < seen[0] + 16 and now[1] <= seen[1]


def _fork(bot: Chatbot, prompts: list[str], count: int) -> bool:
    """The replies of a process that is forked while threads answer, beside those before."""
    alone = [bot.reply(prompt).text for prompt in prompts]
    stop = threading.Event()

    def talk() -> None:
        for prompt in cycle(prompts):
            if stop.is_set():
                return
            bot.reply(prompt)

    talkers = [threading.Thread(target=talk) for _ in range(4)]
    for talker in talkers:
        talker.start()
    child = os.fork()
    if child == 0:
        rows = list(islice(cycle(range(len(prompts))), min(count, 2000)))
        same = all(bot.reply(prompts[row]).text == alone[row] for row in rows)
        os._exit(0 if same and len(bot.reply_batch(prompts)) == len(prompts) else 1)
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    stop.set()
    for talker in talkers:
        talker.join()
    print(f"a process forked while four threads answer: {'the same replies' if code == 0 else f'FAILED, {code}'}")
    return code == 0


def _shown(tenths: list[float]) -> str:
    return f"MB after each tenth: {' '.join(f'{memory:.0f}' for memory in tenths)}"


def _lines(prompts: list[str], count: int, tenth: Callable[[], None]) -> Iterator[str]:
    for number, prompt in enumerate(islice(cycle(prompts), count), 1):
        yield f"{prompt}\n"
        if number % max(1, count // TENTHS) == 0:
            tenth()


def _piped(bundle: Path, prompts: list[str], count: int, cores: set[int] | None) -> bool:
    """The lines, the time and the largest memory of `chatbot reply` behind a pipe."""
    tenths: list[float] = []
    began, name = time.monotonic(), f"a pipe of {count:,} prompts{' on one core' if cores else ''}"
    with tempfile.TemporaryFile("w+", encoding="utf-8") as out:
        command = [sys.executable, "-m", "chatbot", "reply", "--checkpoint", str(bundle)]
        process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=out, text=True, encoding="utf-8")
        if cores:
            os.sched_setaffinity(process.pid, cores)
        assert process.stdin is not None
        process.stdin.writelines(_lines(prompts, count, lambda: tenths.append(_memory(process.pid))))
        process.stdin.close()
        _, status, used = os.wait4(process.pid, 0)
        out.seek(0)
        answered = sum(1 for _ in out)
    process.returncode = os.waitstatus_to_exitcode(status)
    took = time.monotonic() - began
    memory = used.ru_maxrss / (1024 if sys.platform == "linux" else 1 << 20)
    print(
        f"{name}: {answered:,} replies in {took:.0f} s, {memory:.0f} MB at most, exit code {process.returncode};"
        f" {_shown(tenths)}"
    )
    return process.returncode == 0 and answered == count


def main() -> int:
    """Run the script.

    Returns:
        The exit code.
    """
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("bundle", type=Path)
    parser.add_argument("parts", nargs="*", help="threads, long, fork, pipe, core; all if none is named")
    parser.add_argument("--prompts", type=int, help="number of them (default: as the names of the parts promise)")
    given = parser.parse_args()
    bot = Chatbot.load(given.bundle)
    prompts = _prompts(bot)
    parts: dict[str, tuple[int, Callable[[int], bool]]] = {
        "threads": (10_000, lambda count: _threads(bot, prompts, count)),
        "long": (200_000, lambda count: _long(bot, prompts, count)),
        "fork": (2_000, lambda count: _fork(bot, prompts, count)),
        "pipe": (1_000_000, lambda count: _piped(given.bundle, prompts, count, None)),
    }
    if hasattr(os, "sched_setaffinity"):
        first = {min(os.sched_getaffinity(0))}
        parts["core"] = (20_000, lambda count: _piped(given.bundle, prompts, count, first))
    unknown = [name for name in given.parts if name not in parts]
    if unknown:
        parser.error(f"no such part: {', '.join(unknown)}; there are {', '.join(parts)}")
    held = [parts[name][1](given.prompts or parts[name][0]) for name in given.parts or parts]
    return 0 if all(held) else 1


if __name__ == "__main__":
    sys.exit(main())
