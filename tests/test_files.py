"""Files that appear whole or not at all."""

import os
import signal
import subprocess
import sys

import pytest

from chatbot.files import draft_prefix, replacing
from tests.conftest import file_size_limit

#: Writes half a file and waits.
_WRITER = """
import sys, time
from pathlib import Path
from chatbot.files import replacing
with replacing(Path("out")) as file:
    file.write(b"half")
    file.flush()
    print("begun", flush=True)
    sys.stdin.readline()
"""


def drafts(folder):
    return [path.name for path in folder.iterdir() if path.name.startswith(draft_prefix(folder / "out"))]


@pytest.fixture
def writer(tmp_path):
    """A process in the middle of writing a file."""
    streams = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    with subprocess.Popen([sys.executable, "-c", _WRITER], cwd=tmp_path, **streams) as process:
        try:
            assert process.stdout.readline() == "begun\n"
            yield process
        finally:
            process.kill()


def test_the_draft_of_a_process_that_was_killed_is_removed_with_the_next_writing(tmp_path, writer):
    writer.send_signal(signal.SIGKILL)
    writer.wait()
    assert len(drafts(tmp_path)) == 1
    with replacing(tmp_path / "out") as file:
        file.write(b"whole")
    assert (os.listdir(tmp_path), (tmp_path / "out").read_bytes()) == (["out"], b"whole")


def test_the_draft_of_a_process_that_writes_is_left_alone(tmp_path, writer):
    with replacing(tmp_path / "out") as file:
        file.write(b"first")
        assert len(drafts(tmp_path)) == 2
    writer.communicate("go on\n")
    assert writer.returncode == 0
    assert (os.listdir(tmp_path), (tmp_path / "out").read_bytes()) == (["out"], b"half")


def test_only_files_are_taken_for_drafts(tmp_path):
    prefix = draft_prefix(tmp_path / "out")
    (tmp_path / f"{prefix}folder").mkdir()
    os.mkfifo(tmp_path / f"{prefix}pipe")
    (tmp_path / f"{prefix}link").symlink_to(tmp_path / "precious")
    (tmp_path / "precious").write_text("precious")
    with replacing(tmp_path / "out") as file:
        file.write(b"whole")
    assert (tmp_path / "precious").read_text() == "precious"
    assert (tmp_path / f"{prefix}folder").is_dir()


def test_a_full_disk_keeps_the_file_that_was_there(tmp_path):
    (tmp_path / "out").write_bytes(b"before")
    with pytest.raises(OSError, match="too large"), file_size_limit(100), replacing(tmp_path / "out") as file:
        file.write(b"x" * 1000)
    assert (os.listdir(tmp_path), (tmp_path / "out").read_bytes()) == (["out"], b"before")
