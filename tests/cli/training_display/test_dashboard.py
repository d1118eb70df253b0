import io
from dataclasses import replace

import pytest
from rich.console import Console

from chatbot.cli.training_display.dashboard import Dashboard
from tests.watching import PLAN, measurement, resumption, step


class Terminal(io.StringIO):
    """A terminal of an encoding."""

    def __init__(self, encoding="utf-8"):
        super().__init__()
        self._encoding = encoding

    @property
    def encoding(self):
        return self._encoding


def picture(dashboard, width, encoding="utf-8", **options):
    terminal = Terminal(encoding)
    Console(file=terminal, width=width, highlight=False, **options).print(dashboard)
    return [line.rstrip() for line in terminal.getvalue().splitlines()]


@pytest.fixture
def dashboard():
    """Half-way: two epochs of four, the second one better, a reply of the three shown changed."""
    dashboard = Dashboard(lambda: False)
    dashboard.started(PLAN)
    for number, loss in enumerate((3.0, 2.5, 2.0, 1.0), 1):
        dashboard.stepped(step(number * 5, loss))
        if number == 2:
            dashboard.measured(measurement(1, 2.0, said=("one", "two")))
    dashboard.measured(measurement(2, 1.0, said=("one", "two is more")))
    return dashboard


def test_before_there_are_steps_it_shows_the_stage():
    dashboard = Dashboard(lambda: False)
    dashboard.stage("fitting the tokenizer")
    assert picture(dashboard, 80) == ["fitting the tokenizer"]


def test_a_run_that_goes_on_shows_what_was_measured_before():
    dashboard = Dashboard(lambda: False)
    dashboard.started(PLAN)
    dashboard.resumed(resumption())
    dashboard.stepped(step(21))
    lines = picture(dashboard, 80)
    assert "loss      1.000, perplexity 2.72  ▁▁█" in lines, "after the losses of before"
    assert "held out  1.500 bits/byte, perplexity 12.18, 25% exact  ▁█" in lines
    assert "best      epoch 1: 1.500 bits/byte, perplexity 7.39, 25% exact" in lines


def test_a_whole_picture(dashboard):
    assert picture(dashboard, 80) == [
        "training",
        "epoch     ━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━  2 of 4",
        "run       ━━━━━━━━━━━━━━━━━━━━                      50%, 20 s left",
        "loss      1.000, perplexity 2.72  █▆▅▁",
        "held out  1.500 bits/byte, perplexity 2.72, 25% exact  █▁",
        "best      epoch 2: 1.500 bits/byte, perplexity 2.72, 25% exact",
        "speed     2,000 tokens/s, learning rate 0.013",
        "variety   10 sample prompts get 10 different replies (in the corpus 10), 1 new",
        "what is 1? → one",
        "what is 2? → two is more",
        "what is 3? → 3 it is",
    ]


def test_a_narrow_terminal_wraps_at_words_and_puts_replies_below_their_prompts(dashboard):
    assert picture(dashboard, 40) == [
        "training",
        "epoch     ━━━━━━━━━━━━━━  2 of 4",
        "run       ━━━━━━━         50%, 20 s left",
        "loss      1.000, perplexity 2.72  █▆▅▁",
        "held out  1.500 bits/byte, perplexity",
        "          2.72, 25% exact  █▁",
        "best      epoch 2: 1.500 bits/byte,",
        "          perplexity 2.72, 25% exact",
        "speed     2,000 tokens/s, learning rate",
        "          0.013",
        "variety   10 sample prompts get 10",
        "          different replies (in the",
        "          corpus 10), 1 new",
        "what is 1?",
        "→ one",
        "what is 2?",
        "→ two is more",
        "what is 3?",
        "→ 3 it is",
    ]


@pytest.mark.parametrize("width", [12, 20, 33, 64, 200])
def test_no_line_is_wider_than_the_terminal(dashboard, width):
    dashboard.measured(measurement(3, said=("a reply that is a little longer " * 4,) * 10))
    dashboard.stepped(step(31))
    assert max(map(len, picture(dashboard, width))) <= width


def test_with_colours_what_changed_is_bold_and_without_them_there_are_none(dashboard):
    coloured = "\n".join(picture(dashboard, 80, force_terminal=True, color_system="standard"))
    assert "\x1b[1mtwo is more\x1b[0m" in coloured
    assert "\x1b[1mone" not in coloured
    assert "\x1b[36m" in coloured
    plain = "\n".join(picture(dashboard, 80, force_terminal=True, color_system="standard", no_color=True))
    assert "\x1b[36m" not in plain


def test_a_terminal_that_knows_ascii_only_gets_a_sparkline_of_it(dashboard):
    lines = picture(dashboard, 80, "ascii")
    assert "loss      1.000, perplexity 2.72  #+=_" in lines
    assert "█" not in "".join(lines)


def test_the_alarm_sounds_with_advice_and_is_over_when_training_is():
    dashboard = Dashboard(lambda: False)
    dashboard.started(PLAN)
    dashboard.stepped(step(20))
    dashboard.measured(replace(measurement(2, said=("Hm.",) * 10), step=400))
    lines = picture(dashboard, 200)
    (alarm,) = [line for line in lines if line.startswith("collapse alarm: ")]
    assert alarm.startswith("collapse alarm: 10 of 10 sample prompts get the same reply (“Hm.”); in the corpus")
    assert "--max-time" in alarm
    assert "variety   all 10 sample prompts get the same reply (in the corpus at most 1 share one)" in lines
    dashboard.stage("exporting")
    assert "collapse alarm" not in "\n".join(picture(dashboard, 200))


def test_with_nothing_held_out_the_best_is_a_training_loss():
    dashboard = Dashboard(lambda: False)
    dashboard.started(PLAN)
    dashboard.stepped(step(10))
    dashboard.measured(measurement(1, None))
    lines = picture(dashboard, 80)
    assert "best      epoch 1: loss 0.500" in lines
    assert not any(line.startswith("held out") for line in lines)


def test_ctrl_c_is_answered_at_once():
    dashboard = Dashboard(lambda: True)
    dashboard.started(PLAN)
    assert picture(dashboard, 100) == [
        "training: stopping, keeping the best weights; Ctrl-C again quits without a bundle"
    ]
