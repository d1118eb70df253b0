"""Right answers by phrasings: bots of a few prompts an answer, beside the simple things that they must beat.

    python benchmarks/phrasings.py DATA/banking.train.tsv DATA/banking.test.tsv
    python benchmarks/phrasings.py faq.tsv faq.test.tsv --per-reply 3 5 --seeds 0 --jobs 8 --threads 2
    python benchmarks/phrasings.py DATA/bakery.train.tsv --leave-out
    python benchmarks/phrasings.py faq.tsv faq.test.tsv --option=--vectors --option=vectors.txt

Of each reply so many prompts are drawn at random (0 takes all of them), a bot is trained on them with default options,
and the test file is asked of it. With --leave-out nothing is drawn and there is no test file: one prompt of each reply
is left out in turn, so that each prompt is asked once of a bot that has not seen it. Beside the bot stand the reply to
the nearest prompt, that of the nearest centroid, and, where scikit-learn is installed, a linear support vector machine
over TF-IDF of words and characters, with no tuning.
Prints a JSON line for each bot, and a table of the means over the seeds.
"""

import argparse
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from statistics import mean
from typing import Any, NamedTuple

from chatbot.corpus import Pair, load_pairs

try:
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.pipeline import make_pipeline, make_union
    from sklearn.svm import LinearSVC
except ImportError:  # it is not a requirement of the program
    TfidfVectorizer = None

_CHATBOT = (sys.executable, "-m", "chatbot")
COLUMNS = ("bot", "svm", "neighbour", "centroid")


class _Run(NamedTuple):
    """A training and its test; the seed is the turn where a prompt of each reply is left out."""

    size: int
    seed: int
    pairs: Sequence[Pair]
    tests: Sequence[Pair]


def draw(pairs: Sequence[Pair], per_reply: int, seed: int) -> list[Pair]:
    """So many prompts of each reply, at random; all of them for 0."""
    by_reply: dict[str, list[Pair]] = defaultdict(list)
    for pair in pairs:
        by_reply[pair.reply].append(pair)
    rng = random.Random(seed)
    shuffled = (rng.sample(by_reply[reply], len(by_reply[reply])) for reply in sorted(by_reply))
    drawn = [pair for prompts in shuffled for pair in prompts[: per_reply or None]]
    rng.shuffle(drawn)
    return drawn


def leave_out(pairs: Sequence[Pair]) -> Iterator[tuple[list[Pair], list[Pair]]]:
    """Training and test pairs: the first prompt of each reply is left out, then the second, as far as the most go."""
    by_reply: dict[str, list[Pair]] = defaultdict(list)
    for pair in pairs:
        by_reply[pair.reply].append(pair)
    for turn in range(max(map(len, by_reply.values()))):
        left = {found[turn] for found in by_reply.values() if turn < len(found)}
        yield [pair for pair in pairs if pair not in left], [pair for pair in pairs if pair in left]


def _write(pairs: Sequence[Pair], path: Path) -> None:
    path.write_text("".join(f"{pair.prompt}\t{pair.reply}\n" for pair in pairs), encoding="utf-8")


def ask_bot(pairs: Sequence[Pair], tests: Sequence[Pair], threads: int, options: Sequence[str]) -> dict[str, float]:
    """What `chatbot evaluate` says of a bot that `chatbot train` made of pairs, and the seconds of its training."""
    environment = os.environ | {"OMP_NUM_THREADS": str(threads)}
    with tempfile.TemporaryDirectory() as name:
        corpus, test, bot = Path(name) / "drawn.tsv", Path(name) / "test.tsv", Path(name) / "bot"
        _write(pairs, corpus)
        _write(tests, test)
        command = [*_CHATBOT, "train", str(corpus), "--checkpoint", str(bot), *options]
        began = time.perf_counter()
        training = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL)
        _, status, used = os.wait4(training.pid, 0)
        seconds = time.perf_counter() - began
        if status:
            sys.exit(f"{' '.join(command)} failed")
        command = [*_CHATBOT, "evaluate", str(test), "--checkpoint", str(bot), "--json"]
        found = json.loads(subprocess.run(command, env=environment, check=True, capture_output=True).stdout)
    return {
        "seconds": round(seconds, 1),
        "processor_seconds": round(used.ru_utime + used.ru_stime, 1),
        "bot": found["right"],
        "neighbour": found["nearest_neighbour"]["right"],
        "centroid": found["nearest_centroid"]["right"],
    }


