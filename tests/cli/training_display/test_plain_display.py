"""A training in lines for people, from a script of what happens."""

from dataclasses import replace

import pytest

from chatbot.cli.output.fault_tolerant_output import LastingStream
from chatbot.cli.training_display.plain_display import PlainDisplay
from chatbot.cli.training_display.summary import Summary
from tests.watching import PLAN, measurement, resumption, step

SUMMARY = Summary(
    "trained for all epochs", [("pairs", "90"), ("held out", "25%")], "2 of 3.", "chatbot chat", {"steps": 10}
)


@pytest.fixture
def shown(capsys):
    def lines():
        return capsys.readouterr().out.splitlines()

    return lines


def test_a_whole_run_is_a_few_short_lines(shown):
    display = PlainDisplay(interval=10.0)
    display.stage("fitting the tokenizer")
    display.started(PLAN)
    for number in range(1, 41):
        display.stepped(step(number, loss=5.0 - number / 10))
        if number % 5 == 0:
            display.measured(measurement((number - 1) // 10 + 1))
    display.stage("exporting and checking the step models")
    display.conclude(SUMMARY)
    lines = shown()
    assert lines == [
        "fitting the tokenizer",
        "training takes about 40 s, plus compiling and exporting; up to 4 epochs of 10 steps",
        "90 pairs, 10 held out; 1,234 tokens, vocabulary of 300, 2 pairs truncated",
        "4,567 parameters, about 0.8 GB of memory, on CPU",
        "epoch 1 of 4: loss 4.450, held out 25% exact, 30 s left",
        "epoch 2 of 4: loss 3.450, held out 25% exact, 20 s left",
        "epoch 3 of 4: loss 2.450, held out 25% exact, 10 s left",
        "epoch 4 of 4: loss 1.450, held out 25% exact, 0 s left",
        "exporting and checking the step models",
        "trained for all epochs",
        "  pairs     90",
        "  held out  25%",
        "collapse alarm: 2 of 3.",
        "next: chatbot chat",
    ]


def test_without_an_interval_there_are_no_lines_while_it_trains_but_warnings_and_alarms(shown):
    display = PlainDisplay(interval=None)
    for number in range(1, 41):
        display.stepped(step(number))
    display.warned("the disk is full")
    for _ in range(3):
        display.measured(replace(measurement(4, None, said=("Hm.",) * 10), step=400))
    alarm, warning = shown()[1], "warning: the disk is full"
    assert alarm.startswith("collapse alarm: 10 of 10 sample prompts get the same reply (“Hm.”)")
    display.measured(measurement(4, None))
    display.measured(replace(measurement(4, None, said=("Hm.",) * 10), step=400))
    assert len(shown()) == 1, f"raised again once it was over: {warning}"


def test_a_run_that_is_resumed_says_where_and_counts_the_time_on(shown):
    display = PlainDisplay(interval=10.0)
    display.started(PLAN)
    display.resumed(resumption())
    for number in (21, 25, 30):
        display.stepped(step(number))
    assert shown()[3:] == [
        "resuming after step 20, in epoch 2, 20 s of training; best so far: epoch 1",
        "epoch 3 of 4: loss 1.000, 10 s left",
    ]


def test_output_that_cannot_be_written_any_more_is_said_once_and_the_work_goes_on(capsys):
    with open("/dev/full", "w") as full:
        stream = LastingStream(full)
        for _ in range(3):
            print("a line", file=stream, flush=True)
    assert capsys.readouterr().err == (
        "chatbot: the output cannot be written any more (No space left on device); the work continues\n"
    )
