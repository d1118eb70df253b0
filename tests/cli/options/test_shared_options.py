import pytest

from chatbot.cli.options.click_aliases import UsageError
from chatbot.cli.options.shared_options import choose_fallback
from chatbot.cli.output.training_wording import say_duration
from chatbot.config import FallbackConfig


@pytest.mark.parametrize(
    ("seconds", "said"), [(0.2, "0 s"), (59.4, "59 s"), (60, "1 min 0 s"), (200, "3 min 20 s"), (7500, "2 h 5 min")]
)
def test_durations_are_said_for_people(seconds, said):
    assert say_duration(seconds) == said


def test_a_fallback_is_one_line_and_its_threshold_is_the_bots_where_none_is_given():
    assert choose_fallback(" No\nidea. ", None) == FallbackConfig("No idea.", None)
    assert choose_fallback("?", 0.5) == FallbackConfig("?", 0.5)
    assert choose_fallback(None, None) is None


@pytest.mark.parametrize(("text", "least"), [(None, 0.5), ("?", -0.1), ("?", 1.5), ("?", float("nan"))])
def test_a_threshold_without_a_fallback_or_out_of_range_is_refused(text, least):
    with pytest.raises(UsageError) as refusal:
        choose_fallback(text, least)
    assert "--min-confidence" in refusal.value.format_message()
