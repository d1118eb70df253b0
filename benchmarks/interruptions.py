"""Kill a training run again and again, and see whether it goes on and what it comes to.

    python benchmarks/interruptions.py --kills 20 --seed 0

A run is first left alone. Then the same run is killed with SIGKILL at a random moment, resumed,
killed again and so on until it ends by itself; then it begins anew. When the kills are used up, the
last run is left to end.
A moment is so much processor time of the process, drawn evenly from what the run left alone took,
so that it falls into every stage however busy the machine is. After each kill the bundle that the
run is going to replace must load and answer. Needs Linux, for the processor time of a process.

Prints a line for each process: when it was killed and in which stage, after which step it had begun,
whether the bundle loads; for each run that ends, how far its validation loss is from that of the
run left alone; and a summary. Ends with exit code 1 where a run cannot be resumed.
"""

import argparse
import json
import os
import random
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from chatbot import Chatbot
from chatbot.corpus import read_pairs
from chatbot.errors import ChatbotError

_CORPUS = Path(__file__).parent.parent / "corpora" / "dialogs.tsv"
_OPTIONS = [
    *("--preset", "tiny", "--batch-tokens", "300", "--precision", "float32"),
    *("--max-time", "none", "--patience", "1000000"),
]
_TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Process:
    """One process of a run.

    Attributes:
        killed: Whether it was, or has ended by itself.
        seconds: Processor time that it took.
        events: What it logged.
        error: What it said on standard error.
    """

    killed: bool
    seconds: float
    events: list[dict[str, object]]
    error: str

    @property
    def stage(self) -> str:
        """What it did last."""
        last = next((event for event in reversed(self.events) if event["event"] != "warning"), None)
        if last is None:
            return "starting"
        if last["event"] == "stage":
            return str(last["stage"])
        if last["event"] == "finished":
            return "leaving, the bundle is written"
        return f"training, about step {last['step']}" if "step" in last else "building the model"

    @property
    def began(self) -> str:
        """After which step it began."""
        resumed = [event for event in self.events if event["event"] == "resumed"]
        return str(resumed[0]["step"]) if resumed else "0" if self.has("started") else "–"

    def has(self, name: str) -> bool:
        """Whether it logged an event of some name."""
        return any(event["event"] == name for event in self.events)


def run(arguments: list[str], folder: Path, limit: float | None) -> Process:
    """Run `chatbot train` in a folder, and kill it once it has taken `limit` seconds of processor time."""
    command = [
        sys.executable,
        "-m",
        "chatbot",
        "train",
        "small.tsv",
        "--json-logs",
        "--log-interval",
        "0.1s",
        *arguments,
    ]
    environment = os.environ | {"PYTHONPATH": str(Path(__file__).parent.parent), "CHATBOT_NO_CONFIG": "1"}
    with subprocess.Popen(
        command, cwd=folder, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        said: list[str] = []
        error: list[str] = []
        readers = [
            threading.Thread(target=lambda: said.append(process.stdout.read() if process.stdout else "")),
            threading.Thread(target=lambda: error.append(process.stderr.read() if process.stderr else "")),
        ]
        for reader in readers:
            reader.start()
        seconds = 0.0
        for seconds in _processor_time(process):
            if limit is not None and seconds >= limit:
                process.kill()
                break
        process.wait()
        for reader in readers:
            reader.join()
    events = [json.loads(line) for line in said[0].splitlines() if line.endswith("}")]
    return Process(process.returncode < 0, seconds, events, error[0].strip())


def _processor_time(process: subprocess.Popen[str]) -> Iterator[float]:
    """Processor time of a process, again and again until it ends."""
    while process.poll() is None:
        parts = Path(f"/proc/{process.pid}/stat").read_text().rpartition(")")[2].split()
        yield (int(parts[11]) + int(parts[12])) / _TICKS
        time.sleep(0.01)


def loss(folder: Path) -> float:
    """Validation loss after the last step, as the bundle there has it."""
    head, *_, last = (folder / "history.csv").read_text().splitlines()
    return float(dict(zip(head.split(","), last.split(","), strict=True))["valid_loss"])


def loads(folder: Path) -> bool:
    """Whether the bundle loads and answers."""
    try:
        Chatbot.load(folder).reply("hello")
    except ChatbotError as error:
        print(error)
        return False
    return True


@dataclass
class Tally:
    """What the processes came to.

    Attributes:
        expected: Validation loss of the run left alone.
        loaded: How many of the bundles that stood there loaded, after each process.
        asked: How many processes were to go on with a run that had been killed.
        resumed: How many of them were there from a saved step on; some were killed before.
        differences: For each run that ended, its validation loss less the expected.
    """

    expected: float
    loaded: list[bool] = field(default_factory=list)
    asked: int = 0
    resumed: int = 0
    differences: list[float] = field(default_factory=list)

    def add(self, process: Process, folder: Path, going_on: bool) -> None:
        """Count and print a process."""
        self.loaded.append(loads(folder))
        self.asked += going_on
        self.resumed += process.has("resumed")
        after = f"{process.seconds:.1f} s"
        print(f"{after:>8}  {process.began:>16}  {'yes' if self.loaded[-1] else 'NO':>12}  ", end="")
        if process.killed:
            print(process.stage, flush=True)
        else:
            self.differences.append(loss(folder) - self.expected)
            print(f"not killed; validation loss {self.differences[-1]:+.6f} beside the run left alone", flush=True)

    def conclude(self, kills: int) -> None:
        """Print the summary."""
        print(
            f"{kills} kills; of {self.asked} processes with --resume none was refused, and {self.resumed} got as far as"
            f" to go on from a saved step; {sum(self.loaded)} of {len(self.loaded)} bundles loaded;"
            f" {len(self.differences)} runs ended, at most {max(map(abs, self.differences)):.6f} from the validation"
            " loss of the run left alone"
        )


def main() -> None:
    """Kill, resume and compare."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--pairs", type=int, default=200)
    parser.add_argument("--epochs", type=int, default=60)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    rng = random.Random(options.seed)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        pairs = list(read_pairs(_CORPUS, print))[: options.pairs]
        (folder / "small.tsv").write_text("".join(f"{prompt}\t{reply}\n" for prompt, reply in pairs), encoding="utf-8")
        asked = [*_OPTIONS, "--epochs", str(options.epochs), "--checkpoint", "bot"]
        alone = run(asked, folder, None)
        tally = Tally(loss(folder / "bot"))
        print(f"left alone: {alone.seconds:.1f} s of processor time, validation loss {tally.expected:.6f}")
        print("   after  began after step  bundle loads  killed while", flush=True)
        kills, going_on = 0, False
        while kills < options.kills or going_on:
            limit = rng.uniform(0.0, alone.seconds) if kills < options.kills else None
            process = run([*asked, "--resume" if going_on else "--overwrite"], folder, limit)
            if not process.killed and not process.has("finished"):
                sys.exit(f"{process.error} ({process.stage})")
            kills += process.killed
            tally.add(process, folder / "bot", going_on)
            going_on = (folder / "bot.run" / "run.json").exists()
        tally.conclude(kills)


if __name__ == "__main__":
    main()
