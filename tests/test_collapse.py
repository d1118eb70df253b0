import pytest

from chatbot.collapse import CollapseAlarm, TopReply, advise


def top(same, recorded=1, prompts=10, text="I don't know."):
    return TopReply(text, same / prompts, recorded / prompts, prompts)


def test_the_most_frequent_reply_is_counted_beside_the_most_frequent_recorded_one():
    found = TopReply.of(["a", "b", "a", "a"], ["b", "b", "c", "d"])
    assert found == TopReply("a", share=0.75, recorded_share=0.5, prompts=4)
    assert (found.count, found.recorded_count) == (3, 2)


@pytest.mark.parametrize(
    ("same", "recorded", "prompts", "collapsed"),
    [
        (10, 1, 10, True),
        (6, 1, 10, True),
        (5, 1, 10, False),  # no more than halfway from 1 to 10
        (8, 6, 10, False),  # six prompts have one answer in the corpus too
        (9, 6, 10, True),
        (10, 10, 10, False),  # there is but one answer
        (7, 1, 7, False),  # too few prompts to tell
    ],
)
def test_a_bot_has_collapsed_when_a_reply_is_far_more_frequent_than_any_in_the_corpus(
    same, recorded, prompts, collapsed
):
    assert top(same, recorded, prompts).collapsed is collapsed


def test_it_stays_silent_while_every_bot_is_like_that_and_then_says_what_is_wrong_and_what_to_do():
    alarm = CollapseAlarm()
    assert alarm.hear(top(10), progress=0.1) is None
    said = alarm.hear(top(9), progress=0.3)
    assert said.startswith(
        "9 of 10 sample prompts get the same reply (“I don't know.”);"
        " in the corpus no reply stands for more than 1. It does not tell prompts apart yet. "
    )
    for advice in ("--max-time", "--epochs", "--preset", "chatbot corpus check"):
        assert advice in said
    assert said.endswith(".")


def test_it_ends_when_the_replies_differ():
    alarm = CollapseAlarm()
    assert alarm.hear(top(9), progress=0.5)
    assert alarm.hear(top(2), progress=0.6) is None


def test_a_bot_that_did_better_before_has_had_too_high_a_rate_however_early_it_is():
    alarm = CollapseAlarm()
    assert alarm.hear(top(2), progress=0.05) is None
    said = alarm.hear(top(10), progress=0.1)
    assert "told prompts apart before" in said
    assert "lower --learning-rate" in said


def test_a_bot_that_says_nothing_is_described_so():
    assert "get the same reply (nothing at all);" in CollapseAlarm().hear(top(10, text=""), progress=1.0)


def test_at_the_end_the_advice_does_without_the_reply_which_the_manifest_does_not_hold():
    assert advise(top(3)) is None
    assert advise(top(9, text=None)).startswith("9 of 10 sample prompts get the same reply; in the corpus no reply")
