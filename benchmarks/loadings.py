"""Replies of the same bot, loaded again and again.

    python benchmarks/loadings.py                          # trains small bots of its own first, in a few minutes
    python benchmarks/loadings.py checkpoints/dialogs
    python benchmarks/loadings.py --times 20 BOT BOT

LiteRT's models that compute shapes at run time once gave other replies in some loadings. So each bot is loaded 1,000
times, and each time asked some prompts, greedily and by beams; every reply has to be the one of the first loading. The
bots that the script trains are one of each architecture with float32 and one with int8 weights.
"""

import argparse
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from chatbot.bundle import Bundle
from chatbot.config import DecodingConfig
from chatbot.config.architectures import ARCHITECTURES
from chatbot.inference.decoding.search import best_replies
from chatbot.inference.litert.litert_steps import LiteRTSteps

_CORPUS = Path(__file__).parents[1] / "corpora" / "dialogs.tsv"
_PAIRS = 60
#: Token ids of the prompts: some of several lengths, read side by side.
_PROMPTS = [[5, 6, 7, 9, 30, 31, 32, 8, 12], [8], [30, 31], [11, 12, 13, 14, 15]]
_DECODINGS = (DecodingConfig(max_tokens=20), DecodingConfig(max_tokens=20, beam=3))


def say(bundle: Bundle) -> list[tuple[int, ...]]:
    """The tokens of the replies of a bot that is loaded for them."""
    steps = LiteRTSteps(bundle.model, bundle.step_files)
    return [reply.tokens for decoding in _DECODINGS for reply in best_replies(steps, _PROMPTS, decoding)]


def train_bots(folder: Path) -> Iterator[Path]:
    """Train a bot of each architecture and each kind of weights, so that every token is the decoder's own."""
    corpus = folder / "some.tsv"
    lines = _CORPUS.read_text(encoding="utf-8").splitlines(keepends=True)
    corpus.write_text("".join(lines[:: len(lines) // _PAIRS]), encoding="utf-8")
    for name in ARCHITECTURES:
        for kind, weights in (("int8", []), ("float32", ["--float"])):
            place = folder / f"{name}-{kind}"
            sizes = ["--architecture", name, "--preset", "tiny", "--known-replies", "0", *weights]
            limits = ["--valid-share", "0", "--epochs", "60", "--max-time", "none"]
            command = [sys.executable, "-m", "chatbot", "train", str(corpus), "--checkpoint", str(place)]
            subprocess.run([*command, *sizes, *limits], check=True, capture_output=True)
            yield place


def main() -> None:
    """Load, ask and compare; exits with 1 where a reply was another one."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("bots", type=Path, nargs="*", metavar="BOT", help="folders of bundles")
    parser.add_argument("--times", type=int, default=1000, metavar="N", help="loadings of each")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        differing = [count_other(place, options.times) for place in options.bots or train_bots(Path(folder))]
    sys.exit(1 if any(differing) else 0)


def count_other(place: Path, times: int) -> int:
    """Load a bot so many times; returns in how many of them a reply was another one than in the first."""
    bundle = Bundle.open(place)
    said = [say(bundle) for _ in range(times)]
    other = sum(replies != said[0] for replies in said)
    weights = bundle.manifest["weights"]["kind"] if "weights" in bundle.manifest else "?"
    kinds: Sequence[str] = (bundle.model.architecture, weights)
    print(f"{place.name} ({', '.join(kinds)}): {times:,} loadings, {other} with another reply", flush=True)
    return other


if __name__ == "__main__":
    main()
