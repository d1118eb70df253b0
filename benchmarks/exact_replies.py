"""How often a bot gives a recorded reply to prompts that it was never trained on.

    chatbot train TRAIN.tsv --checkpoint checkpoints/bot
    python benchmarks/exact_replies.py TRAIN.tsv TEST.tsv --checkpoint checkpoints/bot

Without TEST, the pairs that the run held out for validation are drawn again from the seed and
the share in the manifest. A reply counts when it is recorded for the prompt, letter by letter. Beside the
bot stands the nearest neighbour among the training prompts (TF-IDF over characters 2 to 4).
"""

import argparse
import sys
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

from chatbot import Chatbot
from chatbot.bot.index.nearest_neighbour import NearestNeighbour
from chatbot.bundle import Bundle
from chatbot.config import TrainingConfig
from chatbot.corpus import Pair, read_pairs, split_by_prompt


def exact(held_out: Sequence[Pair], replies: Sequence[str]) -> float:
    """Share of the distinct prompts that got one of their recorded replies."""
    recorded = defaultdict(set)
    for prompt, reply in held_out:
        recorded[prompt].add(reply)
    said = {pair.prompt: reply for pair, reply in zip(held_out, replies, strict=True)}
    return sum(reply in recorded[prompt] for prompt, reply in said.items()) / len(said)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("train", type=Path)
    parser.add_argument("test", type=Path, nargs="?")
    parser.add_argument("--checkpoint", type=Path, required=True)
    options = parser.parse_args()
    train = list(read_pairs(options.train, lambda problem: print(problem, file=sys.stderr)))
    if options.test is None:
        recipe = TrainingConfig.from_json(Bundle.open(options.checkpoint).manifest["training"])
        train, held_out = split_by_prompt(train, recipe.valid_share, recipe.seed)
    else:
        held_out = list(read_pairs(options.test, lambda problem: print(problem, file=sys.stderr)))
    prompts = [pair.prompt for pair in held_out]
    neighbour = NearestNeighbour.build(train)
    said = {
        "bot": [reply.text for reply in Chatbot.load(options.checkpoint).reply_batch(prompts)],
        "nearest neighbour": [neighbour.reply(prompt) for prompt in prompts],
    }
    print(f"{len(train):,} pairs to learn from, {len(set(prompts)):,} prompts asked")
    for name, replies in said.items():
        print(f"{name:<20}{exact(held_out, replies):>8.1%}")


if __name__ == "__main__":
    main()
