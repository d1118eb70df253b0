"""What stands inside the encoder and the decoder, compared: each architecture, as large, for the same minutes.

    python benchmarks/architectures.py --data DATA                          # 1, 4 and 15 minutes, one after another
    python benchmarks/architectures.py --data DATA --jobs 16 --threads 1    # on 16 cores
    python benchmarks/architectures.py --only chitchat translation gru --minutes 1
    python benchmarks/architectures.py --corpus faq faq.tsv faq.test.tsv right
    python benchmarks/architectures.py --speed                              # how fast they answer, in two minutes

The corpora are chitchat, banking (all of it, and 5 phrasings an answer), DailyDialog, the shipped Korean one and
the shipped translations; or those of `--corpus NAME TRAIN TEST right|chrf|bits [OPTIONS]`. The architectures are
those of the program. Each model has about as many parameters as the LSTM of the preset that the corpus gets by
default, by its units; only the clock ends a training.

Every row that is measured becomes a line of results.jsonl in the folder of `--out`, and the table there,
table.md, is written anew. The same command goes on where it was interrupted: rows that are there are skipped, and
a training that was stopped is resumed. How fast the bots answer is measured last, one after another, of the
longest training of each architecture.
"""

import argparse
import json
import multiprocessing
import os
import queue
import signal
import sys
from collections.abc import Mapping, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, ThreadPoolExecutor, as_completed
from dataclasses import asdict
from pathlib import Path
from typing import Any

from architecture_corpora import BenchmarkCorpus, equal_shapes, table
from architecture_rows import Programs, RowError, RowRequest, StoppedError, measure_row, measure_speed
from architecture_speed import measure_architectures
from architecture_table import write_table

from chatbot.config import ModelConfig
from chatbot.config.architectures import ARCHITECTURES

#: Cores that this process may use.
_CORES = sorted(os.sched_getaffinity(0))


class Results:
    """The lines of results.jsonl."""

    def __init__(self, folder: Path) -> None:
        """Read those that are there; one that was cut off while it was written is left out.

        Args:
            folder: Of the results.
        """
        self._folder = folder
        self._file = folder / "results.jsonl"
        self.lines: list[dict[str, Any]] = []
        if self._file.exists():
            for line in self._file.read_text(encoding="utf-8").splitlines():
                try:
                    self.lines.append(json.loads(line))
                except ValueError:
                    print(f"{self._file}: passing over a line that is no JSON", file=sys.stderr)

    def find(self, request: RowRequest, figure: str) -> bool:
        """Whether a line has a figure of a training."""
        asked = asdict(request)
        return any(figure in line and asked.items() <= line.items() for line in self.lines)

    def add(self, line: Mapping[str, Any]) -> None:
        """Append a line, and write the table anew."""
        self.lines.append(dict(line))
        before = self._file.read_bytes() if self._file.exists() else b""
        with self._file.open("a", encoding="utf-8") as file:
            file.write("\n" if before and not before.endswith(b"\n") else "")
            file.write(json.dumps(line, ensure_ascii=False) + "\n")
        (self._folder / "table.md").write_text(write_table(self.lines), encoding="utf-8")


