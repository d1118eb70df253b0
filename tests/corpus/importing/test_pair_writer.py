import gzip
import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatbot.corpus import Pair, read_pairs
from chatbot.corpus.importing.pair_writer import open_pairs
from chatbot.errors import CorpusError, OutputError
from chatbot.text import normalize
from tests.conftest import refuse
from tests.nasty import texts


def write(path, *pairs, overwrite=False):
    with open_pairs(path, overwrite) as writer:
        for pair in pairs:
            writer.write(Pair(*pair))


def test_pairs_are_lines_with_a_tab(tmp_path):
    write(tmp_path / "out.tsv", ("hi", "hello"), ("안녕", "네"))
    assert (tmp_path / "out.tsv").read_bytes() == "hi\thello\n안녕\t네\n".encode()


@given(st.lists(st.tuples(texts(), texts()), max_size=5))
def test_any_texts_are_the_pairs_that_are_read_back(tmp_path_factory, said):
    pairs = [pair for prompt, reply in said if all(pair := (normalize(prompt), normalize(reply)))]
    path = tmp_path_factory.mktemp("pairs") / "out.tsv"
    write(path, *pairs)
    assert path.read_bytes().count(b"\n") == len(pairs)
    assert [*read_pairs(path, refuse)] == pairs


def test_a_name_that_says_gz_is_compressed(tmp_path):
    write(tmp_path / "out.tsv.gz", ("hi", "hello"))
    assert gzip.decompress((tmp_path / "out.tsv.gz").read_bytes()) == b"hi\thello\n"


def test_what_is_there_stays_unless_it_may_be_replaced(tmp_path):
    path = tmp_path / "out.tsv"
    path.write_text("old")
    with pytest.raises(OutputError, match="out.tsv: there already; replace it with --overwrite"):
        write(path, ("hi", "hello"))
    assert path.read_text() == "old"
    write(path, ("hi", "hello"), overwrite=True)
    assert path.read_text() == "hi\thello\n"


def test_the_old_file_is_whole_until_the_new_one_is(tmp_path):
    path = tmp_path / "out.tsv"
    path.write_text("old")
    with open_pairs(path, True) as writer:
        writer.write(Pair("hi", "hello"))
        assert path.read_text() == "old"
    assert path.read_text() == "hi\thello\n"


@pytest.mark.parametrize("error", [CorpusError("damaged"), KeyboardInterrupt()])
def test_work_that_is_cut_short_leaves_no_trace(tmp_path, error):
    path = tmp_path / "out.tsv"

    def work():
        with open_pairs(path, False) as writer:
            writer.write(Pair("hi", "hello"))
            raise error

    with pytest.raises(type(error)):
        work()
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_appears_meanwhile_stays(tmp_path):
    path = tmp_path / "out.tsv"

    def work():
        with open_pairs(path, False) as writer:
            writer.write(Pair("hi", "hello"))
            path.write_text("somebody else's")

    with pytest.raises(OutputError, match="there already"):
        work()
    assert [file.read_text() for file in tmp_path.iterdir()] == ["somebody else's"]


def test_a_link_stays_and_what_it_points_at_is_replaced(tmp_path):
    (tmp_path / "real.tsv").write_text("old")
    (tmp_path / "link.tsv").symlink_to("real.tsv")
    write(tmp_path / "link.tsv", ("hi", "hello"), overwrite=True)
    assert (tmp_path / "link.tsv").is_symlink()
    assert (tmp_path / "real.tsv").read_text() == "hi\thello\n"


def test_folders_devices_and_missing_folders_are_errors(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    for name, what in [(".", "a folder"), ("none/out.tsv", "no such folder"), ("pipe", "not a regular file")]:
        with pytest.raises(OutputError, match=what):
            write(tmp_path / name, ("hi", "hello"), overwrite=True)
