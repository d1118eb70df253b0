"""How well a bot's confidence tells its own kind of prompts from foreign ones, and right replies from wrong ones.

    python benchmarks/outside.py banking.test.tsv dailydialog.valid.tsv chitchat.test.tsv --checkpoint bot

The first file has pairs of the bot's own kind that it was not trained on, the others what is outside for it. For each
of these the AUROC, the chance that a prompt of the first file has more confidence than one of theirs, and the share
that gets the fallback by the bot's own threshold. Of the first file the same between right and wrong replies, the
shares of both that get the fallback, and the calibration error; and confidence, right replies and fallbacks by the
length of the prompt.
"""

import argparse
import sys
from pathlib import Path

import numpy as np
import numpy.typing as npt

from chatbot import Chatbot
from chatbot.bot.grading import AnswerKey
from chatbot.bot.risk_curve import area_under_roc
from chatbot.corpus import load_topics, read_pairs
from chatbot.metrics import calibration_error

Floats = npt.NDArray[np.float64]

#: Words of the longest prompts of each row, but for the last.
_LENGTHS = (3, 6, 9, 14)


def show_problem(problem: object) -> None:
    """Say which line is skipped."""
    print(problem, file=sys.stderr)


def confidences(bot: Chatbot, prompts: list[str]) -> tuple[Floats, list[str]]:
    """The confidence of the reply to each prompt, and its text."""
    replies = bot.reply_batch(prompts)
    return np.array([reply.confidence for reply in replies], np.float64), [reply.text for reply in replies]


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("known", type=Path)
    parser.add_argument("foreign", type=Path, nargs="+")
    parser.add_argument("--checkpoint", type=Path, required=True)
    parser.add_argument("--most", type=int, default=2000, help="prompts of each file, evenly spread")
    options = parser.parse_args()
    bot = Chatbot.load(options.checkpoint)
    threshold = bot.fallback_threshold
    if threshold is None:
        raise SystemExit("the bot has no calibration")
    key = AnswerKey.of(*load_topics(options.known, show_problem))
    prompts = list(key.recorded)[:: -(-len(key.recorded) // options.most)]
    own, texts = confidences(bot, prompts)
    right = np.array(list(map(key.is_right, prompts, texts)))
    print(f"{options.known.name}: {len(own):,} prompts, {right.mean():.1%} right; threshold {threshold:.3g}")
    print(
        f"  fallback: {(own[right] < threshold).mean():.1%} of the right replies,"
        f" {(own[~right] < threshold).mean():.1%} of the wrong ones;"
        f" right against wrong: AUROC {area_under_roc(own[right], own[~right]):.3f}"
    )
    print(f"  calibration error {calibration_error(own.tolist(), right.tolist()):.1%}")
    words = np.array([len(prompt.split()) for prompt in prompts])
    for least, most in zip((0, *_LENGTHS), (*_LENGTHS, 10**6), strict=True):
        rows = (words > least) & (words <= most)
        if rows.any():
            print(
                f"  more than {least} words: {rows.sum():,} prompts, {right[rows].mean():.1%} right,"
                f" confidence {own[rows].mean():.1%}, fallback {(own[rows] < threshold).mean():.1%}"
            )
    for path in options.foreign:
        asked = list(dict.fromkeys(pair.prompt for pair in read_pairs(path, show_problem)))
        foreign, _ = confidences(bot, asked[:: -(-len(asked) // options.most)])
        caught = (foreign < threshold).mean()
        print(f"{path.name}: {len(foreign):,} prompts, AUROC {area_under_roc(own, foreign):.3f}, fallback {caught:.1%}")


if __name__ == "__main__":
    main()
