import pytest

from chatbot.config.option_values import parse_duration, write_duration
from chatbot.errors import ConfigError


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("90s", 90), ("4m", 240), ("1h", 3600), ("1h30m", 5400), ("2m5s", 125), ("0.5m", 30), ("none", None)],
)
def test_durations_are_read(text, seconds):
    assert parse_duration(text) == seconds


@pytest.mark.parametrize("text", ["", "90", "4 m", "m", "-3s", "0s", "4x", "1m1h", "٤m1"])
def test_what_is_no_duration_is_refused_with_examples(text):
    with pytest.raises(ConfigError, match="90s, 4m"):
        parse_duration(text)


@pytest.mark.parametrize("text", ["45s", "6h", "1h30m", "2m5s", "none"])
def test_a_duration_is_written_as_it_is_read(text):
    assert write_duration(parse_duration(text)) == text
