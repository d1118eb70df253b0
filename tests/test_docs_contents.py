"""The contents of the pages: commands, options, keys and code that they name are those of the program."""

import json
import re
import shlex
import shutil
from dataclasses import fields

import pytest
import typer.main

from chatbot.bundle import layout
from chatbot.cli.app import app
from chatbot.cli.chat.slash_commands import COMMANDS
from chatbot.cli.options.command_introspection import commands
from chatbot.config import DecodingConfig
from chatbot.corpus import formats
from chatbot.runs.events import Plan
from tests.conftest import ROOT, run_chatbot, write_pairs

DOCS = ROOT / "docs"
PAGES = [ROOT / "README.md", ROOT / "corpora" / "README.md", *sorted(DOCS.rglob("*.md"))]
PROGRAM = typer.main.get_command(app)
OPTIONS = {
    name
    for _, command in [((), PROGRAM), *commands(PROGRAM)]
    for param in command.params
    for name in (*param.opts, *param.secondary_opts)
} | {"--help", "-h"}


def text_of(page: str) -> str:
    """The text of a page of `docs/`."""
    return (DOCS / page).read_text(encoding="utf-8")


def rows_of(text: str) -> dict[str, str]:
    """The first cell of each row of the tables in a text, with the rest of the row, without the heads."""
    body = re.sub(r"^\|.*\n\|---.*", "", text, flags=re.MULTILINE)
    return dict(re.findall(r"^\| (.+?) \|(.*)$", body, re.MULTILINE))


def section_of(page: str, heading: str) -> str:
    """The text behind a heading of the second level."""
    return text_of(page).partition(f"\n## {heading}\n")[2].partition("\n## ")[0]


def names_in(text: str) -> set[str]:
    """The names between back-ticks."""
    return set(re.findall(r"`([\w.]+)`", text))


def shell_lines() -> list[str]:
    """The lines of all blocks of shell commands."""
    blocks = [block for page in PAGES for block in re.findall(r"```sh\n(.*?)```", page.read_text(), re.DOTALL)]
    return [line for block in blocks for line in block.splitlines()]


@pytest.mark.parametrize("line", [line for line in shell_lines() if "chatbot" in line])
def test_a_line_for_the_shell_uses_commands_and_options_that_exist(line):
    words = shlex.split(line, comments=True)
    for place in [place for place, word in enumerate(words) if word.endswith("chatbot")]:
        rest = words[place + 1 :]
        call = rest[: next((end for end, word in enumerate(rest) if word in {"|", "&&", ">", "<"}), len(rest))]
        named = [one for path, one in commands(PROGRAM) if call[: len(path)] == list(path)]
        params = [param for one in (PROGRAM, *named) for param in one.params]
        known = {name for param in params for name in (*param.opts, *param.secondary_opts)}
        assert named
        assert {word for word in call if word.startswith("--") and word != "--"} <= known


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_an_option_that_a_page_names_exists(page):
    if page == DOCS / "log.md":  # of scripts and of earlier versions
        return
    text = re.sub(r"<!-- test -->.*?<!-- end -->", "", page.read_text(encoding="utf-8"), flags=re.DOTALL)
    named = {option for code in re.findall(r"`([^`\n]+)`", text) for option in re.findall(r"(?<!\S)--[a-z-]+", code)}
    assert named - OPTIONS == set()


def test_the_python_of_the_reference_runs(tmp_path, monkeypatch, capsys, english_bundle):
    shutil.copytree(english_bundle, tmp_path / "checkpoints" / "dialogs")
    monkeypatch.chdir(tmp_path)
    names: dict[str, object] = {}
    for block in re.findall(r"```python\n(.*?)```", text_of("reference/python.md"), re.DOTALL):
        exec(compile(block, "python.md", "exec"), names)
    assert capsys.readouterr().out
    assert (tmp_path / "why.svg").read_text().startswith("<svg")


def test_the_reference_has_every_command_of_a_conversation():
    typed = " ".join(re.findall(r"`(/[^`]*)`", section_of("reference/chat.md", "Commands")))
    named = set(re.findall(r"/\w+", typed))
    assert {command.name for command in COMMANDS} - named == set()
    assert named - {name for command in COMMANDS for name in (command.name, *command.aliases)} == {"/help", "/why"}


def test_the_reference_has_every_import_format():
    rows = rows_of(text_of("reference/import-formats.md").partition("\n## Options")[0])
    assert sorted(rows) == sorted(f"`{name}`" for name in formats.FORMATS)


def test_the_reference_has_every_file_of_a_bundle():
    assert names_in(" ".join(rows_of(text_of("reference/bundle.md")))) == layout.file_names()


def test_the_table_of_decoding_has_every_option():
    options = re.findall(r"`--([\w-]+)", " ".join(rows_of(text_of("explanation/search.md"))))
    assert {option.replace("-", "_") for option in options} == {field.name for field in fields(DecodingConfig)}


def test_the_reference_has_every_event_of_a_log_and_every_figure_of_its_beginning():
    table = text_of("reference/training-log.md").partition("<!-- train --json-logs -->\n")[2]
    rows = rows_of(table.partition("<!-- end -->")[0])
    events = ["stage", "started", "resumed", "step", "measured", "warning", "finished"]
    assert list(rows) == [f"`{event}`" for event in events]
    assert names_in(rows["`started`"]) == {field.name for field in fields(Plan)}


def test_the_reference_has_every_key_of_an_evaluation(tmp_path, english_bundle, english_pairs):
    corpus = write_pairs(tmp_path / "some.tsv", english_pairs[:5])
    done = run_chatbot(["evaluate", corpus, "--json", "--checkpoint", english_bundle], tmp_path)
    assert json.loads(done.stdout).keys() <= names_in(section_of("reference/json.md", "`chatbot evaluate`"))
    done = run_chatbot(["audit", corpus, "--json", "--checkpoint", english_bundle], tmp_path)
    audited = json.loads(done.stdout)
    keys = audited.keys() | {key for part in ("strings", "files") for one in audited[part] for key in one}
    assert keys <= names_in(section_of("reference/json.md", "`chatbot audit`"))


def test_the_reference_has_every_key_of_a_transcript(tmp_path, english_bundle, english_pairs):
    talk = ["chat", "--transcript", "talk.jsonl", "--checkpoint", english_bundle]
    run_chatbot(talk, tmp_path, f"{english_pairs[0].prompt}\n")
    (line,) = (tmp_path / "talk.jsonl").read_text(encoding="utf-8").splitlines()
    keys = [f"`{key}`" for key in json.loads(line)]
    assert keys == list(rows_of(section_of("reference/json.md", "Transcripts")))


def test_the_reference_has_every_key_of_an_explanation(tmp_path, english_bundle, english_pairs):
    asked = ["explain", english_pairs[0].prompt, "--json", "--checkpoint", english_bundle]
    done = run_chatbot(asked, tmp_path)
    assert json.loads(done.stdout).keys() <= names_in(section_of("reference/json.md", "`chatbot explain`"))
