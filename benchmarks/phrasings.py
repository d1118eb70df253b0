"""Right answers by phrasings: bots of a few prompts an answer, beside the simple things that they must beat.

    python benchmarks/phrasings.py DATA/banking.train.tsv DATA/banking.test.tsv
    python benchmarks/phrasings.py faq.tsv faq.test.tsv --per-reply 3 5 --seeds 0 --jobs 8 --threads 2

Of each reply so many prompts are drawn at random (0 takes all of them), a bot is trained on them with default options,
and the test file is asked of it. Beside it stand the reply to the nearest prompt, that of the nearest centroid, and,
where scikit-learn is installed, a linear support vector machine over TF-IDF of words and characters, with no tuning.
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
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from statistics import mean
from typing import Any

from chatbot.corpus import Pair, load_pairs

try:
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.pipeline import make_pipeline, make_union
    from sklearn.svm import LinearSVC
except ImportError:  # it is not a requirement of the program
    TfidfVectorizer = None

_CHATBOT = (sys.executable, "-m", "chatbot")
COLUMNS = ("bot", "svm", "neighbour", "centroid")


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


def ask_bot(pairs: Sequence[Pair], test: Path, threads: int) -> dict[str, float]:
    """What `chatbot evaluate` says of a bot that `chatbot train` made of pairs, and the seconds of its training."""
    environment = os.environ | {"OMP_NUM_THREADS": str(threads)}
    with tempfile.TemporaryDirectory() as name:
        corpus, bot = Path(name) / "drawn.tsv", Path(name) / "bot"
        corpus.write_text("".join(f"{pair.prompt}\t{pair.reply}\n" for pair in pairs), encoding="utf-8")
        command = [*_CHATBOT, "train", str(corpus), "--checkpoint", str(bot)]
        began = time.perf_counter()
        subprocess.run(command, env=environment, check=True, stdout=subprocess.DEVNULL)
        seconds = time.perf_counter() - began
        command = [*_CHATBOT, "evaluate", str(test), "--checkpoint", str(bot), "--json"]
        found = json.loads(subprocess.run(command, env=environment, check=True, capture_output=True).stdout)
    return {
        "seconds": round(seconds, 1),
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


def main() -> None:
    """Measure what the command line asks for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("train", type=Path)
    parser.add_argument("test", type=Path)
    parser.add_argument("--per-reply", type=int, nargs="+", default=[3, 5, 10, 20, 0])
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--threads", type=int, default=2)
    options = parser.parse_args()
    pairs, tests = (load_pairs(path, lambda problem: sys.exit(str(problem))) for path in (options.train, options.test))

    def measure(size: int, seed: int) -> dict[str, Any]:
        drawn = draw(pairs, size, seed)
        line = {"per_reply": size, "seed": seed, "pairs": len(drawn), "svm": ask_machine(drawn, tests)}
        line |= ask_bot(drawn, options.test, options.threads)
        print(json.dumps(line), flush=True)
        return line

    asked = [(size, seed) for size in options.per_reply for seed in (options.seeds if size else options.seeds[:1])]
    with ThreadPoolExecutor(options.jobs) as pool:
        print(table(list(pool.map(measure, *zip(*asked, strict=True)))))


if __name__ == "__main__":
    main()
