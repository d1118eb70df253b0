"""Measurements as TensorBoard's scalars."""

import pytest

from chatbot.training.loop.metrics_log import TensorBoard
from tests.conftest import file_size_limit
from tests.watching import measurement

pytest.importorskip("tensorboard")


def test_a_disk_that_is_full_is_said_once_and_ends_nothing(tmp_path):
    warned = []
    board = TensorBoard(tmp_path / "logs", warned.append)
    with file_size_limit(300):  # so few bytes that the second measurement is too many
        for epoch in range(1, 5):
            board.add(measurement(epoch))
    (warning,) = warned
    assert warning.startswith(f"{board.folder}: cannot be written any more (")
    assert "File too large" in warning
    assert warning.endswith("training continues without it")
    assert "{{" not in warning
