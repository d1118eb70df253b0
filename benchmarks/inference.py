"""How fast a bot answers, beside the usual Keras route and beside what this machine could do at best.

    python benchmarks/inference.py                              # makes its own bot first, see inference_model.py
    python benchmarks/inference.py --checkpoint checkpoints/dialogs

Prints medians, and the range in brackets: seconds and peak memory of cold programs, each in a process
of its own and all in turn, so that a busy moment of the machine falls on all of them; milliseconds of a
reply and of a token once the bot is loaded; a chat turn's first token; replies a second on a pipe. The
floor of one reply is the time that reading the decoder's weights from memory takes for each token;
that of batches, the time of their products at the fastest float32 product measured here.
"""

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

import numpy as np
from made_up import make_sentences

from chatbot import Chatbot, DecodingConfig
from chatbot.bundle import DECODER, Bundle

_HERE = Path(__file__).parent
#: The program.
CHATBOT = [sys.executable, "-m", "chatbot"]
#: Starts a program and tells its time and its memory. Linux counts the memory of whoever starts a
#: program as the program's, so this one is small.
_STARTER = """
import os, sys, time
given, *command = sys.argv[1:]
started = time.perf_counter()
streams = [(os.POSIX_SPAWN_OPEN, stream, os.devnull, os.O_WRONLY, 0) for stream in (1, 2)]
streams.append((os.POSIX_SPAWN_OPEN, 0, given, os.O_RDONLY, 0))
child = os.posix_spawn(command[0], command, os.environ, file_actions=streams)
_, status, usage = os.wait4(child, 0)
print(time.perf_counter() - started, usage.ru_maxrss)
sys.exit(status != 0)
"""
_ARRAY_BYTES = 256_000_000
_PRODUCT = 2048


def run_once(command: list[str], stdin: Path | None = None) -> tuple[float, float]:
    """Run a command to its end; returns wall seconds and peak megabytes."""
    starter = [sys.executable, "-S", "-c", _STARTER, str(stdin or os.devnull), *command]
    # Without it a program compiles itself anew each time, which nobody's does.
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    done = subprocess.run(starter, capture_output=True, text=True, check=False, env=environment)
    if done.returncode != 0:
        raise SystemExit(f"{' '.join(command)} failed")
    seconds, kibibytes = map(float, done.stdout.split())
    return seconds, kibibytes * 1024 / 1e6


def timed(work: Callable[[], object]) -> float:
    """Seconds that some work takes."""
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def say(name: str, values: Sequence[float], unit: str, digits: int = 2) -> None:
    """Print a median and the range."""
    low, middle, high = min(values), statistics.median(values), max(values)
    print(f"{name:<34}{middle:>12,.{digits}f} {unit}  [{low:,.{digits}f} to {high:,.{digits}f}]", flush=True)


def measure_cold(place: Path, prompt: str, tokens: int, runs: int) -> None:
    """Programs from their start to their end."""
    commands = {
        "chatbot reply": [*CHATBOT, "reply", prompt, "--checkpoint", str(place), "--max-tokens", str(tokens)],
        "the usual Keras route": [sys.executable, str(_HERE / "usual_keras.py"), str(place), prompt, str(tokens)],
        "chatbot --help": [*CHATBOT, "--help"],
        "import typer": [sys.executable, "-c", "import typer"],
        "import tensorflow": [sys.executable, "-c", "import tensorflow"],
    }
    for command in commands.values():
        run_once(command)  # warms the disk
    found = [{name: run_once(command) for name, command in commands.items()} for _ in range(runs)]
    print("\ncold")
    for name in commands:
        say(f"  {name}", [run[name][0] for run in found], "s")
        say("", [run[name][1] for run in found], "MB", 0)


def measure_loaded(bot: Chatbot, name: str, prompts: Sequence[str], decoding: DecodingConfig) -> None:
    """Replies to one prompt at a time by a bot that is loaded."""
    lengths = [max(1, len(bot.reply(prompt, decoding).tokens)) for prompt in prompts]  # and the shapes are allocated
    milliseconds = [1e3 * timed(partial(bot.reply, prompt, decoding)) for prompt in prompts]
    say(f"  {name}, a reply", milliseconds, "ms")
    say(f"  {name}, a token", [each / length for each, length in zip(milliseconds, lengths, strict=True)], "ms", 3)


