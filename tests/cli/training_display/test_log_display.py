import json
import math
import re
from dataclasses import replace

import pytest

from chatbot.cli.training_display.log_display import LogDisplay, to_json
from chatbot.cli.training_display.summary import Summary
from tests.watching import PLAN, measurement, resumption, step


def watch(display):
    """Show a run of ten steps and a measurement."""
    display.stage("fitting the tokenizer")
    display.started(PLAN)
    for number in range(1, 11):
        display.stepped(step(number, loss=11.0 - number))
    display.measured(measurement(1, said=("one, two",)))
    display.conclude(Summary("trained", [("pairs", "90")], None, "chatbot chat", {"stopped": "epochs", "steps": 10}))


def events(capsys):
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def test_a_run_that_is_resumed_says_where_and_what_is_wrong_is_an_event_too(capsys):
    display = LogDisplay(interval=None)
    display.resumed(resumption())
    display.warned("the disk is full")
    resumed, warning = events(capsys)
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", resumed.pop("time"))
    assert resumed == {"event": "resumed", "epoch": 2, "step": 20, "seconds": 20.0, "measurements": 2, "best_step": 10}
    assert (warning["event"], warning["warning"]) == ("warning", "the disk is full")


def test_a_step_has_the_mean_loss_since_the_one_before(capsys):
    watch(LogDisplay(interval=4.0))
    steps = [event for event in events(capsys) if event["event"] == "step"]
    for event in steps:
        del event["time"]
    same = {"learning_rate": 0.0125, "tokens_per_second": 2000.0}
    assert steps == [
        {"event": "step", "epoch": 1, "step": 1, "seconds": 1.0, "loss": 10.0, "perplexity": 22026.5, **same}
        | {"seconds_left": 39.0},
        {"event": "step", "epoch": 1, "step": 5, "seconds": 5.0, "loss": 7.5, "perplexity": 1808.04, **same}
        | {"seconds_left": 35.0},
        {"event": "step", "epoch": 1, "step": 9, "seconds": 9.0, "loss": 3.5, "perplexity": 33.1155, **same}
        | {"seconds_left": 31.0},
    ]


def test_a_whole_log_has_the_samples_that_people_see(capsys):
    watch(LogDisplay(interval=4.0))
    said = events(capsys)
    assert [event["event"] for event in said] == ["stage", "started", "step", "step", "step", "measured", "finished"]
    assert said[1]["max_seconds"] is None
    assert [event["step"] for event in said[2:6]] == [1, 5, 9, 10]
    measured = said[5]
    assert (measured["valid_exact"], measured["best"], measured["collapse"]) == (0.25, True, None)
    assert measured["samples"] == [
        {"prompt": "what is 1?", "reply": "one, two", "recorded": "1 it is"},
        {"prompt": "what is 2?", "reply": "2 it is", "recorded": "2 it is"},
        {"prompt": "what is 3?", "reply": "3 it is", "recorded": "3 it is"},
    ]


def test_without_an_interval_only_measurements_are_logged(capsys):
    watch(LogDisplay(interval=None))
    assert [event["event"] for event in events(capsys)] == ["stage", "started", "measured", "finished"]


def test_the_alarm_is_part_of_the_measurement(capsys):
    display = LogDisplay(interval=None)
    display.stepped(step(20))
    display.measured(replace(measurement(2, said=("Hm.",) * 10), step=400))
    assert events(capsys)[0]["collapse"].startswith("10 of 10 sample prompts")


def test_a_loss_that_is_no_number_does_not_spoil_the_log(capsys):
    display = LogDisplay(interval=0.0)
    display.stepped(step(1, loss=math.nan))
    event = json.loads(capsys.readouterr().out, parse_constant=pytest.fail)
    assert (event["step"], event["loss"], event["perplexity"]) == (1, None, None)


def test_numbers_have_six_digits_and_whole_ones_all():
    assert to_json({"a": 1 / 3, "b": 123456789, "c": [2 / 3]}) == '{"a": 0.333333, "b": 123456789, "c": [0.666667]}'
