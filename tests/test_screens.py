"""The screens of the README and of docs/: that their commands exist, and that the script makes them from real runs."""

import re
import shlex
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest
import typer.main

from chatbot.cli.app import app
from chatbot.cli.options.command_introspection import commands
from tests.conftest import ROOT

SCRIPT = ROOT / "benchmarks" / "screens.py"
FILES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
PAGES = {file: file.read_text(encoding="utf-8") for file in FILES}
PICTURE = re.compile(r"!\[[^\]]*\]\((\S+)\)")
BLOCK = re.compile(r"<!-- screen: (.+?)\s*-->\n(.*?)<!-- end -->", re.DOTALL)
SVG = "{http://www.w3.org/2000/svg}"


def first_lines():
    return [block[1].split("\n")[0] for text in PAGES.values() for block in BLOCK.finditer(text)]


def calls_of(line: str) -> list[list[str]]:
    """The words behind each `chatbot` in a line for the shell, up to a pipe or the next command."""
    words = shlex.split(line)
    ends = [place for place, word in enumerate(words) if word in {"|", "&&"}]
    begins = [place + 1 for place, word in enumerate(words) if word == "chatbot"]
    return [words[begin : min([end for end in ends if end >= begin], default=len(words))] for begin in begins]


CALLS = [call for line in first_lines() for call in calls_of(line)]


@pytest.mark.parametrize("call", CALLS, ids=" ".join)
def test_every_screen_is_of_a_command_and_options_that_exist(call):
    program = typer.main.get_command(app)
    named = [(call.index(path[0]), one) for path, one in commands(program) if set(path) <= set(call)]
    _, command = min(named, key=lambda place_and_command: place_and_command[0])
    known = {name for param in (*program.params, *command.params) for name in (*param.opts, *param.secondary_opts)}
    assert {word for word in call if word.startswith("-")} <= known


def test_no_screen_is_there_that_the_script_does_not_make():
    for page, text in PAGES.items():
        assert not re.findall(r"^\$ .*|^you> .*", BLOCK.sub("", text), re.MULTILINE), page


def test_every_picture_is_shown_and_made_by_the_script_or_drawn_by_hand():
    folder = ROOT / "docs" / "pictures"
    shown = {(page.parent / file).resolve() for page, text in PAGES.items() for file in PICTURE.findall(text)}
    blocks = [(page, block[2]) for page, text in PAGES.items() for block in BLOCK.finditer(text)]
    made = {(page.parent / file).resolve() for page, body in blocks for file in PICTURE.findall(body)}
    assert shown == set(folder.iterdir())
    photographs = {folder / f"serve-{screen}.png" for screen in ("desktop", "phone")}
    assert shown - made == {folder / "rooms.svg", *photographs}


def test_the_script_writes_what_a_real_run_shows(tmp_path, english_bundle, learned_pairs):
    prompt, reply = learned_pairs[0]
    page = tmp_path / "page.md"
    page.write_text(
        "<!-- file: ask.txt -->\n"
        f"```\n{prompt}\n```\n"
        "<!-- end -->\n"
        "<!-- screen: chatbot reply --quiet < ask.txt | tr a-z A-Z -->\n"
        "```\nstale\n```\n"
        "<!-- end -->\n"
        f"<!-- screen: chatbot chat\n{prompt}\n/s⇥\n-->\n"
        "![Old](shown/chat.svg)\n"
        "<!-- end -->\n"
        "The end.\n",
        encoding="utf-8",
    )
    before = page.read_text(encoding="utf-8")
    done = run_script(english_bundle, page)
    assert done.returncode == 0, done.stderr
    said = f"$ chatbot reply --quiet < ask.txt | tr a-z A-Z\n{reply.upper()}"
    assert page.read_text(encoding="utf-8") == before.replace("stale", said)
    drawn = (tmp_path / "shown" / "chat.svg").read_text(encoding="utf-8")
    texts = [text.text.replace("\xa0", " ").strip() for text in ElementTree.fromstring(drawn).iter(f"{SVG}text")]
    assert {"you>", prompt, reply, "/save"} <= set(texts)
    assert "@media (prefers-color-scheme: dark)" in drawn
    assert not re.search(r"href|url\((?!#)|@import|<script", drawn)


@pytest.mark.parametrize(
    ("command", "typed"), [("chatbot info nowhere", ""), ("chatbot chat --checkpoint nowhere", "hello")]
)
def test_a_command_that_fails_is_named_and_the_page_stays_as_it_was(tmp_path, english_bundle, command, typed):
    page = tmp_path / "page.md"
    text = f"<!-- screen: {command}\n{typed}\n-->\n```\nstale\n```\n<!-- end -->\n"
    page.write_text(text)
    done = run_script(english_bundle, page)
    assert done.returncode == 1
    assert f"{command}: failed" in done.stderr
    assert "nowhere: no such bundle" in done.stderr
    assert "Traceback" not in done.stderr
    assert page.read_text() == text


def run_script(bundle: Path, page: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, SCRIPT, bundle, "--page", page], capture_output=True, text=True, timeout=300, check=False
    )