def measure_chat(place: Path, prompts: Sequence[str], tokens: int, runs: int) -> None:
    """From the end of a line to the first letters of its reply."""
    command = [*CHATBOT, "chat", "--checkpoint", str(place), "--max-tokens", str(tokens)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as chat:
        assert chat.stdin is not None  # both were asked for
        assert chat.stdout is not None
        seconds = []
        for prompt in prompts[: runs + 1]:
            started = time.perf_counter()
            chat.stdin.write(f"{prompt}\n".encode())
            chat.stdin.flush()
            chat.stdout.read(1)
            seconds.append(time.perf_counter() - started)
            chat.stdout.readline()
        chat.stdin.close()
    say("  chat, the first token", [1e3 * value for value in seconds[1:]], "ms")  # without loading


def measure_pipe(place: Path, prompts: Sequence[str], tokens: int, runs: int) -> None:
    """Many prompts on a pipe, loading included."""
    command = [*CHATBOT, "reply", "--checkpoint", str(place), "--max-tokens", str(tokens)]
    with tempfile.NamedTemporaryFile("w", suffix=".txt") as file:
        file.writelines(f"{prompt}\n" for prompt in prompts)
        file.flush()
        found = [run_once(command, Path(file.name)) for _ in range(runs)]
    print(f"\na pipe of {len(prompts):,} prompts")
    say("  replies a second", [len(prompts) / seconds for seconds, _ in found], "/s", 0)
    say("  peak memory", [megabytes for _, megabytes in found], "MB", 0)


def measure_floor(place: Path, tokens: int, runs: int) -> None:
    """What the machine could do at best."""
    model = Bundle.open(place).model
    numbers = np.ones(_ARRAY_BYTES // 4, np.float32)
    bandwidth = [_ARRAY_BYTES / timed(numbers.sum) / 1e9 for _ in range(runs)]
    square = np.ones((_PRODUCT, _PRODUCT), np.float32)
    peak = [2 * _PRODUCT**3 / timed(lambda: square @ square) / 1e9 for _ in range(runs)]
    # A token's row of the embedding is read, not all of it.
    units, embedding = model.units, model.embedding_size
    attention = 0 if model.attention == "none" else 2 * units * units
    weights = units * model.vocabulary_size + 4 * units * (embedding + units) + attention
    table = model.vocabulary_size * embedding
    size = (place / DECODER).stat().st_size * weights / (weights + table)
    print("\nfloor")
    say("  memory bandwidth", bandwidth, "GB/s", 1)
    say("  float32 products", peak, "GFLOP/s", 0)
    token = size / statistics.median(bandwidth) / 1e6
    print(f"  {size / 1e6:.1f} MB of weights a token: {token:.3f} ms a token, {token * tokens:.2f} ms a reply")
    replies = statistics.median(peak) * 1e9 / (2 * weights * tokens)
    print(f"  {weights / 1e6:.1f} million products a token: {replies:,.0f} replies/s of the decoder alone")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--checkpoint", type=Path, help="a trained bot; without it, one is made and thrown away")
    parser.add_argument("--plain", action="store_true", help="make the bot without attention, reading one way")
    parser.add_argument("--float", action="store_true", help="make the bot with float32 weights")
    parser.add_argument("--tokens", type=int, default=12, help="longest reply")
    parser.add_argument("--prompts", type=int, default=10_000, help="on the pipe")
    parser.add_argument("--runs", type=int, default=10)
    options = parser.parse_args()
    prompts = list(make_sentences(options.prompts, seed=1))
    with tempfile.TemporaryDirectory() as folder:
        place = options.checkpoint
        if place is None:
            place = Path(folder) / "made"
            kinds = [f"--{kind}" for kind in ("plain", "float") if getattr(options, kind)]
            subprocess.run([sys.executable, str(_HERE / "inference_model.py"), str(place), *kinds], check=True)
        model = Bundle.open(place).model
        print(f"{model.vocabulary_size:,} tokens, {model.units} units; medians of {options.runs} [range]")
        measure_cold(place, prompts[0], options.tokens, options.runs)
        bot = Chatbot.load(place)
        print("\nloaded")
        for name, beam in (("greedy", 1), ("beam of 5", 5)):
            decoding = DecodingConfig(max_tokens=options.tokens, beam=beam)
            measure_loaded(bot, name, prompts[: options.runs], decoding)
        measure_chat(place, prompts, options.tokens, options.runs)
        measure_pipe(place, prompts, options.tokens, options.runs)
        measure_floor(place, options.tokens, options.runs)


if __name__ == "__main__":
    main()
