import gzip

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatbot.corpus import Pair, read_pairs, read_rows
from chatbot.errors import CorpusError
from chatbot.text import normalize
from tests.conftest import refuse


def read(path):
    problems = []
    return list(read_pairs(path, problems.append)), [str(problem) for problem in problems]


def write(folder, content):
    path = folder / "pairs.tsv"
    path.write_bytes(content)
    return path


def test_pairs_come_in_order_and_further_columns_are_left_out(tmp_path):
    path = write(tmp_path, b"hi\thello\tCC-BY 2.0\t#42\nbye\tsee you\n")
    assert read(path) == ([Pair("hi", "hello"), Pair("bye", "see you")], [])


def test_rows_keep_their_line_number_and_further_columns(tmp_path):
    path = write(tmp_path, b"\nhi\thello\tgreeting\n")
    assert [tuple(row) for row in read_rows(path, refuse)] == [(2, Pair("hi", "hello"), ("greeting",))]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_every_kind_of_line_end_and_no_last_one(tmp_path, end):
    path = write(tmp_path, f"a\tb{end}c\td{end}e\tf".encode())
    assert read(path) == ([Pair("a", "b"), Pair("c", "d"), Pair("e", "f")], [])


def test_a_byte_order_mark_is_no_part_of_the_first_prompt(tmp_path):
    assert read(write(tmp_path, "\ufeffhi\thello\n".encode()))[0] == [Pair("hi", "hello")]


def test_gzip_is_read_as_is_whatever_the_file_is_called(tmp_path):
    assert read(write(tmp_path, gzip.compress(b"hi\thello\n")))[0] == [Pair("hi", "hello")]


def test_text_is_normalized(tmp_path):
    path = write(tmp_path, "  cafe\u0301   au lait \t  oui \n".encode())
    assert read(path)[0] == [Pair("café au lait", "oui")]


def test_each_bad_line_is_named_and_the_good_ones_are_read(tmp_path):
    lines = [
        b"good\tone",
        b"no tab here",
        b"\tno prompt",
        b"no reply\t  ",
        b"caf\xe9\tlatin",
        b"nul\x00\tbyte",
        b"",
        b"a\tb",
    ]
    path = write(tmp_path, b"\n".join(lines))
    assert read(path) == (
        [Pair("good", "one"), Pair("a", "b")],
        [
            f"{path}:2: no tab between prompt and reply",
            f"{path}:3: empty prompt",
            f"{path}:4: empty reply",
            f"{path}:5: not UTF-8: byte 0xe9 at column 4",
            f"{path}:6: holds a NUL character",
        ],
    )


def test_a_missing_file_a_folder_and_a_cut_gzip_are_errors_that_name_the_file(tmp_path):
    (tmp_path / "cut.gz").write_bytes(gzip.compress(b"hi\thello\n" * 1000)[:-20])
    for name, what in [("none.tsv", "no such file"), (".", "a folder"), ("cut.gz", "gzip")]:
        with pytest.raises(CorpusError, match=what) as caught:
            read(tmp_path / name)
        assert str(tmp_path) in str(caught.value)


sides = st.text(st.characters(exclude_characters="\t\n\r\0", codec="utf-8")).filter(normalize)


@given(st.lists(st.tuples(sides, sides)))
def test_whatever_is_written_is_read_back_normalized(tmp_path_factory, pairs):
    path = tmp_path_factory.mktemp("corpus") / "pairs.tsv"
    path.write_text("".join(f"{prompt}\t{reply}\n" for prompt, reply in pairs), encoding="utf-8", newline="")
    assert read(path) == ([Pair(normalize(prompt), normalize(reply)) for prompt, reply in pairs], [])


@given(st.binary())
def test_no_bytes_whatever_are_a_crash(tmp_path_factory, content):
    path = write(tmp_path_factory.mktemp("corpus"), content)
    try:
        pairs, _ = read(path)
    except CorpusError:
        return
    assert all(normalize(text) == text != "" for pair in pairs for text in pair)
