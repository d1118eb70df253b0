import io
import time

import pytest
from rich.console import Console

from chatbot.cli.output import waiting
from chatbot.cli.output.waiting import Waiting


def shown_when_it_comes(console):
    """What is shown once the words are; the clock of the machine decides when."""
    while "stops" not in console.file.getvalue():
        time.sleep(0.01)
    return console.file.getvalue()


@pytest.fixture
def console(monkeypatch):
    monkeypatch.setattr(waiting, "_SECONDS", 0.01)
    return Console(file=io.StringIO(), force_terminal=True, color_system=None, width=60)


def test_work_that_takes_long_is_seen_to_go_on_and_leaves_nothing(console):
    wait = Waiting(console, moves=True)
    wait.begin()
    assert "working; Ctrl-C stops" in shown_when_it_comes(console)
    wait.end()
    assert console.file.getvalue().endswith("\x1b[2K"), "the line is wiped"
    wait.end()


def test_where_nothing_moves_it_is_one_line(console):
    wait = Waiting(console, moves=False)
    wait.begin()
    assert shown_when_it_comes(console) == "working; Ctrl-C stops\n"
    wait.end()
    assert console.file.getvalue() == "working; Ctrl-C stops\n"


def test_work_that_is_over_soon_shows_nothing(console, monkeypatch):
    monkeypatch.setattr(waiting, "_SECONDS", 3600)
    wait = Waiting(console, moves=True)
    wait.begin()
    wait.begin()
    wait.end()
    assert console.file.getvalue() == ""
