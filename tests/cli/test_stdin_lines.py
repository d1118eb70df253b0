import os
import threading
from itertools import chain

import pytest

from chatbot.cli.output import stdin_lines
from chatbot.cli.output.stdin_lines import arriving_lines, decode_line
from chatbot.errors import InputError


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
    found = arriving_lines(reading, 10)
    for line in (b"one", b"two"):
        os.write(writing, line[:1])
        os.write(writing, line[1:] + b"\n")
        assert next(found) == [line]
    os.close(writing)
    assert list(found) == []


def test_a_line_comes_while_half_of_the_next_is_there(pipe):
    reading, writing = pipe
    found = arriving_lines(reading, 10)
    os.write(writing, b"one\ntw")
    assert next(found) == [b"one"]
    os.write(writing, b"o\n")
    assert next(found) == [b"two"]
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


@pytest.mark.parametrize(
    ("line", "number", "text"),
    [
        (b"one", 1, "one"),
        (b"\xef\xbb\xbfone\r", 1, "one"),
        (b"\xef\xbb\xbftwo\r\n", 2, "\ufefftwo"),
        (b"\r\n", 3, ""),
        (b"a\r\r\n", 3, "a\r"),
        (b"\xef\xbb\xbf", 1, ""),
    ],
)
def test_a_line_is_the_text_without_the_mark_before_the_first_and_the_end(line, number, text):
    assert decode_line(line, number) == text


def test_bytes_that_are_not_utf8_are_replaced_and_said():
    said = []
    assert decode_line(b"caf\xe9\r\n", 7, said.append) == "caf\ufffd"
    assert said == ["stdin:7: not UTF-8; the bytes that are not were replaced"]


def test_what_cannot_be_read_is_standard_inputs_error(tmp_path):
    folder = os.open(tmp_path, os.O_RDONLY)
    with pytest.raises(InputError, match="^standard input cannot be read: Is a directory$"):
        next(arriving_lines(folder, 1))
    os.close(folder)


def test_a_line_without_an_end_does_not_fill_the_memory(monkeypatch):
    monkeypatch.setattr(stdin_lines, "LONGEST", 1_000_000)
    with open("/dev/zero", "rb") as zeros, pytest.raises(InputError, match="a line of more than"):
        next(arriving_lines(zeros.fileno(), 1))
