import os
import threading
from itertools import chain

import pytest

from chatbot.cli.lines import arriving_lines


@pytest.fixture
def pipe():
    reading, writing = os.pipe()
    yield reading, writing
    os.close(reading)


def send(writing, data):
    """Write everything, from another thread where the pipe is too small, and close."""

    def write():
        with os.fdopen(writing, "wb") as file:
            file.write(data)

    threading.Thread(target=write).start()


def test_lines_that_are_there_come_together_and_the_last_needs_no_line_feed(pipe):
    reading, writing = pipe
    os.write(writing, b"one\n\ntwo\nthree")
    os.close(writing)
    assert list(arriving_lines(reading, 10)) == [[b"one", b"", b"two", b"three"]]


def test_nothing_is_no_lines(pipe):
    reading, writing = pipe
    os.close(writing)
    assert list(arriving_lines(reading, 10)) == []


def test_empty_lines_at_the_end_are_lines(pipe):
    reading, writing = pipe
    send(writing, b"a\n\n\n")
    assert list(chain.from_iterable(arriving_lines(reading, 2))) == [b"a", b"", b""]


def test_a_line_comes_before_the_next_is_written(pipe):
    reading, writing = pipe
    lines = arriving_lines(reading, 10)
    for line in (b"one", b"two"):
        os.write(writing, line[:1])
        os.write(writing, line[1:] + b"\n")
        assert next(lines) == [line]
    os.close(writing)
    assert list(lines) == []


def test_a_line_comes_while_half_of_the_next_is_there(pipe):
    reading, writing = pipe
    lines = arriving_lines(reading, 10)
    os.write(writing, b"one\ntw")
    assert next(lines) == [b"one"]
    os.write(writing, b"o\n")
    assert next(lines) == [b"two"]
    os.close(writing)


def test_no_more_lines_than_asked_come_at_once(pipe):
    reading, writing = pipe
    send(writing, b"".join(b"%d\n" % number for number in range(100_000)))
    parts = list(arriving_lines(reading, 64))
    assert max(map(len, parts)) == 64
    assert list(chain.from_iterable(parts)) == [b"%d" % number for number in range(100_000)]


def test_a_line_longer_than_the_pipe_holds_is_whole(pipe):
    reading, writing = pipe
    send(writing, b"a" * 1_000_000 + b"\nb")
    assert list(map(len, chain.from_iterable(arriving_lines(reading, 8)))) == [1_000_000, 1]
