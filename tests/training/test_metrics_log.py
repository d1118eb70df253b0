"""Measurements as TensorBoard's scalars."""

import resource

import pytest

from chatbot.training.loop.metrics_log import TensorBoard
from tests.watching import measurement

pytest.importorskip("tensorboard")


@pytest.fixture
def small_files():
    """Files that may have so few bytes that the second measurement is too many."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (300, hard))
    yield
    resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_a_disk_that_is_full_is_said_once_and_ends_nothing(tmp_path, small_files):
    del small_files
    warned = []
    board = TensorBoard(tmp_path / "logs", warned.append)
    for epoch in range(1, 5):
        board.add(measurement(epoch))
    (warning,) = warned
    assert warning.startswith(f"{board.folder}: cannot be written any more (")
    assert "File too large" in warning
    assert warning.endswith("training continues without it")
    assert "{{" not in warning
