"""The rows of the comparison of architectures: one training and its measurement, and the speed of what came of it."""

import json
import os
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any

from architecture_corpora import BenchmarkCorpus, Measure, shape_options

from chatbot import Chatbot, DecodingConfig
from chatbot.bundle import Bundle, is_bundle
from chatbot.config import ModelConfig
from chatbot.config.model_description import describe
from chatbot.corpus import read_pairs

_CHATBOT = [sys.executable, "-m", "chatbot"]
#: Only the clock is to end a training.
_NEVER = "1000000"
_PROMPTS, _COLD_RUNS = 60, 7


class RowError(Exception):
    """A program failed; the message says which and where its words are."""


class StoppedError(Exception):
    """The programs have been told to end."""


@dataclass(frozen=True)
class RowRequest:
    """One training.

    Attributes:
        corpus: Name of the corpus.
        architecture: Name of what is inside.
        minutes: Of training.
        threads: Processor cores for it.
        seed: Of the training.
    """

    corpus: str
    architecture: str
    minutes: float
    threads: int
    seed: int

    @property
    def name(self) -> str:
        """As a file name."""
        return f"{self.corpus}.{self.architecture}.{self.minutes:g}min.{self.threads}threads.seed{self.seed}"


class Programs:
    """The programs that run, so that all of them can be ended.

    Each begins a session of its own: a Ctrl-C in the terminal reaches them once, through `stop`.
    """

    def __init__(self) -> None:
        """None yet."""
        self._running: set[subprocess.Popen[str]] = set()
        self._lock = threading.Lock()
        self._stopped = False

    def run(self, command: Sequence[str], log: Path) -> str:
        """Run a program to its end.

        Args:
            command: Its words.
            log: Takes what it says on standard error.

        Returns:
            Its standard output.

        Raises:
            RowError: It failed.
            StoppedError: It was told to end.
        """
        with log.open("a", encoding="utf-8") as errors, self._start(command, errors) as process:
            output, _ = process.communicate()
            with self._lock:
                self._running.discard(process)
                if self._stopped:
                    raise StoppedError
        if process.returncode != 0:
            raise RowError(f"{' '.join(command[2:4])} … ended with {process.returncode}; see {log}")
        return output

    def stop(self) -> None:
        """Tell all to end; a training saves itself first."""
        with self._lock:
            self._stopped = True
            for process in self._running:
                process.terminate()

    @contextmanager
    def _start(self, command: Sequence[str], errors: Any) -> Iterator[subprocess.Popen[str]]:
        with self._lock:
            if self._stopped:
                raise StoppedError
            process = subprocess.Popen(
                command, stdout=subprocess.PIPE, stderr=errors, text=True, env=_environment(), start_new_session=True
            )
            self._running.add(process)
        with process:
            yield process


def _environment() -> dict[str, str]:
    """Without settings of the person who measures, on as many threads as this one may use cores, and on no GPU."""
    threads = str(len(os.sched_getaffinity(0)))
    kept = {name: value for name, value in os.environ.items() if not name.startswith("CHATBOT_")}
    kept.pop("PYTHONDONTWRITEBYTECODE", None)  # with it a cold program compiles itself anew, which nobody's does
    return kept | {"OMP_NUM_THREADS": threads, "TF_NUM_INTRAOP_THREADS": threads, "CUDA_VISIBLE_DEVICES": "-1"}


def measure_row(
    request: RowRequest, corpus: BenchmarkCorpus, train: Path, shape: ModelConfig, out: Path, programs: Programs
) -> dict[str, Any]:
    """Train a bot and measure its quality; an interrupted training is resumed.

    Args:
        request: What to train.
        corpus: The corpus.
        train: Its file to learn from.
        shape: Of the model.
        out: Takes the bundle and the log.
        programs: Runs the programs.

    Returns:
        The figures by name.

    Raises:
        RowError: A program failed.
        StoppedError: It was told to end.
    """
    place, log = out / request.name, out / f"{request.name}.log"
    if not _is_finished(place):
        limits = ["--max-time", f"{request.minutes * 60:g}s", "--epochs", _NEVER, "--patience", _NEVER]
        valid = ["--valid", str(corpus.test)] if corpus.measure is Measure.BITS else []
        sizes = shape_options(shape)
        options = [*limits, *valid, *corpus.options, *sizes, "--seed", str(request.seed)]
        place.parent.mkdir(parents=True, exist_ok=True)
        programs.run([*_CHATBOT, "train", str(train), "--checkpoint", str(place), "--resume", *options], log)
    bundle = Bundle.open(place)
    metrics = bundle.manifest["metrics"]
    quality, neighbour = _quality(corpus, place, metrics, log, programs)
    return {
        **asdict(request),
        "measure": corpus.measure.value,
        "quality": quality,
        "nearest_neighbour": neighbour,
        "units": bundle.model.units,
        "parameters": describe(bundle.model).parameters,
        "steps": metrics["steps"],
        "epochs": metrics["epochs"],
        "seconds": metrics["seconds"],
        "tokens_per_second": _tokens_per_second(place),
        "precision": bundle.manifest["training"]["precision"],
        "weights": bundle.manifest["weights"]["kind"],
        "bundle_bytes": sum(file.stat().st_size for file in place.iterdir()),
    }


def _is_finished(place: Path) -> bool:
    """Whether a bundle is of a training that came to its end."""
    return is_bundle(place) and Bundle.open(place).manifest["metrics"]["stopped"] != "interrupted"


def _quality(
    corpus: BenchmarkCorpus, place: Path, metrics: dict[str, Any], log: Path, programs: Programs
) -> tuple[float, float | None]:
    """The bot's figure and that of the nearest neighbour, which has none in bits."""
    if corpus.measure is Measure.BITS:
        return metrics["valid_bits_per_byte"], None
    command = [*_CHATBOT, "evaluate", str(corpus.test), "--checkpoint", str(place), "--json"]
    found = json.loads(programs.run(command, log))
    neighbour = found["nearest_neighbour"]
    return found[corpus.measure], neighbour and neighbour[corpus.measure]


def _tokens_per_second(place: Path) -> float:
    header, *rows = [line.split(",") for line in (place / "history.csv").read_text(encoding="utf-8").splitlines()]
    column = header.index("tokens_per_second")
    return statistics.median(float(row[column]) for row in rows)


def measure_speed(place: Path, test: Path, programs: Programs) -> dict[str, float]:
    """How fast a bot answers; to be measured while nothing else runs.

    Args:
        place: Its bundle.
        test: Prompts to ask.
        programs: Runs the cold ones.

    Returns:
        Medians: of a loaded bot milliseconds a reply and tokens a reply, and of `chatbot reply` the seconds.
    """
    prompts = [pair.prompt for pair in read_pairs(test, lambda _: None)]
    prompts = prompts[:: max(1, len(prompts) // _PROMPTS)][:_PROMPTS]
    bot = Chatbot.load(place)
    decoding = DecodingConfig()
    lengths = [len(bot.reply(prompt, decoding).tokens) for prompt in prompts]  # and the shapes are allocated
    loaded = [_seconds(partial(bot.reply, prompt, decoding)) for prompt in prompts]
    command = [*_CHATBOT, "reply", prompts[0], "--checkpoint", str(place)]
    run = partial(programs.run, command, place.with_name(f"{place.name}.log"))
    run()  # warms the disk
    cold = [_seconds(run) for _ in range(_COLD_RUNS)]
    return {
        "reply_ms": 1e3 * statistics.median(loaded),
        "reply_tokens": statistics.median(lengths),
        "cold_reply_s": statistics.median(cold),
    }


def _seconds(work: Any) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started