def ask_machine(pairs: Sequence[Pair], tests: Sequence[Pair]) -> float | None:
    """The share of right replies of a linear support vector machine; None without scikit-learn."""
    if TfidfVectorizer is None:
        return None
    right = defaultdict(set)
    for pair in tests:
        right[pair.prompt].add(pair.reply)
    words = TfidfVectorizer(sublinear_tf=True, ngram_range=(1, 2), token_pattern=r"(?u)\b\w+\b")
    characters = TfidfVectorizer(sublinear_tf=True, ngram_range=(2, 5), analyzer="char_wb")
    machine = make_pipeline(make_union(words, characters), LinearSVC())
    machine.fit([pair.prompt for pair in pairs], [pair.reply for pair in pairs])
    replies = machine.predict(list(right))
    return sum(reply in accepted for reply, accepted in zip(replies, right.values(), strict=True)) / len(right)


def table(lines: Sequence[Mapping[str, Any]]) -> str:
    """The means over the seeds as a Markdown table."""
    rows = ["| phrasings | pairs | " + " | ".join(COLUMNS) + " | seconds |", "|---" * (len(COLUMNS) + 3) + "|"]
    for size in dict.fromkeys(line["per_reply"] for line in lines):
        of_size = [line for line in lines if line["per_reply"] == size]
        shares = ([line[name] for line in of_size if line[name] is not None] for name in COLUMNS)
        cells = [f"{100 * mean(found):.1f} %" if found else "–" for found in shares]
        seconds = mean(line["seconds"] for line in of_size)
        rows.append(f"| {size or 'all'} | {of_size[0]['pairs']:,} | {' | '.join(cells)} | {seconds:.0f} |")
    return "\n".join(rows)


def _measure(run: _Run, asked: argparse.Namespace) -> dict[str, Any]:
    pairs, tests = run.pairs, run.tests
    line: dict[str, Any] = {"per_reply": run.size, "seed": run.seed, "pairs": len(pairs)}
    line |= {"prompts": len({pair.prompt for pair in tests}), "svm": ask_machine(pairs, tests)}
    line |= ask_bot(pairs, tests, asked.threads, asked.option)
    print(json.dumps(line), flush=True)
    return line


def main() -> None:
    """Measure what the command line asks for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("train", type=Path)
    parser.add_argument("test", type=Path, nargs="?")
    parser.add_argument("--leave-out", action="store_true")
    parser.add_argument("--per-reply", type=int, nargs="+", default=[3, 5, 10, 20, 0])
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--option", action="append", default=[], help="another word of the command line of train")
    asked = parser.parse_args()
    if asked.leave_out == (asked.test is not None):
        parser.error("give a test file or --leave-out")

    def load(path: Path) -> list[Pair]:
        return load_pairs(path, lambda problem: sys.exit(str(problem)))

    pairs = load(asked.train)
    if asked.leave_out:
        runs = [_Run(0, turn, *parts) for turn, parts in enumerate(leave_out(pairs))]
    else:
        tests = load(asked.test)
        drawings = ((size, seed) for size in asked.per_reply for seed in (asked.seeds if size else asked.seeds[:1]))
        runs = [_Run(size, seed, draw(pairs, size, seed), tests) for size, seed in drawings]
    with ThreadPoolExecutor(asked.jobs) as pool:
        print(table(list(pool.map(lambda run: _measure(run, asked), runs))))


if __name__ == "__main__":
    main()
