"""What a corpus costs that does not fit in memory: one ten times as large as another, side by side.

    python benchmarks/streaming.py

Makes corpora of pairs of made-up sentences in a temporary folder (0.4 GB for five million) and trains
on each with `chatbot train` for as many steps, at which Ctrl-C ends the run: memory grows with steps as well.
Prints the most memory that the process had until its bundle was written, and until the first step; the seconds
that preparing took, reading and all, and the time of a step; then how many tokens a second the fastest steps
take, and with how many the batches come when no step is waited for. Needs Linux, for the memory of a process.
"""

import argparse
import json
import math
import os
import re
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from functools import partial
from itertools import pairwise
from pathlib import Path
from statistics import median
from typing import Any

from made_up import make_sentences

from chatbot.config import PRESETS, TrainingConfig
from chatbot.corpus import Sources, open_corpus
from chatbot.runs.resource_forecast import choose_batch_tokens

_MIB = 1 << 20
#: Batches that are made without steps, those of several shards.
_BATCHES = 2000
#: Within which the steps must be taken. It is as much as no pass over the smaller corpus takes, so that either is
#: learned as a corpus that is seen once.
_LONGEST = "10m"


@dataclass(frozen=True)
class Figures:
    """What training on one corpus came to.

    Attributes:
        peak: Most memory of the process, in MiB.
        peak_before: The same until the first step.
        prepared: Seconds from its start to the first step.
        steps: That were taken.
        step: Median seconds of a step, without the first.
        fast_step: The same of the fastest tenth, which other programs disturb less.
        tokens: Of both sides in a step, on average.
    """

    peak: float
    peak_before: float
    prepared: float
    steps: int
    step: float
    fast_step: float
    tokens: float


def write_corpus(path: Path, pairs: int) -> None:
    """Write a corpus file."""
    sides = (make_sentences(pairs, seed) for seed in (1, 2))
    with path.open("w", encoding="utf-8") as file:
        file.writelines(f"{prompt}\t{reply}\n" for prompt, reply in zip(*sides, strict=True))


def run_chatbot(corpus: Path, steps: int, preset: str) -> Figures:
    """Train for some steps, in a process of its own, and read its log."""
    command = [sys.executable, "-m", "chatbot", "train", str(corpus), "--checkpoint", str(corpus.with_suffix(""))]
    command += ["--preset", preset, "--max-time", _LONGEST, "--json-logs", "--log-interval", "0.001s"]
    began = time.perf_counter()
    prepared, before, plan, times = 0.0, 0.0, dict[str, Any](), []
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        for line in process.stdout or ():
            event = json.loads(line)
            if event["event"] in {"stage", "started"}:
                passed, peak = time.perf_counter() - began, peak_of(process.pid)
                print(f"  {passed:6.1f} s {peak:7,.0f} MiB  {event.get('stage', 'training')}", flush=True)
            if event["event"] == "started":
                prepared, before, plan = passed, peak, event
            elif event["event"] == "step":
                times.append(event["seconds"])
                if event["step"] == steps:
                    process.terminate()  # Ctrl-C is ignored by what a script starts in the background
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode or len(times) < steps:
        raise SystemExit(f"ended with {process.returncode} after {len(times)} of {steps} steps")
    took = sorted(after - before for before, after in pairwise(times))
    tokens = plan["training_tokens"] / plan["steps_per_epoch"]
    fast = median(took[: -(-len(took) // 10)])
    return Figures(usage.ru_maxrss * 1024 / _MIB, before, prepared, len(times), median(took), fast, tokens)


def peak_of(process: int) -> float:
    """Most memory that a process has had so far, in MiB."""
    found = re.search(r"VmHWM:\s+(\d+) kB", Path(f"/proc/{process}/status").read_text())
    return int(found[1]) / 1024 if found else 0.0


def make_batches(corpus: Path) -> float:
    """Tokens a second of the batches alone, as training has them, in this process."""
    # TensorFlow is for this process alone.
    from chatbot.training.backend import setup_backend

    setup_backend()
    from chatbot.training.data.batches import TrainingBatches
    from chatbot.training.data.shuffle_shards import Sharding, tokenize_corpus
    from chatbot.training.data.training_data import TrainingData
    from chatbot.training.setup.initial_model import new_start

    with open_corpus(Sources([corpus], None, None, 0, corpus.parent), print) as pairs:
        start = new_start(pairs, PRESETS["base"], TrainingConfig())
        sharding = Sharding(corpus.parent, 0, start.config.vocabulary_size)
        objective = start.objective(pairs.topics)
        tokenize = partial(start.tokenize, objective=objective)
        with tokenize_corpus(pairs, tokenize, sharding, lambda _: None) as shards:
            training_data = TrainingData(shards, TrainingConfig().whole_replies, chosen=bool(start.known_replies))
            batches = TrainingBatches(training_data, choose_batch_tokens(training_data.tokens), 0).batches(1)
            began, tokens = time.perf_counter(), 0
            for prompt, _, target, *_ in (batch for batch, _ in zip(batches, range(_BATCHES), strict=False)):
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
    parser.add_argument("--steps", type=int, default=200, metavar="N", help="of each run, two at least")
    parser.add_argument("--preset", default="base", choices=list(PRESETS))
    parser.add_argument("--no-batches", action="store_true", help="leave out the batches alone")
    parser.add_argument("--batches-of", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.batches_of is not None:
        print(make_batches(options.batches_of))
        return
    names = ("pairs", "peak MiB", "before steps", "prepared s", "steps", "step ms", "fastest tenth", "tokens/s")
    rows = ["".join(f"{name:>15}" for name in (*names, "batches alone", "ratio"))]
    with tempfile.TemporaryDirectory() as folder:
        for pairs in options.pairs:
            corpus = Path(folder) / f"pairs{pairs}.tsv"
            write_corpus(corpus, pairs)
            print(f"{pairs:,} pairs, {corpus.stat().st_size / 1e6:,.0f} MB", flush=True)
            found = run_chatbot(corpus, options.steps, options.preset)
            speed = found.tokens / found.fast_step
            alone = make_batches_apart(corpus) if not options.no_batches else math.nan
            rows.append(
                f"{pairs:>15,}{found.peak:>15,.0f}{found.peak_before:>15,.0f}{found.prepared:>15.1f}{found.steps:>15}"
                f"{found.step * 1000:>15.0f}{found.fast_step * 1000:>15.0f}{speed:>15,.0f}{alone:>15,.0f}"
                f"{alone / speed:>15.1f}"
            )
            corpus.unlink()
    print("\n".join(rows))


if __name__ == "__main__":
    main()