class Comparison:
    """All rows that are asked for."""

    def __init__(self, options: argparse.Namespace, corpora: Sequence[BenchmarkCorpus], names: Sequence[str]) -> None:
        """Take what is asked for.

        Args:
            options: Of the command line.
            corpora: The corpora.
            names: The architectures.
        """
        self._out: Path = options.out
        self._jobs, self._threads = options.jobs, options.threads
        self._corpora = {corpus.name: corpus for corpus in corpora}
        self._results = Results(self._out)
        self._programs = Programs()
        rows = [
            RowRequest(corpus.name, name, minutes, options.threads, options.seed)
            for minutes in sorted(options.minutes, reverse=True)  # the longest first, so that all end together
            for corpus in corpora
            for name in names
        ]
        self._rows = rows
        self._trains = {corpus.name: corpus.train_file(self._out) for corpus in corpora}

    def run(self) -> int:
        """Measure what is not measured yet; returns the exit code."""
        rows = [row for row in self._rows if not self._results.find(row, "quality")]
        print(f"{len(self._rows) - len(rows)} of {len(self._rows)} rows are there", flush=True)
        failed = 0
        try:
            shapes = self._shapes({row.corpus for row in rows})
            failed = self._train(rows, shapes)
            self._measure_speed()
        except (KeyboardInterrupt, StoppedError):
            print("stopped; the same command goes on from here", file=sys.stderr)
            return 130
        return 1 if failed else 0

    def _shapes(self, names: set[str]) -> dict[str, dict[str, ModelConfig]]:
        """Shapes of equal size for some corpora, each in a process of its own, for they need TensorFlow."""
        context = multiprocessing.get_context("spawn")
        with ProcessPoolExecutor(min(self._jobs, max(1, len(names))), mp_context=context) as pool:
            found = {
                name: pool.submit(equal_shapes, self._trains[name], self._corpora[name], self._out) for name in names
            }
            return {name: shape.result() for name, shape in found.items()}

    def _train(self, rows: Sequence[RowRequest], shapes: Mapping[str, Mapping[str, ModelConfig]]) -> int:
        """Train and measure rows, so many at once; returns how many failed."""
        slots: queue.SimpleQueue[list[int]] = queue.SimpleQueue()
        for job in range(self._jobs):
            slots.put(_CORES[job * self._threads : (job + 1) * self._threads])
        failed = 0
        with ThreadPoolExecutor(self._jobs, initializer=lambda: os.sched_setaffinity(0, slots.get())) as pool:
            try:
                futures = {pool.submit(self._row, row, shapes[row.corpus][row.architecture]): row for row in rows}
                for done in as_completed(futures):
                    failed += not self._keep(futures[done], done)
            except (KeyboardInterrupt, StoppedError):
                pool.shutdown(wait=False, cancel_futures=True)
                self._programs.stop()
                raise
        return failed

    def _row(self, row: RowRequest, shape: ModelConfig) -> dict[str, Any]:
        return measure_row(row, self._corpora[row.corpus], self._trains[row.corpus], shape, self._out, self._programs)

    def _keep(self, row: RowRequest, done: Future[dict[str, Any]]) -> bool:
        """Note the figures of a row; whether there are any."""
        try:
            figures = done.result()
        except RowError as error:
            print(f"{row.name}: {error}", file=sys.stderr, flush=True)
            return False
        self._results.add(figures | {"jobs": self._jobs})
        print(f"{row.name}: {figures['quality']:.4f} after {figures['steps']:,} steps", flush=True)
        return True

    def _measure_speed(self) -> None:
        longest = max(row.minutes for row in self._rows)
        for row in self._rows:
            measured = self._results.find(row, "quality") and not self._results.find(row, "reply_ms")
            if row.minutes == longest and measured:
                speed = measure_speed(self._out / row.name, self._corpora[row.corpus].test, self._programs)
                self._results.add(asdict(row) | speed)


def main() -> None:
    """Measure and write the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=Path("data"), help="folder of the data sets that are not shipped")
    parser.add_argument("--corpus", nargs="+", action="append", metavar="WORD", help="in their place; see above")
    parser.add_argument("--only", nargs="+", metavar="NAME", help="these corpora, or these architectures, or both")
    parser.add_argument("--minutes", type=float, nargs="+", default=[1.0, 4.0, 15.0], metavar="N")
    parser.add_argument("--jobs", type=int, default=1, metavar="N", help="trainings at once")
    parser.add_argument("--threads", type=int, default=1, metavar="N", help="cores of each of them")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--out", type=Path, default=Path("checkpoints/architectures"), help="folder of the results")
    parser.add_argument("--speed", action="store_true", help="only how fast bots of equal size answer, untrained")
    options = parser.parse_args()
    try:
        named = [BenchmarkCorpus.of(words) for words in options.corpus or ()]
    except ValueError as error:
        parser.error(f"--corpus: {error}")
    corpora, names = _chosen(parser, named or table(options.data), options.only or [])
    if options.speed:
        measure_architectures(names)
        return
    if not 0 < options.jobs * options.threads <= len(_CORES):
        parser.error(f"--jobs times --threads must be 1 to {len(_CORES)}, the cores of this machine")
    if lacking := dict.fromkeys(file for corpus in corpora for file in corpus.lacking()):
        parser.error(f"no such file: {', '.join(lacking)}")
    options.out.mkdir(parents=True, exist_ok=True)
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # as Ctrl-C
    sys.exit(Comparison(options, corpora, names).run())


def _chosen(
    parser: argparse.ArgumentParser, corpora: list[BenchmarkCorpus], only: Sequence[str]
) -> tuple[list[BenchmarkCorpus], list[str]]:
    """The corpora and the architectures that are asked for; all of a kind of which none is named."""
    known = [corpus.name for corpus in corpora]
    if unknown := set(only) - {*known, *ARCHITECTURES}:
        parser.error(f"--only: {', '.join(sorted(unknown))}: not among {', '.join([*known, *ARCHITECTURES])}")
    named = [corpus for corpus in corpora if corpus.name in only]
    return named or corpora, [name for name in ARCHITECTURES if name in only] or list(ARCHITECTURES)


if __name__ == "__main__":
    main()
