"""`chatbot train` on terminals of all kinds: the real program on a pseudo-terminal."""

import json
import os
import pty
import re
import sys

import pexpect
import pyte
import pytest

from chatbot.cli.training_display.display_choice import choose_display
from chatbot.cli.training_display.live_display import LiveDisplay
from chatbot.cli.training_display.log_display import LogDisplay
from chatbot.cli.training_display.plain_display import PlainDisplay
from chatbot.corpus import Pair
from tests.conftest import write_pairs
from tests.terminal_program import spawn_on_terminal

WORDS = ["one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"]
#: So long that the time of a run is for steps, and not for measuring alone.
OPTIONS = ["--epochs", "40", "--valid-share", "0.3", "--units", "16", "--float", "--no-index"]
ROWS, COLUMNS = 50, 120


def run_on_terminal(folder, *options, columns=COLUMNS, **environment):
    """Train on a pseudo-terminal; returns all that was written to it."""
    corpus = write_pairs(folder / "words.tsv", [Pair(f"what is {word}", f"{word} is a word") for word in WORDS])
    command = ["train", corpus, *OPTIONS, *options]
    child = spawn_on_terminal(command, folder, environment, (ROWS, columns), timeout=300)
    child.expect(pexpect.EOF)
    child.close()
    assert child.exitstatus == 0, child.before
    return child.before


@pytest.fixture
def wide(share):
    """What a run writes to a wide terminal with colours."""

    def make(folder):
        (folder / "written").write_text(run_on_terminal(folder), encoding="utf-8", newline="")

    return (share("wide-terminal", make) / "written").read_bytes().decode()


def last_picture(written, first_words="exporting and checking"):
    """The lines of the last picture, without what moves the cursor and colours."""
    plain = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]|\r", "", written)
    return plain[plain.rindex(first_words) :].splitlines()


def digits_hidden(text):
    return re.sub(r"\d([\d,.]*\d)?", "N", text)


def test_a_terminal_shows_the_run_as_a_picture_and_then_sums_it_up(wide):
    assert "7 pairs, 3 held out" in wide
    assert "\x1b[36m" in wide
    picture = [re.sub("[▁▂▃▄▅▆▇█]+", "▁", digits_hidden(line).rstrip()) for line in last_picture(wide)]
    assert picture[:10] == [
        "exporting and checking the step models",
        "epoch     ━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━  N of N",
        "run       ━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━  N%, N s left",
        "loss      N, perplexity N  ▁",
        "held out  N bits/byte, perplexity N, N% exact  ▁",
        "best      epoch N: N bits/byte, perplexity N, N% exact",
        "speed     N tokens/s, learning rate N",
        picture[7],
        picture[8],
        picture[9],
    ]
    assert re.match(
        "variety   (N|all N) sample prompts get (N different replies|the same reply) .in the corpus", picture[7]
    )
    assert all(re.match(r"what is \w+ +→", line) for line in picture[8:11])  # so young a bot may say nothing
    assert picture[11].startswith("╭─ trained for all epochs ─")
    assert picture[-2].startswith("│ next  chatbot chat ")


def test_the_screen_of_a_terminal_holds_one_picture_at_the_end(wide):
    screen = pyte.Screen(COLUMNS, ROWS)
    pyte.Stream(screen).feed(wide)
    labels = [line.split()[0] for line in screen.display if line[:1].isalpha()]
    for label in ("epoch", "run", "loss", "held", "speed", "variety"):
        assert labels.count(label) == 1, screen.display
    assert any(line.startswith("╭─ trained for all epochs ─") for line in screen.display)
    assert screen.display[screen.cursor.y - 1].startswith("╰─")


def test_a_narrow_terminal_without_colours_loses_nothing(tmp_path):
    written = run_on_terminal(tmp_path, columns=36, NO_COLOR="1")
    assert not re.search(r"\x1b\[[0-9;]*(3[0-7]|9[0-7]|38;)[0-9;]*m", written)
    picture = last_picture(written)
    assert max(map(len, picture)) <= 36
    shown = " ".join(" ".join(picture).split())
    for words in (
        "epoch",
        "s left",
        "perplexity",
        "bits/byte",
        "best",
        "tokens/s, learning rate",
        "sample prompts get",
    ):
        assert words in shown
    assert "what is " in shown
    assert "→ " in shown
    assert "chatbot chat" in shown


def test_a_terminal_that_cannot_redraw_gets_sentences_and_one_answer_for_all_sets_off_the_alarm(tmp_path):
    # At so low a rate a decoder learns nothing, and there is nothing beside it that could tell prompts apart.
    options = ["--log-interval", "0.001s", "--learning-rate", "0.000001", "--epochs", "120", "--known-replies", "0"]
    written = run_on_terminal(tmp_path, *options, TERM="dumb").replace("\r\n", "\n")
    assert "\x1b" not in written
    lines = digits_hidden(written).splitlines()
    assert lines[:3] == ["loading TensorFlow", "fitting the tokenizer", "tokenizing the corpus"]
    assert lines[3].startswith("training takes about N s, plus compiling and exporting; up to N epochs of")
    assert lines[4].startswith("N pairs, N held out; N tokens, vocabulary of N")
    assert re.fullmatch("epoch N of N: loss N(, held out N% exact)?, (N min )?N s left", lines[6])
    assert "exporting and checking the step models" in lines
    assert lines[lines.index("trained for all epochs") + 1].startswith("  pairs       N, and N held out")
    assert lines[-1] == "next: chatbot chat"
    said = [line for line in written.splitlines() if line.startswith("collapse alarm: ")]
    assert re.match(r"collapse alarm: \d+ of 10 sample prompts get the same reply \(.*\); in the corpus at", said[0])
    assert "--max-time" in said[0]
    assert written.splitlines()[-2].startswith("collapse alarm: "), "the summary says it again"


@pytest.fixture
def on_terminal(monkeypatch):
    """Standard output is a terminal of that kind; returns what reads all that was written to it."""
    ours, its = pty.openpty()
    with open(its, "w", encoding="utf-8") as stream:

        def read():
            stream.flush()
            return os.read(ours, 100_000).decode()

        def become(term):
            monkeypatch.setenv("TERM", term)
            monkeypatch.setattr(sys, "stdout", stream)
            return read

        yield become
    os.close(ours)


@pytest.mark.parametrize(
    ("term", "json_logs", "kind"),
    [
        ("xterm-256color", False, LiveDisplay),
        ("dumb", False, PlainDisplay),
        ("xterm-256color", True, LogDisplay),
        ("dumb", True, LogDisplay),
    ],
)
def test_the_display_is_the_one_for_the_terminal_and_json_logs_are_json_on_any(on_terminal, term, json_logs, kind):
    read = on_terminal(term)
    display = choose_display(json_logs, None, lambda: False)
    assert type(display) is kind
    display.warned("so long that it would not fit " * 10)
    written = read()
    if json_logs:
        assert json.loads(written)["warning"] == "so long that it would not fit " * 10
    assert ("\x1b" in written) is (kind is LiveDisplay)
