"""The measurements of a run as a table: `history.csv`, and TensorBoard's scalars."""

import csv
import importlib.util
import re
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import tensorflow as tf

from chatbot.errors import TrainingError
from chatbot.runs.events import Measurement


def write_history(path: Path, history: Sequence[Measurement]) -> None:
    """Write a CSV file with one row for each measurement; fields that were not measured are empty.

    Args:
        path: The file.
        history: One measurement at least.
    """
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, history[0].figures(), lineterminator="\n")
        writer.writeheader()
        for report in history:
            writer.writerow({name: f"{value:.6g}" for name, value in report.figures().items() if value is not None})


class TensorBoard:
    """Logs of one run for `tensorboard --logdir`, each measurement at its step."""

    def __init__(self, folder: Path, warn: Callable[[str], None]) -> None:
        """Start the log of a run in a new folder below `folder`, named after the time.

        Args:
            folder: The folder of all runs.
            warn: Called once if writing fails later; training continues without the log.

        Raises:
            TrainingError: The package `tensorboard` is not installed, or the folder cannot be written.
        """
        if importlib.util.find_spec("tensorboard") is None:
            raise TrainingError(
                "--tensorboard needs another package; install it with: pip install 'chatbot[tensorboard]'"
            )
        self.folder = folder / time.strftime("%Y%m%d-%H%M%S")
        self._warn = warn
        try:
            self._writer = tf.summary.create_file_writer(str(self.folder))
        except (tf.errors.OpError, OSError) as error:
            raise TrainingError(f"{self.folder}: cannot be written ({_reason(error)})") from None

    def add(self, report: Measurement) -> None:
        """Log a measurement.

        Args:
            report: Its figures.
        """
        if self._writer is None:
            return
        try:
            with self._writer.as_default(step=report.step):
                for name, value in report.figures().items():
                    if value is not None and name != "step":
                        tf.summary.scalar(name, value)
            self._writer.flush()
        except (tf.errors.OpError, OSError) as error:
            self._writer = None
            self._warn(f"{self.folder}: cannot be written any more ({_reason(error)}); training continues without it")


def _reason(error: Exception) -> str:
    """The message of an error of TensorFlow or of the system, on one line."""
    said = str(getattr(error, "message", None) or getattr(error, "strerror", None) or error)
    return re.sub(r"^\{\{.*?\}\} ", "", said).partition("\n")[0]
