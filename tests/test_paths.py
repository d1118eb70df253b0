"""Paths as people type them."""

import contextlib
import os
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from chatbot.errors import PathError
from chatbot.files import parse_path, user_folder
from tests.conftest import run_chatbot

#: What no file can be called, with what is said of it.
NO_PATHS = {
    "": "an empty text is no path",
    "a\0b": "a\\x00b: no path; it has a character that no file name can have",
    "half\ud83d": "half\\ud83d: no path; it has a character that no file name can have",
    "~nosuch/x": "~nosuch/x: the home folder ~nosuch is not known; write out the path",
    "x" * 300: f"{'x' * 60}…: no path; it is longer than a file name can be",
    "x/" * 3000: f"{'x/' * 30}…: no path; it is longer than a file name can be",
}


def test_a_path_is_what_was_typed_and_a_tilde_the_home_folder(monkeypatch):
    monkeypatch.setenv("HOME", "/home/of me")
    assert parse_path("a/../b c") == Path("a/../b c")
    assert parse_path("~/x") == Path("/home/of me/x")
    assert parse_path("./~nosuch") == Path("~nosuch")
    assert parse_path(Path("~nosuch")) == Path("~nosuch")


@pytest.mark.parametrize("typed", NO_PATHS, ids=["empty", "NUL", "surrogate", "home", "long name", "long path"])
def test_what_no_file_can_be_called_is_said_in_one_short_line(typed):
    with pytest.raises(PathError) as error:
        parse_path(typed)
    assert str(error.value) == NO_PATHS[typed]


@given(st.one_of(st.text(), st.text(alphabet=st.sampled_from("~/ax\0\ud83d.\n")), st.sampled_from([*NO_PATHS])))
@example("~" + "a" * 5000)
def test_any_text_is_a_path_that_the_system_can_be_asked_about_or_an_error_of_one_line(typed):
    said = "a path"
    try:
        with contextlib.suppress(OSError):
            os.lstat(parse_path(typed))
    except PathError as error:
        said = str(error)
    assert said.isprintable()


def test_without_a_home_folder_the_tilde_and_the_folders_of_the_user_are_not_known(monkeypatch):
    monkeypatch.setattr(os, "environ", {})
    monkeypatch.setattr(os, "getuid", lambda: 54321)  # of whom the list of users has no entry
    with pytest.raises(PathError, match="the home folder ~ is not known"):
        parse_path("~/x")
    assert [user_folder(kind) for kind in ("config", "data", "state")] == [None] * 3


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (["reply", "hi", "--checkpoint"], "--checkpoint"),
        (["reply", "hi", "--ban-words"], "--ban-words"),
        (["chat", "--transcript"], "--transcript"),
        (["info"], "BUNDLE"),
        (["corpus", "check"], "FILE"),
        (["train", "a.tsv", "--valid"], "--valid"),
    ],
)
@pytest.mark.parametrize("typed", ["~nosuch/x", "x" * 300])
def test_every_option_takes_paths_alike(tmp_path, arguments, named, typed):
    done = run_chatbot([*arguments, typed], tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    assert f"Invalid value for '{named}" in done.stderr
    assert done.stderr.endswith(f"{NO_PATHS[typed]}\n")


def test_a_path_of_the_settings_file_names_its_key(tmp_path):
    file = tmp_path / "s.toml"
    file.write_text('[reply]\ncheckpoint = "a\\u0000b"\n')
    done = run_chatbot(["--config", file, "reply", "hi"], tmp_path)
    assert done.returncode == 2
    assert done.stderr.endswith(f"{NO_PATHS['a' + chr(0) + 'b']} (--checkpoint is set by {file}: [reply] checkpoint)\n")
