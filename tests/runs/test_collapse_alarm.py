import pytest

from chatbot.runs.collapse_alarm import CollapseAlarm, TopReply, advise


def top(same, recorded=1, prompts=10, text="I don't know.", kinds=0):
    return TopReply(text, same / prompts, recorded / prompts, prompts, kinds)


def test_the_most_frequent_reply_is_counted_beside_the_most_frequent_recorded_one():
    found = TopReply.of(["a", "b", "a", "a"], ["b", "b", "c", "d"])
    assert found == TopReply("a", share=0.75, recorded_share=0.5, prompts=4, right_kinds=1)
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
    assert alarm.hear(top(10), 100, 1000) is None
    said = alarm.hear(top(9), 300, 1000)
    assert said.startswith(
        "9 of 10 sample prompts get the same reply (“I don't know.”);"
        " in the corpus at most 1 share one. It does not tell prompts apart yet: "
    )
    for advice in ("--max-time", "--epochs", "--preset", "chatbot corpus check"):
        assert advice in said
    assert said.endswith(".")


def test_it_ends_when_the_replies_differ():
    alarm = CollapseAlarm()
    assert alarm.hear(top(9), 500, 1000)
    assert alarm.hear(top(2), 600, 1000) is None


def test_a_bot_that_did_better_before_has_had_too_high_a_rate_however_early_it_is():
    alarm = CollapseAlarm()
    assert alarm.hear(top(2, kinds=2), 50, 1000) is None
    said = alarm.hear(top(10), 100, 1000)
    assert "told prompts apart before" in said
    assert "lower --learning-rate" in said


def test_a_bot_that_says_nothing_is_described_so():
    assert "get the same reply (nothing at all);" in CollapseAlarm().hear(top(10, text=""), 1000, 1000)


def test_at_the_end_the_advice_does_without_the_reply_which_the_manifest_does_not_hold():
    assert advise(top(3), 500) is None
    assert advise(top(9, text=None), 500).startswith(
        "9 of 10 sample prompts get the same reply; in the corpus at most 1 share one"
    )


@pytest.mark.parametrize(
    ("replies", "kinds"),
    [
        (["a", "b", "c"], 2),
        (["a", "a", "a"], 1),
        (["c", "a", "b"], 0),
        (["a", "b, and so on, and so on, and so on, and so on", "x"], 2),  # a long one is cut
        (["a", "b,", "x"], 1),
        (["", "", ""], 0),
    ],
)
def test_only_right_replies_tell_prompts_apart(replies, kinds):
    recorded = ["a", "b" if replies[1] in "ab" else "b, and so on, and so on, and so on, and so on, to the end.", "d"]
    assert TopReply.of(replies, recorded).right_kinds == kinds


@pytest.mark.parametrize(
    ("same", "kinds", "collapsed"),
    [
        (26, 1, True),  # the one reply that fills the corpus, and nothing else right
        (20, 0, True),
        (26, 2, False),
        (15, 1, False),
    ],
)
def test_where_one_reply_fills_the_corpus_a_bot_that_has_no_other_right_one_has_collapsed(same, kinds, collapsed):
    assert top(same, 26, 32, kinds=kinds).collapsed is collapsed
    assert not top(same, 29, 32, kinds=kinds).collapsed, "too few prompts have another"


ANSWERS = [f"answer {number}" for number in range(16)]


def heard(*measurements, answers=ANSWERS, steps=500):
    """What an alarm says at each of some measurements, given as share of the steps and the replies of the samples."""
    alarm = CollapseAlarm()
    return [
        alarm.hear(TopReply.of(replies, answers), round(progress * steps), steps) for progress, replies in measurements
    ]


def half_babbled(right):
    return [*ANSWERS[:right], *["We and and at at."] * (16 - right)]


def test_a_small_healthy_run_is_silent():
    """As a corpus of a hundred pairs goes: nothing, babble of several kinds, babble of one, then the answers."""
    several = ["We and", "at nine", "the the", "We we", *["We and"] * 12]
    said = heard(
        (1 / 500, [""] * 16),
        (2 / 500, several),
        (8 / 500, ["We and and at at."] * 16),
        (60 / 500, half_babbled(3)),
        (100 / 500, half_babbled(9)),
        (1.0, ANSWERS),
    )
    assert said == [None] * 6


@pytest.mark.parametrize("steps", [1, 2, 40, 99])
def test_so_few_steps_that_no_bot_can_have_learned_anything_are_silent(steps):
    """As where nearly all the time of a short run goes into compiling."""
    assert heard((1 / steps, [""] * 16), (1.0, [""] * 16), steps=steps) == [None, None]
    assert advise(top(10), steps) is None


def test_a_run_that_collapses_still_rings():
    one = ["I do not know."] * 16
    never = heard((0.01, one), (0.2, one), (0.3, one), (1.0, one))
    assert never[:2] == [None, None]
    assert all("--max-time" in said for said in never[2:])
    after_a_start = heard((0.1, half_babbled(8)), (0.2, one))
    assert "lower --learning-rate" in after_a_start[1]
    # Babble of several kinds has told nothing apart.
    babbled = heard((0.05, [f"babble {number}" for number in range(16)]), (0.1, one), (0.5, one))
    assert babbled[1] is None
    assert "--max-time" in babbled[2]


def test_a_run_that_is_resumed_remembers_what_was_right():
    alarm = CollapseAlarm()
    alarm.recall([top(9), top(2, kinds=5)])
    assert "lower --learning-rate" in alarm.hear(top(10), 100, 1000)
    alarm.recall([top(9), top(2, kinds=0)])
    assert alarm.hear(top(10), 100, 1000) is None
