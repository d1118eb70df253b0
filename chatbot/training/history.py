"""What was measured, as rows of numbers: history.csv and TensorBoard's scalars."""

import csv
import importlib.util
import time
from collections.abc import Sequence
from pathlib import Path

from chatbot.errors import TrainingError
from chatbot.progress import Measurement
from chatbot.training.backend import tf


def write_history(path: Path, history: Sequence[Measurement]) -> None:
    """Write a CSV file with one row for each measurement, one at least; what was not measured is empty."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, history[0].figures(), lineterminator="\n")
        writer.writeheader()
        for report in history:
            writer.writerow({name: f"{value:.6g}" for name, value in report.figures().items() if value is not None})


class TensorBoard:
    """Logs of one run for `tensorboard --logdir`, each measurement under its step."""

    def __init__(self, folder: Path) -> None:
        """Begin a run below `folder`, named after the time.

        Raises:
            TrainingError: The package `tensorboard` is not installed, or nothing can be written there.
        """
        if importlib.util.find_spec("tensorboard") is None:
            raise TrainingError(
                "--tensorboard needs a package more; install it with: pip install 'chatbot[tensorboard]'"
            )
        self.folder = folder / time.strftime("%Y%m%d-%H%M%S")
        try:
            self._writer = tf.summary.create_file_writer(str(self.folder))
        except tf.errors.OpError as error:
            raise TrainingError(f"{self.folder}: cannot be written ({error.message})") from None

    def add(self, report: Measurement) -> None:
        """Log a measurement."""
        with self._writer.as_default(step=report.step):
            for name, value in report.figures().items():
                if value is not None and name != "step":
                    tf.summary.scalar(name, value)
        self._writer.flush()
