"""The speed of each architecture in answering, beside the LSTM.

    python benchmarks/architectures.py --speed

Bots that `inference_model.py` makes: 8,000 tokens, an LSTM of 512 units, and every other architecture with as many
parameters; int8 weights, and replies of twelve tokens. What is compared takes turns, so that a busy moment of the
machine falls on all of them; the figures are medians.
"""

import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from inference import CHATBOT, run_once, timed
from made_up import make_sentences

from chatbot import Chatbot, DecodingConfig
from chatbot.bundle import Bundle
from chatbot.config.architectures import ARCHITECTURES
from chatbot.config.model_description import describe

_TOKENS = 12
_COLD_RUNS, _LOADED_PROMPTS = 9, 60
_PIPE_PROMPTS, _PIPE_RUNS = 10_000, 3
_REFERENCE = "lstm"


@dataclass(frozen=True)
class Speed:
    """The speed of one bot.

    Attributes:
        cold_seconds: Of `chatbot reply`, from its start to its end.
        reply_ms: Milliseconds of a greedy reply of twelve tokens by a bot that is loaded.
        replies_per_second: Of `chatbot reply` with many prompts on a pipe, loading included.
    """

    cold_seconds: float
    reply_ms: float
    replies_per_second: float


def measure_architectures(names: Sequence[str]) -> None:
    """Make a bot of each architecture, measure them, and print a table in Markdown.

    Args:
        names: Of the architectures.
    """
    with tempfile.TemporaryDirectory() as folder:
        places = {name: Path(folder) / name for name in names}
        for name, place in places.items():
            make = [sys.executable, str(Path(__file__).with_name("inference_model.py")), str(place)]
            subprocess.run([*make, "--architecture", name], check=True)
        print(write_speeds(places, measure_bots(places)), end="")


def measure_bots(places: Mapping[str, Path]) -> dict[str, Speed]:
    """Measure bots in turn.

    Args:
        places: Bundles by the names of their architectures.
    """
    prompts = list(make_sentences(_PIPE_PROMPTS, seed=1))
    said = ["--max-tokens", str(_TOKENS), "--checkpoint"]
    cold = _in_turn(
        {name: partial(run_once, [*CHATBOT, "reply", prompts[0], *said, str(place)]) for name, place in places.items()},
        _COLD_RUNS,
    )
    decoding = DecodingConfig(max_tokens=_TOKENS)
    loaded: dict[str, list[float]] = {name: [] for name in places}
    bots = {name: Chatbot.load(place) for name, place in places.items()}
    for prompt in prompts[:_LOADED_PROMPTS]:
        for name, bot in bots.items():
            bot.reply(prompt, decoding)  # allocates the shapes
            loaded[name].append(timed(partial(bot.reply, prompt, decoding)))
    with tempfile.NamedTemporaryFile("w", suffix=".txt") as file:
        file.writelines(f"{prompt}\n" for prompt in prompts)
        file.flush()
        pipes = {
            name: partial(run_once, [*CHATBOT, "reply", *said, str(place)], Path(file.name))
            for name, place in places.items()
        }
        piped = _in_turn(pipes, _PIPE_RUNS)
    return {
        name: Speed(cold[name], 1e3 * statistics.median(loaded[name]), len(prompts) / piped[name]) for name in places
    }


def _in_turn(commands: Mapping[str, Callable[[], tuple[float, float]]], runs: int) -> dict[str, float]:
    """The median seconds of programs that take turns, each run once before to warm the disk."""
    for command in commands.values():
        command()
    found = [{name: command()[0] for name, command in commands.items()} for _ in range(runs)]
    return {name: statistics.median(run[name] for run in found) for name in commands}


def write_speeds(places: Mapping[str, Path], speeds: Mapping[str, Speed]) -> str:
    """The Markdown of what was measured.

    Args:
        places: Bundles by the names of their architectures.
        speeds: By the same names.

    Returns:
        A row for each architecture.
    """
    first = speeds.get(_REFERENCE)
    heads = ["architecture", "units", "parameters", "cold reply", f"{_TOKENS} tokens", "replies a second on a pipe"]
    rows = [heads, ["---"] * len(heads)]
    for name in (name for name in ARCHITECTURES if name in speeds):
        model, speed = Bundle.open(places[name]).model, speeds[name]
        times = f", {speed.cold_seconds / first.cold_seconds:.2f} ×" if first else ""
        sizes = [f"{model.units:,}", f"{describe(model).parameters / 1e6:.2f} M"]
        cold, loaded = f"{speed.cold_seconds:.2f} s{times}", f"{speed.reply_ms:.2f} ms"
        rows.append([name, *sizes, cold, loaded, f"{speed.replies_per_second:,.0f}"])
    return "".join(f"| {' | '.join(row)} |\n" for row in rows)
