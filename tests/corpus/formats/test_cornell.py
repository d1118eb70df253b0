import pytest

from chatbot.corpus.reading.turns import LONGEST_TURN
from chatbot.errors import CorpusError
from tests.corpus.formats.reading import read, recognized, write

LINES = (
    "L1045 +++$+++ u0 +++$+++ m0 +++$+++ MARA +++$+++ Did the boat leave?\n"
    "L1044 +++$+++ u2 +++$+++ m0 +++$+++ OLLE +++$+++ An hour ago. Caf\xe9?\n"
    "L985 +++$+++ u0 +++$+++ m0 +++$+++ MARA +++$+++ Don\x92t joke.\n"
    "L870 +++$+++ u2 +++$+++ m0 +++$+++ OLLE +++$+++ \n"
    "a broken line\n"
)
CONVERSATIONS = (
    "u0 +++$+++ u2 +++$+++ m0 +++$+++ ['L1045', 'L1044', 'L985']\n"
    "u0 +++$+++ u2 +++$+++ m0 +++$+++ ['L870', 'L7', 'L985']\n"
    "u0 +++$+++ u2 +++$+++ m0\n"
)


@pytest.fixture
def folder(tmp_path):
    write(tmp_path, LINES.encode("latin-1"), "movie_lines.txt")
    write(tmp_path, CONVERSATIONS, "movie_conversations.txt")
    return tmp_path


def test_lines_are_looked_up_in_the_order_of_their_conversation(folder):
    result = read("cornell", folder)
    assert result.said == [
        [("MARA", "Did the boat leave?"), ("OLLE", "An hour ago. Café?"), ("MARA", "Don’t joke.")],
        [("OLLE", ""), ("", ""), ("MARA", "Don’t joke.")],
    ]
    assert result.dropped == {"damaged": 2, "line that says nothing": 1, "line that movie_lines.txt lacks": 1}
    assert result.problems == [
        "5: 1 fields instead of 5",
        "3: not two characters, a film and a list of lines",
    ]


@pytest.mark.parametrize("name", ["", "movie_lines.txt", "movie_conversations.txt"])
def test_it_is_recognized_by_its_folder_and_by_either_file(folder, name):
    assert recognized(folder / name) == "cornell"
    assert len(read("cornell", folder / name).conversations) == 2


def test_one_file_without_the_other_is_an_error_that_names_the_other(folder):
    (folder / "movie_lines.txt").unlink()
    with pytest.raises(CorpusError, match="movie_lines.txt: missing"):
        read("cornell", folder / "movie_conversations.txt")


def test_ids_are_searched_without_reading_the_lines(tmp_path):
    """Ten megabytes read for each id are hours."""
    sep = " +++$+++ "
    long = sep.join(["L2", "u1", "m0", "B", "x" * 10_000_000])
    write(tmp_path, f"{sep.join(['L1', 'u0', 'm0', 'A', 'hi'])}\n{long}\n", "movie_lines.txt")
    ids = "".join(f"'L1a{number}'" for number in range(50_000))
    write(tmp_path, f"u0{sep}u1{sep}m0{sep}['L1', 'L2', 'L2', {ids}]\n", "movie_conversations.txt")
    result = read("cornell", tmp_path)
    assert [len(text) for text in result.texts[0]] == [2, LONGEST_TURN + 1, *[0] * 50_000]
    assert result.dropped == {"line that movie_lines.txt lacks": 50_000}


def test_copies_in_utf8_are_read_too(folder):
    write(folder, LINES.replace("\x92", "’").encode(), "movie_lines.txt")
    assert read("cornell", folder).texts[0] == ["Did the boat leave?", "An hour ago. Café?", "Don’t joke."]
