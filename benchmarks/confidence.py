"""How well a bot's confidence tells its own kind of prompts from foreign ones.

    python benchmarks/confidence.py chitchat.test.tsv dailydialog.valid.tsv --checkpoint bot

Prints the AUROC between the prompts of two files, the chance that one of the first has more
confidence than one of the second (Fawcett 2006, "An introduction to ROC analysis", section 7), and
the share of each that falls below the bot's own threshold and would get the fallback.
"""

import argparse
import sys
from pathlib import Path

import numpy as np
import numpy.typing as npt

from chatbot import Chatbot
from chatbot.corpus import read_pairs

Floats = npt.NDArray[np.float64]


def area_under_roc(higher: Floats, lower: Floats) -> float:
    """The chance that one of `higher` is above one of `lower`, where equal ones count as half."""
    ordered = np.sort(lower)
    below = np.searchsorted(ordered, higher, "left") + np.searchsorted(ordered, higher, "right")
    return float(below.mean() / 2 / len(lower))


def confidences(bot: Chatbot, path: Path) -> Floats:
    """Of the replies to the distinct prompts of a file."""
    pairs = read_pairs(path, lambda problem: print(problem, file=sys.stderr))
    prompts = list(dict.fromkeys(pair.prompt for pair in pairs))
    return np.array([reply.confidence for reply in bot.reply_batch(prompts)], np.float64)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("known", type=Path)
    parser.add_argument("foreign", type=Path)
    parser.add_argument("--checkpoint", type=Path, required=True)
    options = parser.parse_args()
    bot = Chatbot.load(options.checkpoint)
    if bot.fallback_threshold is None:
        raise SystemExit("the bot has no calibration")
    found = {path: confidences(bot, path) for path in (options.known, options.foreign)}
    print(f"AUROC {area_under_roc(found[options.known], found[options.foreign]):.3f}")
    for path, values in found.items():
        share = float((values < bot.fallback_threshold).mean())
        print(f"{path.name}: {len(values):,} prompts, {share:.1%} below {bot.fallback_threshold:.3g}")


if __name__ == "__main__":
    main()
