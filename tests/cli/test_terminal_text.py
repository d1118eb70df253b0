"""The promise that texts of others are shown on the terminal and never obeyed by it."""

import contextlib
import io
import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.panel import Panel
from rich.table import Table
from rich.text import Text
from rich.tree import Tree

from chatbot.cli.output.console import TextConsole
from chatbot.cli.output.exit_codes_and_messages import print_note, print_warning, report_failure
from chatbot.cli.output.fault_tolerant_output import print_line
from chatbot.cli.output.json_output import to_shown_json
from chatbot.cli.output.table import Column, print_table
from chatbot.text import visible
from tests.conftest import ROOT, run_chatbot
from tests.nasty import JSON, texts

#: What a terminal obeys: controls but tabs and line ends, orders of direction, separators of lines and paragraphs.
OBEYED = re.compile(r"[^\t\n\x20-\x7e\xa0-\u2027\u202f-\u2065\u206a-\ud7ff\ue000-\U0010ffff]|[\u202a-\u202e]")
#: Clears the screen, names the window, does both by single bytes of C1, and turns the order of letters.
HOSTILE = "\x1b[2J\x1b]0;owned\x07\x9b2J\x9d0;owned\x9c\u202eevil"


@given(texts(100))
def test_what_is_visible_is_only_shown(text):
    shown = visible(text)
    assert not OBEYED.search(shown)
    assert len(shown) == len(text)
    assert visible(shown) == shown


@given(st.text(st.characters(categories=("L", "M", "N", "P", "S", "Zs"))))
def test_what_people_write_is_shown_as_it_is(text):
    assert visible(text) == text


@given(JSON)
def test_json_is_only_shown_and_means_the_same(value):
    for indent in (None, 2):
        shown = to_shown_json(value, indent)
        assert not OBEYED.search(shown)
        assert json.dumps(json.loads(shown)) == json.dumps(value)


@given(texts())
def test_messages_notes_lines_and_tables_are_only_shown(text):
    written = io.StringIO()
    with contextlib.redirect_stderr(written), contextlib.redirect_stdout(written):
        report_failure(text, 1)
        report_failure(text, 1, as_json=True)
        print_warning(text)
        print_note(text)
        print_line(text)
        print_table([Column("name")], [[text]])
    assert not OBEYED.search(written.getvalue().replace("\x1b[1m", "").replace("\x1b[0m", ""))


@given(texts())
def test_what_is_drawn_is_only_shown_and_no_markup(text):
    drawn = io.StringIO()
    console = TextConsole(file=drawn, width=200, force_terminal=True, color_system=None)
    grid = Table.grid()
    grid.add_row(text, Text(text))
    for one in (text, Text(text), grid, Panel(text), Tree(text)):
        console.print(one)
    assert not OBEYED.search(drawn.getvalue())


@pytest.mark.parametrize("text", ["[red]no[/red]", "[/]", ":smile:", "[link=https://a.example]b[/link]"])
def test_markup_is_shown(text):
    drawn = io.StringIO()
    console = TextConsole(file=drawn, width=60, force_terminal=True)
    grid = Table.grid()
    grid.add_row(text)
    console.print(text)
    console.print(grid)
    assert drawn.getvalue() == f"{text}\n{text}\n"


def test_everything_is_drawn_on_a_console_that_only_shows():
    made = [path.name for path in (ROOT / "chatbot").rglob("*.py") if re.search(r"\bConsole\(", path.read_text())]
    assert made == []


@pytest.mark.parametrize(
    "command",
    [
        ["info", HOSTILE],
        ["reply", "hello", "--checkpoint", HOSTILE],
        ["corpus", "check", HOSTILE],
        ["corpus", "import", HOSTILE, "--output", "out.tsv"],
        ["list", HOSTILE],
        ["--config", HOSTILE, "list"],
        ["use", HOSTILE],
        ["rm", HOSTILE],
        ["rename", HOSTILE, "new"],
        [HOSTILE],
    ],
    ids=str,
)
def test_an_error_shows_what_was_typed(tmp_path, command):
    done = run_chatbot(command, tmp_path)
    assert done.returncode in {1, 2}
    assert not OBEYED.search(done.stdout + done.stderr)


def test_the_speakers_of_an_imported_chat_are_shown(tmp_path):
    chat = [{"sender_name": HOSTILE, "content": "hi"}, {"sender_name": "Eve", "content": "hello"}] * 3
    conversations = [{"conversations": [{"from": HOSTILE, "value": "hi"}, {"from": "gpt", "value": "hello"}]}]
    (tmp_path / "chat.json").write_text(json.dumps({"participants": [{"name": HOSTILE}], "messages": chat}))
    (tmp_path / "share.json").write_text(json.dumps(conversations))
    for name in ("chat.json", "share.json"):
        done = run_chatbot(["corpus", "import", name, "--output", f"{name}.tsv"], tmp_path)
        assert not OBEYED.search(done.stdout + done.stderr)


def test_settings_are_shown(tmp_path):
    done = run_chatbot(["config"], tmp_path, CHATBOT_CHAT_TRANSCRIPT=HOSTILE.replace("\x9b", ""), CHATBOT_HOME=HOSTILE)
    assert done.returncode == 0, done.stderr
    assert "owned" in done.stdout
    assert not OBEYED.search(done.stdout + done.stderr)


def test_a_bundle_in_a_hostile_folder_is_shown(english_bundle, tmp_path):
    place = tmp_path / HOSTILE
    place.symlink_to(english_bundle)
    for command in (["info", place], ["info", place, "--json"], ["list", tmp_path], ["list", tmp_path, "--json"]):
        done = run_chatbot(command, tmp_path)
        assert (done.returncode, "owned" in done.stdout) == (0, True), done.stderr
        assert not OBEYED.search(done.stdout + done.stderr)
