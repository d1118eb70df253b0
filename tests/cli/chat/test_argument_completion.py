from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatbot.cli.chat.conversation import Conversation
from chatbot.cli.chat.conversation_bot import LoadedBot
from chatbot.cli.chat.slash_commands import COMMANDS, complete
from chatbot.config import DecodingConfig
from tests.cli.chat.test_repl import Paper, Parrot
from tests.nasty import texts


@pytest.fixture
def offer(tmp_path, monkeypatch):
    """The lines that Tab could make of a line, in a folder with a few files."""
    for name in ("checkpoints/english", "checkpoints/korean", "checkpoints/.english.new", "notes"):
        (tmp_path / name).mkdir(parents=True)
    manifests = [f"checkpoints/{name}/manifest.json" for name in ("english", "korean", ".english.new")]
    for name in ("notes.txt", ".hidden", "checkpoints/latest", "notes/one two.txt", *manifests):
        (tmp_path / name).touch()
    monkeypatch.chdir(tmp_path)
    loaded = LoadedBot("polly", "", Path(), Parrot())
    talk = Conversation(Paper(), loaded, lambda _: loaded, DecodingConfig(temperature=0.5))

    def lines(line: str) -> list[str]:
        return [line[: len(line) - one.replaced] + one.text for one in complete(talk, line, COMMANDS)]

    return lines


@pytest.mark.parametrize(
    ("line", "lines"),
    [
        ("/se", ["/set "]),
        ("/un", ["/unset ", "/undo"]),
        ("/nothing", []),
        ("hello /se", []),
        ("", []),
        ("/set te", ["/set temperature "]),
        ("/set TOP_", ["/set top-k ", "/set top-p "]),
        ("/set temperature ", ["/set temperature 0.5", "/set temperature 0.7", "/set temperature 1"]),
        ("/set top-p 0.95", ["/set top-p 0.95"]),
        ("/set colour ", []),
        ("/set ban-words n", ["/set ban-words notes/", "/set ban-words notes.txt"]),
        ("/unset se", ["/unset seed"]),
        ("/beam 1", ["/beam 1", "/beam 10"]),
        ("/save notes/", ["/save notes/one two.txt"]),
        ("/save notes/one ", ["/save notes/one two.txt"]),
        ("/save .h", ["/save .hidden"]),
        ("/save nowhere/", []),
        ("/load ", ["/load english", "/load korean"]),
        ("/load e", ["/load english"]),
        ("/load checkpoints/e", ["/load checkpoints/english"]),
        ("/load n", ["/load notes/", "/load notes.txt"]),
        ("/undo ", []),
    ],
)
def test_tab_completes_names_keys_and_values(offer, line, lines):
    assert offer(line) == lines


def test_names_of_settings_come_with_their_values(tmp_path):
    loaded = LoadedBot("polly", "", tmp_path, Parrot())
    talk = Conversation(Paper(), loaded, lambda _: loaded, DecodingConfig(temperature=0.5))
    assert [one.meaning for one in complete(talk, "/set temp", COMMANDS)] == ["0.5"]


def test_a_bundle_whose_bare_name_another_bundle_has_is_offered_by_its_path(offer):
    Path("english").mkdir()
    assert offer("/load ") == ["/load english", "/load korean"]
    (Path("english") / "manifest.json").touch()
    assert offer("/load ") == ["/load checkpoints/english", "/load korean"]
    assert offer("/load e") == ["/load english/"]


def test_bundles_in_the_home_are_offered_behind_those_here(offer, tmp_path, monkeypatch):
    for name in ("english", "french"):
        (tmp_path / "mine" / name).mkdir(parents=True)
        (tmp_path / "mine" / name / "manifest.json").touch()
    monkeypatch.setenv("CHATBOT_HOME", str(tmp_path / "mine"))
    assert offer("/load ") == ["/load english", "/load korean", "/load french"]
    assert offer(f"/load {tmp_path}/mine/f") == [f"/load {tmp_path}/mine/french"]


@given(st.sampled_from([*(command.name for command in COMMANDS), "/"]), st.lists(texts(), max_size=3).map("/".join))
def test_tab_offers_something_or_nothing_after_any_text(name, typed):
    loaded = LoadedBot("polly", "", Path(), Parrot())
    talk = Conversation(Paper(), loaded, lambda _: loaded, DecodingConfig())
    for line in (typed, f"{name} {typed}", f"{name} {typed}/", f"/set ban-words {typed}"):
        assert all(0 <= one.replaced <= len(line) for one in complete(talk, line, COMMANDS))
