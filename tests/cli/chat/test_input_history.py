"""The history of what was typed, whatever stands in its place."""

import os
import stat

import pytest

from chatbot.cli.chat.input_history import open_history
from chatbot.errors import OutputError
from tests.conftest import file_size_limit


@pytest.fixture
def place(tmp_path, monkeypatch):
    """Where the history is."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    (tmp_path / "chatbot").mkdir()
    return tmp_path / "chatbot" / "history"


def test_what_is_kept_comes_back_the_latest_first_and_is_its_owners(place):
    for text in ("one", "two\nlines", "+three", "half \ud83d"):
        open_history().store_string(text)
    assert open_history().load_history_strings() == ["half ?", "+three", "two\nlines", "one"]
    assert stat.S_IMODE(place.stat().st_mode) == 0o600


def test_bytes_that_are_not_utf8_are_replaced_and_lines_can_be_added(place):
    place.write_bytes(b"\xe9\n+hi\xff\n")
    open_history().store_string("more")
    assert open_history().load_history_strings() == ["more", "hi\ufffd"]


def test_of_a_long_history_the_end_is_read(place):
    with place.open("wb") as file:
        file.truncate(200_000_000)  # of which the disk has nothing
        file.seek(0, os.SEEK_END)
        file.writelines(b"\n# 2026-01-01\n+line %d\n" % number for number in range(100_000))
    found = open_history().load_history_strings()
    assert found[0] == "line 99999"
    assert all(line.startswith("line ") for line in found)
    assert 10_000 < len(found) < 100_000


@pytest.mark.parametrize(
    ("make", "reason"), [(os.mkfifo, "it is not a file"), (os.mkdir, "Is a directory")], ids=["pipe", "folder"]
)
def test_what_is_no_file_is_said_and_not_waited_for(place, make, reason):
    make(place)
    with pytest.raises(OutputError, match=f"^what you type is not kept for the next time: .*/history: {reason}$"):
        open_history()


def test_a_full_disk_does_not_end_the_conversation(place):
    history = open_history()
    place.unlink()
    place.symlink_to("/dev/full")
    history.store_string("hello")


def test_a_full_disk_keeps_what_was_typed_before_whole(place):
    history = open_history()
    history.store_string("hello")
    with file_size_limit(place.stat().st_size + 35):
        history.store_string("a line of which half could be kept")
    history.store_string("more")
    assert open_history().load_history_strings() == ["more", "hello"]
