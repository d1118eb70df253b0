"""Do replies say something? Distinct words and the most frequent reply, with and without anti-LM reranking.

    python benchmarks/diversity.py dailydialog.valid.tsv --checkpoint checkpoints/dailydialog

Distinct-2 is the share of the word pairs of all replies that are different ones (Li et al. 2016,
"A Diversity-Promoting Objective Function for Neural Conversation Models", section 5.2).
"""

import argparse
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from chatbot import Chatbot, DecodingConfig
from chatbot.corpus import read_pairs
from chatbot.metrics import distinct

SEARCHES = {
    "greedy": DecodingConfig(max_tokens=40),
    "beam 10": DecodingConfig(max_tokens=40, beam=10),
    "beam 10, λ 0.5": DecodingConfig(max_tokens=40, beam=10, diversity=0.5),
    "beam 10, λ 0.7": DecodingConfig(max_tokens=40, beam=10, diversity=0.7),
    "beam 10, λ 0.7, γ 0.3": DecodingConfig(max_tokens=40, beam=10, diversity=0.7, length_bonus=0.3),
    "sampled, temperature 0.8": DecodingConfig(max_tokens=40, temperature=0.8, seed=0),
}


def report(name: str, replies: Sequence[str]) -> None:
    """Print one row."""
    most, count = Counter(replies).most_common(1)[0]
    words = sum(len(reply.split()) for reply in replies) / len(replies)
    print(
        f"| {name} | {distinct(replies, 1):.3f} | {distinct(replies, 2):.3f} | {count / len(replies):.1%} {most!r} |"
        f" {words:.1f} | {len(set(replies))} |"
    )


def main() -> None:
    """Print a row for each search and one for the recorded replies."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("corpus", type=Path)
    parser.add_argument("--checkpoint", type=Path, default=None)
    parser.add_argument("--prompts", type=int, default=1000)
    asked = parser.parse_args()
    recorded = {pair.prompt: pair.reply for pair in read_pairs(asked.corpus, print)}
    prompts = list(recorded)[: asked.prompts]
    bot = Chatbot.load(asked.checkpoint)
    print("| | distinct-1 | distinct-2 | most frequent | words | different |\n|---|---|---|---|---|---|")
    report("recorded", [recorded[prompt] for prompt in prompts])
    for name, decoding in SEARCHES.items():
        report(name, [reply.text for reply in bot.reply_batch(prompts, decoding)])


if __name__ == "__main__":
    main()
