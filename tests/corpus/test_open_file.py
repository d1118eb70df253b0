import gzip
import io
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatbot.corpus.reading import open_file
from chatbot.corpus.reading.open_file import LineStream, open_bytes, split_lines
from chatbot.errors import CorpusError
from tests.corpus.meter import Meter


def lines(content, longest=open_file.LONGEST_LINE):
    return [line for _, line in split_lines(io.BytesIO(content), longest)]


@given(st.lists(st.sampled_from([b"a", b"bc", b"\r", b"\n", b"\r\n"])), st.integers(1, 5))
def test_lines_are_the_same_wherever_the_chunks_end(parts, size):
    content = b"".join(parts)
    expected = re.split(rb"\r\n|\r|\n", content)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(open_file, "_CHUNK", size)
        assert lines(content) == (expected[:-1] if not expected[-1] else expected)


def test_a_file_without_an_end_is_an_error_of_one_line_that_names_it(monkeypatch):
    monkeypatch.setattr(open_file, "_ENDLESS", 10 << 20)
    with pytest.raises(CorpusError, match=r"/dev/zero: line 1 has no end"), open_bytes(Path("/dev/zero")) as stream:
        list(split_lines(stream, 1 << 20))


def test_lines_are_numbered_from_one():
    assert list(split_lines(io.BytesIO(b"a\r\n\nb"))) == [(1, b"a"), (2, b""), (3, b"b")]


def test_a_line_that_is_too_long_is_left_out_and_the_next_is_read():
    assert lines(b"short\n" + b"x" * 3_000_000 + b"\nafter\n" + b"y" * 11, longest=10) == [
        b"short",
        None,
        b"after",
        None,
    ]


def test_a_parser_gets_a_line_at_a_time_and_its_number():
    stream = LineStream(io.BytesIO(b"{\n  long line\n}"))
    assert [(stream.read(8), stream.line) for _ in range(5)] == [
        (b"{\n", 1),
        (b"  long l", 2),
        (b"ine\n", 2),
        (b"}", 3),
        (b"", 3),
    ]


@pytest.mark.parametrize("pack", [bytes, gzip.compress])
def test_the_byte_order_mark_is_no_part_of_a_file_packed_or_not(tmp_path, pack):
    path = tmp_path / "file"
    path.write_bytes(pack(b"\xef\xbb\xbftext"))
    with open_bytes(path) as stream:
        assert stream.read() == b"text"


@pytest.mark.parametrize("pack", [bytes, gzip.compress])
def test_a_watch_is_told_of_all_bytes_as_they_lie_on_disk(tmp_path, pack):
    path, meter = tmp_path / "file", Meter()
    path.write_bytes(pack(bytes(range(256)) * 20_000))
    with open_bytes(path, meter) as stream:
        for _ in split_lines(stream):
            pass
    assert meter.sizes == [path.stat().st_size] == [meter.read]
