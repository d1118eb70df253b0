import json
import math
import re

import pytest

from chatbot.cli.log_display import LogDisplay, to_json, to_key_values
from chatbot.cli.summary import Summary
from tests.watching import PLAN, measurement, resumption, step


def watch(display):
    """Show a run of ten steps and a measurement."""
    display.stage("fitting the tokenizer")
    display.started(PLAN)
    for number in range(1, 11):
        display.stepped(step(number, loss=11.0 - number))
    display.measured(measurement(1, said=("one, two",)))
    display.conclude(Summary("trained", [("pairs", "90")], None, "chatbot chat", {"stopped": "epochs", "steps": 10}))


def without_time(text):
    return re.sub(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", "NOW", text)


def test_a_run_that_goes_on_says_where_and_what_is_wrong_is_an_event_too(capsys):
    display = LogDisplay(to_key_values, interval=None)
    display.resumed(resumption())
    display.warned("the disk is full")
    assert without_time(capsys.readouterr().out).splitlines() == [
        "time=NOW event=resumed epoch=2 step=20 seconds=20.0 measurements=2 best_step=10",
        'time=NOW event=warning warning="the disk is full"',
    ]


def test_a_whole_log_of_pairs(capsys):
    watch(LogDisplay(to_key_values, interval=4.0))
    assert without_time(capsys.readouterr().out).splitlines() == [
        'time=NOW event=stage stage="fitting the tokenizer"',
        "time=NOW event=started training_pairs=90 validation_pairs=10 training_tokens=1234 truncated_pairs=2"
        " vocabulary_size=300 parameters=4567 memory_bytes=800000000 steps_per_epoch=10 epochs=4"
        " expected_seconds=40.0 devices=CPU",
        "time=NOW event=step epoch=1 step=1 seconds=1.0 loss=10.0 perplexity=22026.5 learning_rate=0.0125"
        " tokens_per_second=2000.0 seconds_left=39.0",
        "time=NOW event=step epoch=1 step=5 seconds=5.0 loss=7.5 perplexity=1808.04 learning_rate=0.0125"
        " tokens_per_second=2000.0 seconds_left=35.0",
        "time=NOW event=step epoch=1 step=9 seconds=9.0 loss=3.5 perplexity=33.1155 learning_rate=0.0125"
        " tokens_per_second=2000.0 seconds_left=31.0",
        "time=NOW event=measured epoch=1 step=10 seconds=10.0 train_loss=0.5 valid_loss=2.0"
        " valid_perplexity=7.38906 valid_bits_per_byte=1.5 valid_exact=0.25 top_reply_share=0.1"
        " learning_rate=0.0125 tokens_per_second=2000.0 best=true seconds_left=30.0",
        "time=NOW event=finished stopped=epochs steps=10",
    ]


def test_json_has_the_same_and_the_samples_that_people_see(capsys):
    watch(LogDisplay(to_json, interval=4.0))
    events = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [event["event"] for event in events] == ["stage", "started", "step", "step", "step", "measured", "finished"]
    assert events[1]["max_seconds"] is None
    assert [event["step"] for event in events[2:6]] == [1, 5, 9, 10]
    measured = events[5]
    assert (measured["valid_exact"], measured["best"], measured["collapse"]) == (0.25, True, None)
    assert measured["samples"] == [
        {"prompt": "what is 1?", "reply": "one, two", "recorded": "1 it is"},
        {"prompt": "what is 2?", "reply": "2 it is", "recorded": "2 it is"},
        {"prompt": "what is 3?", "reply": "3 it is", "recorded": "3 it is"},
    ]


def test_without_an_interval_only_measurements_are_logged(capsys):
    watch(LogDisplay(to_key_values, interval=None))
    out = capsys.readouterr().out
    assert "event=step" not in out
    assert "event=measured" in out


@pytest.mark.parametrize(
    ("write", "found"),
    [(to_key_values, 'collapse="10 of 10 sample prompts'), (to_json, '"collapse": "10 of 10 sample')],
)
def test_the_alarm_is_part_of_the_measurement(capsys, write, found):
    display = LogDisplay(write, interval=None)
    display.stepped(step(20))
    display.measured(measurement(2, said=("Hm.",) * 10))
    assert found in capsys.readouterr().out


def test_a_loss_that_is_no_number_does_not_spoil_the_log(capsys):
    display = LogDisplay(to_json, interval=0.0)
    display.stepped(step(1, loss=math.nan))
    event = json.loads(capsys.readouterr().out, parse_constant=pytest.fail)
    assert (event["step"], event["loss"], event["perplexity"]) == (1, None, None)


def test_values_are_quoted_where_they_would_be_misread():
    texts = {"a": "plain", "b": "two words", "c": 'say "hi"', "d": "x=1", "e": "", "f": "é"}
    assert (
        to_key_values({**texts, "g": True, "h": None, "i": [1]})
        == r'a=plain b="two words" c="say \"hi\"" d="x=1" e="" f=é g=true'
    )


def test_numbers_have_six_digits_and_whole_ones_all():
    assert to_json({"a": 1 / 3, "b": 123456789, "c": [2 / 3]}) == '{"a": 0.333333, "b": 123456789, "c": [0.666667]}'
