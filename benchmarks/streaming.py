"""What a corpus costs that does not fit in memory: one ten times as large as another, side by side.

    python benchmarks/streaming.py

Makes corpora of pairs of made-up sentences in a temporary folder (0.4 GB for five million) and trains
on each with `chatbot train` for some seconds of steps. Prints the peak memory of the process, the seconds that
preparing took, reading and all, and the time of a step; then how many tokens a second the fastest steps take,
and with how many the batches come when no step is waited for.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from statistics import median
from typing import Any

from made_up import make_sentences

from chatbot.config import PRESETS, TrainingConfig
from chatbot.corpus import Sources, open_corpus
from chatbot.forecast import choose_batch_tokens

_MIB = 1 << 20
#: Batches that are made without steps, those of several shards.
_BATCHES = 2000


@dataclass(frozen=True)
class Figures:
    """What training on one corpus came to.

    Attributes:
        peak: Most memory of the process, in MiB.
        prepared: Seconds from its start to the first step.
        step: Median seconds of a step, without the first.
        fast_step: The same of the fastest tenth, which other programs disturb less.
        tokens: Of both sides in a step, on average.
    """

    peak: float
    prepared: float
    step: float
    fast_step: float
    tokens: float


def write_corpus(path: Path, pairs: int) -> None:
    """Write a corpus file."""
    sides = (make_sentences(pairs, seed) for seed in (1, 2))
    with path.open("w", encoding="utf-8") as file:
        file.writelines(f"{prompt}\t{reply}\n" for prompt, reply in zip(*sides, strict=True))


def run_chatbot(corpus: Path, seconds: float) -> Figures:
    """Train for some seconds, in a process of its own, and read its log."""
    arguments = ["train", str(corpus), "--checkpoint", str(corpus.with_suffix("")), "--max-time", f"{seconds:g}s"]
    command = [sys.executable, "-m", "chatbot", *arguments, "--json-logs", "--log-interval", "0.001s"]
    began = time.perf_counter()
    prepared, plan, steps = 0.0, dict[str, Any](), []
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        for line in process.stdout or ():
            event = json.loads(line)
            if event["event"] == "stage":
                print(f"  {time.perf_counter() - began:6.1f} s  {event['stage']}", flush=True)
            elif event["event"] == "started":
                prepared, plan = time.perf_counter() - began, event
            elif event["event"] == "step":
                steps.append(event["seconds"])
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(process.returncode)
    times = sorted(after - before for before, after in pairwise(steps))
    tokens = plan["training_tokens"] / plan["steps_per_epoch"]
    return Figures(
        usage.ru_maxrss * 1024 / _MIB, prepared, median(times), median(times[: -(-len(times) // 10)]), tokens
    )


def make_batches(corpus: Path) -> float:
    """Tokens a second of the batches alone, as training has them, in this process."""
    # TensorFlow is for this process alone.
    from chatbot.training.batches import Lessons, TrainingBatches
    from chatbot.training.beginning import begin
    from chatbot.training.shards import Dealing, tokenize_corpus

    with open_corpus(Sources([corpus], None, None, 0, corpus.parent), print) as pairs:
        start = begin(pairs, PRESETS["base"], TrainingConfig())
        dealing = Dealing(corpus.parent, 0)
        with tokenize_corpus(pairs, start, dealing, lambda _: None) as shards:
            lessons = Lessons(shards, TrainingConfig().whole_replies)
            batches = TrainingBatches(lessons, choose_batch_tokens(lessons.tokens), 0).batches(1)
            began, tokens = time.perf_counter(), 0
            for prompt, _, target, _ in (batch for batch, _ in zip(batches, range(_BATCHES), strict=False)):
                tokens += int((prompt > 0).sum() + (target > 0).sum())
            return tokens / (time.perf_counter() - began)


def make_batches_apart(corpus: Path) -> float:
    """The same in a process of its own."""
    command = [sys.executable, __file__, "--batches-of", str(corpus)]
    return float(subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout)


def main() -> None:
    """Measure each size in turn and print a table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pairs", type=int, nargs="+", default=[500_000, 5_000_000], metavar="N")
    parser.add_argument("--seconds", type=float, default=40, help="of steps")
    parser.add_argument("--batches-of", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.batches_of is not None:
        print(make_batches(options.batches_of))
        return
    names = ("pairs", "peak MiB", "prepared s", "step ms", "fastest tenth", "tokens/s", "batches alone", "ratio")
    rows = ["".join(f"{name:>15}" for name in names)]
    with tempfile.TemporaryDirectory() as folder:
        for pairs in options.pairs:
            corpus = Path(folder) / f"pairs{pairs}.tsv"
            write_corpus(corpus, pairs)
            print(f"{pairs:,} pairs, {corpus.stat().st_size / 1e6:,.0f} MB", flush=True)
            found, alone = run_chatbot(corpus, options.seconds), make_batches_apart(corpus)
            speed = found.tokens / found.fast_step
            rows.append(
                f"{pairs:>15,}{found.peak:>15,.0f}{found.prepared:>15.1f}{found.step * 1000:>15.0f}"
                f"{found.fast_step * 1000:>15.0f}{speed:>15,.0f}{alone:>15,.0f}{alone / speed:>15.1f}"
            )
            corpus.unlink()
    print("\n".join(rows))


if __name__ == "__main__":
    main()
