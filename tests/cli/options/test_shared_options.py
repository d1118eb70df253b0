import pytest

from chatbot.cli.options.click_aliases import UsageError
from chatbot.cli.options.shared_options import settle_fallback
from chatbot.cli.output.training_wording import say_duration
from chatbot.config import FallbackConfig, FallbackOptions


@pytest.mark.parametrize(
    ("seconds", "said"), [(0.2, "0 s"), (59.4, "59 s"), (60, "1 min 0 s"), (200, "3 min 20 s"), (7500, "2 h 5 min")]
)
def test_durations_are_said_for_people(seconds, said):
    assert say_duration(seconds) == said


OWN = ("I was not taught that.", "Ask me something else.")


def test_a_fallback_is_one_line_and_its_threshold_is_the_bots_where_none_is_given():
    assert settle_fallback(FallbackOptions(" No\nidea. "), ()) == FallbackConfig("No idea.", None)
    assert settle_fallback(FallbackOptions("?", 0.5), ()) == FallbackConfig("?", 0.5)
    assert settle_fallback(FallbackOptions(), ()) is None


def test_a_bot_says_its_own_fallback_unless_another_is_typed_or_none_is_wanted():
    assert settle_fallback(FallbackOptions(), OWN) == FallbackConfig(OWN[0], None, OWN[1:])
    assert settle_fallback(FallbackOptions(min_confidence=0.4), OWN) == FallbackConfig(OWN[0], 0.4, OWN[1:])
    assert settle_fallback(FallbackOptions("?"), OWN) == FallbackConfig("?", replaced=OWN)
    assert settle_fallback(FallbackOptions("?", no_fallback=True), OWN) is None


def test_the_prompt_decides_which_of_several_texts_is_said():
    fallback = FallbackConfig(OWN[0], None, OWN[1:])
    said = [fallback.choose(f"question {number}") for number in range(40)]
    assert set(said) == set(OWN)
    assert said == [fallback.choose(f"Question {number}") for number in range(40)]


def test_a_threshold_without_anything_to_say_below_it_is_refused():
    with pytest.raises(UsageError) as refusal:
        settle_fallback(FallbackOptions(min_confidence=0.5), ())
    assert refusal.value.format_message() == (
        "--min-confidence needs --fallback TEXT, as this bot has no text of its own"
    )
