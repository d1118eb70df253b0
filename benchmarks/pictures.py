"""Draws the pictures of the README anew, from real replies of a bot of the shipped corpus.

chatbot train corpora/dialogs.tsv
python benchmarks/pictures.py --checkpoint checkpoints/dialogs
"""

import argparse
from pathlib import Path

from chatbot import Chatbot, DecodingConfig
from chatbot.explain import describe, explain, picture_architecture, picture_explanation

FOLDER = Path(__file__).parent / "pictures"
PROMPT, BEAM = "do you dream", 4


def main() -> None:
    """Write the pictures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--checkpoint", metavar="DIR", help="default: the newest under checkpoints/")
    bot = Chatbot.load(parser.parse_args().checkpoint)
    FOLDER.mkdir(exist_ok=True)
    pictures = {
        "explain.svg": picture_explanation(explain(bot, PROMPT, DecodingConfig(beam=BEAM)), "svg"),
        "architecture.svg": picture_architecture(describe(bot.config), "dialogs", "svg"),
    }
    for name, content in pictures.items():
        (FOLDER / name).write_text(content, encoding="utf-8")
        print(f"{FOLDER.name}/{name}: {len(content) / 1e3:.0f} kB")


if __name__ == "__main__":
    main()
