"""How often a bot stays on the topic of a phrasing that it was never trained on.

    chatbot train corpora/dialogs.tsv
    python benchmarks/held_out_topics.py corpora/dialogs.tsv --checkpoint checkpoints/dialogs

The corpus needs the topic in its third column, which training ignores. The validation split
is drawn again from the seed and the share in the manifest. Prints the share of the held-out
prompts whose reply is one recorded for their topic, the share answered with the very reply
of their line, and the same of the nearest neighbour among the training prompts (TF-IDF over
characters 2 to 4), which any learned bot should beat.
"""

import argparse
import sys
from collections import defaultdict
from collections.abc import Callable, Sequence
from pathlib import Path

from chatbot import Chatbot
from chatbot.bot.index.nearest_neighbour import NearestNeighbour
from chatbot.bundle import Bundle
from chatbot.config import TrainingConfig
from chatbot.corpus import Pair, Row, read_rows, split_by_prompt


def shares(rows: Sequence[Row], held_out: Sequence[Pair], reply: Callable[[str], str]) -> tuple[float, float]:
    """Share of the prompts answered on topic, and with the reply of their own line."""
    topics_of_reply, topics_of_prompt = defaultdict(set), defaultdict(set)
    for row in rows:
        topics_of_reply[row.pair.reply].add(row.further[0])
        topics_of_prompt[row.pair.prompt].add(row.further[0])
    said = [(pair, reply(pair.prompt)) for pair in held_out]
    on_topic = sum(bool(topics_of_prompt[pair.prompt] & topics_of_reply[answer]) for pair, answer in said)
    return on_topic / len(said), sum(pair.reply == answer for pair, answer in said) / len(said)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("corpus", type=Path)
    parser.add_argument("--checkpoint", type=Path, default=Path("checkpoints/dialogs"))
    options = parser.parse_args()
    rows = list(read_rows(options.corpus, lambda problem: print(problem, file=sys.stderr)))
    recipe = TrainingConfig.from_json(Bundle.open(options.checkpoint).manifest["training"])
    training, held_out = split_by_prompt([row.pair for row in rows], recipe.valid_share, recipe.seed)
    bot, neighbour = Chatbot.load(options.checkpoint), NearestNeighbour.build(training)
    print(f"{len(held_out)} held-out pairs of {len(rows)}, {len({row.further[0] for row in rows})} topics")
    print(f"{'':<20}{'on topic':>10}{'exact':>8}")
    for name, reply in (("bot", lambda prompt: bot.reply(prompt).text), ("nearest neighbour", neighbour.reply)):
        on_topic, exact = shares(rows, held_out, reply)
        print(f"{name:<20}{on_topic:>10.1%}{exact:>8.1%}")


if __name__ == "__main__":
    main()
