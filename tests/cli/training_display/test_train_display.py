"""`chatbot train` on terminals of all kinds: the real program on a pseudo-terminal and in tmux."""

import json
import re
import shlex
import shutil
import subprocess
import sys
import time

import pexpect
import pytest

from chatbot.corpus import Pair
from tests.conftest import program_environment, write_pairs

WORDS = ["one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"]
#: So long that the time of a run is for steps, and not for measuring alone.
OPTIONS = ["--epochs", "40", "--valid-share", "0.3", "--units", "16"]


@pytest.fixture
def corpus(tmp_path):
    return write_pairs(tmp_path / "words.tsv", [Pair(f"what is {word}", f"{word} is a word") for word in WORDS])


def run_on_terminal(tmp_path, corpus, *options, columns=120, **environment):
    """Train on a pseudo-terminal; returns all that was written to it."""
    kept = program_environment(tmp_path) | {"TERM": "xterm-256color"} | environment
    kept.pop("COLUMNS")
    child = pexpect.spawn(
        sys.executable,
        ["-m", "chatbot", "train", str(corpus), *OPTIONS, *options],
        cwd=str(tmp_path),
        env=kept,
        encoding="utf-8",
        timeout=300,
        dimensions=(50, columns),
    )
    child.expect(pexpect.EOF)
    child.close()
    assert child.exitstatus == 0, child.before
    return child.before.replace("\r\n", "\n")


def last_picture(written, first_words="exporting and checking"):
    """The lines of the last picture, without what moves the cursor and colours."""
    plain = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]|\r", "", written)
    return plain[plain.rindex(first_words) :].splitlines()


def digits_hidden(text):
    return re.sub(r"\d([\d,.]*\d)?", "N", text)


def test_a_terminal_shows_the_run_as_a_picture_and_then_sums_it_up(tmp_path, corpus):
    written = run_on_terminal(tmp_path, corpus)
    assert "7 pairs, 3 held out" in written
    assert "\x1b[36m" in written
    picture = [re.sub("[▁▂▃▄▅▆▇█]+", "▁", digits_hidden(line).rstrip()) for line in last_picture(written)]
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


def test_a_narrow_terminal_without_colours_loses_nothing(tmp_path, corpus):
    written = run_on_terminal(tmp_path, corpus, columns=36, NO_COLOR="1")
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


def test_a_terminal_that_cannot_redraw_gets_sentences(tmp_path, corpus):
    written = run_on_terminal(tmp_path, corpus, "--log-interval", "0.001s", TERM="dumb")
    assert "\x1b" not in written
    lines = digits_hidden(written).splitlines()
    assert lines[:3] == ["loading TensorFlow", "fitting the tokenizer", "tokenizing the corpus"]
    assert lines[3].startswith("training takes about N s, plus compiling and exporting; up to N epochs of")
    assert lines[4].startswith("N pairs, N held out; N tokens, vocabulary of N")
    assert re.fullmatch("epoch N of N: loss N(, held out N% exact)?, (N min )?N s left", lines[6])
    assert "exporting and checking the step models" in lines
    assert lines[lines.index("trained for all epochs") + 1].startswith("  pairs       N, and N held out")
    assert lines[-1] == "next: chatbot chat"


def test_json_logs_are_json_on_a_terminal_too(tmp_path, corpus):
    written = run_on_terminal(tmp_path, corpus, "--json-logs", columns=40)
    assert {json.loads(line)["event"] for line in written.splitlines()} >= {"started", "step", "measured", "finished"}


def test_a_bot_that_has_one_answer_for_everybody_sets_off_the_alarm_with_advice(tmp_path, corpus):
    # At so low a rate it learns nothing.
    written = run_on_terminal(tmp_path, corpus, "--learning-rate", "0.000001", "--epochs", "120", TERM="dumb")
    said = [line for line in written.splitlines() if line.startswith("collapse alarm: ")]
    assert re.match(r"collapse alarm: \d+ of 10 sample prompts get the same reply \(.*\); in the corpus at", said[0])
    assert "--max-time" in said[0]
    assert written.splitlines()[-2].startswith("collapse alarm: "), "the summary says it again"


@pytest.mark.skipif(shutil.which("tmux") is None, reason="needs tmux")
def test_the_screen_of_a_real_terminal_emulator_holds_one_picture_at_the_end(tmp_path, corpus):
    environment = {name: program_environment(tmp_path)[name] for name in ("PYTHONPATH", "XDG_STATE_HOME")}
    settings = [f"{name}={value}" for name, value in environment.items()]
    unset = ["-u", "COLUMNS", "-u", "LINES"]  # of the terminal that the tests run in
    train = [sys.executable, "-m", "chatbot", "train", str(corpus), *OPTIONS]
    command = (
        f"cd {shlex.quote(str(tmp_path))} && {shlex.join(['env', *unset, *settings, *train])}; echo over; sleep 1000"
    )
    tmux = ["tmux", "-S", str(tmp_path / "tmux"), "-f", "/dev/null"]
    subprocess.run([*tmux, "new-session", "-d", "-x", "64", "-y", "60", command], check=True)
    try:
        screen = ""
        deadline = time.monotonic() + 300
        while "\nover" not in screen and time.monotonic() < deadline:
            time.sleep(0.5)
            screen = subprocess.run([*tmux, "capture-pane", "-p"], check=True, capture_output=True, text=True).stdout
    finally:
        subprocess.run([*tmux, "kill-server"], check=True)
    labels = [line.split()[0] for line in screen.splitlines() if line and line[0].isalpha()]
    for label in ("epoch", "run", "loss", "held", "speed", "variety"):
        assert labels.count(label) == 1, screen
    assert labels[-1] == "over"
    assert "╭─ trained for all epochs ─" in screen
