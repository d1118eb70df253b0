"""How honest the confidence of small bots is: the calibration error over many of them, pooled.

    python benchmarks/calibration.py bakery.tsv --folds 4
    python benchmarks/calibration.py banking.train.tsv --test banking.test.tsv --answers 30 --phrasings 4 --draws 5

With `--folds` each bot is trained without one phrasing of each answer, in the order of the file, and asked those. Else
each is trained on so many phrasings of so many answers, drawn at random, and asked up to 300 prompts of the test file
with these answers. A few prompts show an error even where the confidence is perfect; how much is beside it. Options of
`chatbot train` may follow `--`.
"""

import argparse
import random
import subprocess
import sys
import tempfile
from collections import defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from chatbot import Chatbot
from chatbot.corpus import Pair, read_pairs
from chatbot.metrics import calibration_error

#: Prompts that a bot is asked at most, and perfect confidences that are drawn.
_MOST, _PERFECT = 300, 200

Cut = tuple[list[Pair], list[Pair]]


def show_problem(problem: object) -> None:
    """Say which line is skipped."""
    print(problem, file=sys.stderr)


def by_answer(path: Path) -> dict[str, list[Pair]]:
    """The pairs of a file by their replies."""
    found = defaultdict(list)
    for pair in read_pairs(path, show_problem):
        found[pair.reply].append(pair)
    return found


def leave_out(pairs: dict[str, list[Pair]], folds: int) -> Iterator[Cut]:
    """Training and test pairs of each fold."""
    for fold in range(folds):
        numbered = [(number % folds, pair) for theirs in pairs.values() for number, pair in enumerate(theirs)]
        yield [pair for place, pair in numbered if place != fold], [pair for place, pair in numbered if place == fold]


def draw(pairs: dict[str, list[Pair]], tests: dict[str, list[Pair]], options: argparse.Namespace) -> Iterator[Cut]:
    """Training and test pairs of each drawing."""
    enough = sorted(reply for reply, theirs in pairs.items() if len(theirs) >= options.phrasings and reply in tests)
    for number in range(options.draws):
        rng = random.Random(number)
        answers = rng.sample(enough, min(options.answers, len(enough)))
        asked = [pair for reply in answers for pair in tests[reply]]
        train = [pair for reply in answers for pair in rng.sample(pairs[reply], options.phrasings)]
        yield train, rng.sample(asked, min(_MOST, len(asked)))


def ask(folder: Path, cut: Cut, more: Sequence[str]) -> tuple[list[float], list[bool], float | None]:
    """Train a bot; the confidence of each reply, whether it is right, and the bot's threshold."""
    train, test = cut
    corpus, checkpoint = folder / "corpus.tsv", folder / "bot"
    corpus.write_text("".join(f"{prompt}\t{reply}\n" for prompt, reply in train), encoding="utf-8")
    command = [sys.executable, "-m", "chatbot", "train", str(corpus), "--checkpoint", str(checkpoint), *more]
    subprocess.run(command, check=True, capture_output=True)
    bot = Chatbot.load(checkpoint)
    replies = bot.reply_batch([pair.prompt for pair in test])
    right = [reply.text == pair.reply for reply, pair in zip(replies, test, strict=True)]
    return [reply.confidence or 0.0 for reply in replies], right, bot.fallback_threshold


def describe(confidences: list[float], right: list[bool]) -> str:
    """The calibration error of some replies, and that of a perfect confidence."""
    sure, rng = np.array(confidences), np.random.default_rng(0)
    perfect = [calibration_error(confidences, (rng.random(len(sure)) < sure).tolist()) for _ in range(_PERFECT)]
    return (
        f"{len(sure):,} prompts, {np.mean(right):.1%} right, confidence {sure.mean():.1%},"
        f" calibration error {calibration_error(confidences, right):.1%}, of a perfect one {np.mean(perfect):.1%}"
    )


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("corpus", type=Path)
    parser.add_argument("--test", type=Path)
    parser.add_argument("--folds", type=int)
    parser.add_argument("--answers", type=int, default=30)
    parser.add_argument("--phrasings", type=int, default=4)
    parser.add_argument("--draws", type=int, default=5)
    parser.add_argument("train_options", nargs="*", metavar="-- OPTION")
    options = parser.parse_args()
    if (options.folds is None) == (options.test is None):
        parser.error("give --folds or --test")
    pairs = by_answer(options.corpus)
    cuts = leave_out(pairs, options.folds) if options.test is None else draw(pairs, by_answer(options.test), options)
    pooled: tuple[list[float], list[bool]] = [], []
    for number, cut in enumerate(cuts, 1):
        with tempfile.TemporaryDirectory() as folder:
            confidences, right, threshold = ask(Path(folder), cut, options.train_options)
        print(f"{number}: threshold {threshold:.3f}; {describe(confidences, right)}", flush=True)
        pooled[0].extend(confidences)
        pooled[1].extend(right)
    print(f"pooled: {describe(*pooled)}")


if __name__ == "__main__":
    main()
