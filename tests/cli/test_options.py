import pytest
import typer

from chatbot.cli.options import parse_duration, say_duration


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("90s", 90), ("4m", 240), ("1h", 3600), ("1h30m", 5400), ("2m5s", 125), ("0.5m", 30), ("none", None)],
)
def test_durations_are_read(text, seconds):
    assert parse_duration(text, "--max-time") == seconds


@pytest.mark.parametrize("text", ["", "90", "4 m", "m", "-3s", "0s", "4x", "1m1h", "٤m1"])
def test_what_is_no_duration_is_refused_with_examples(text):
    with pytest.raises(typer.BadParameter, match="90s, 4m"):
        parse_duration(text, "--max-time")


@pytest.mark.parametrize(
    ("seconds", "said"), [(0.2, "0 s"), (59.4, "59 s"), (60, "1 min 0 s"), (200, "3 min 20 s"), (7500, "2 h 5 min")]
)
def test_durations_are_said_for_people(seconds, said):
    assert say_duration(seconds) == said
