from hypothesis import given
from hypothesis import strategies as st

from chatbot.bot.grading import AnswerKey
from chatbot.bot.mistakes import most_confused_first, neediest_first, weakest_first
from chatbot.corpus import Pair

OPEN, SUNDAY, CARD, CASH = "We open at eight.", "On Sundays we rest.", "Cards are fine.", "So is cash."
TOPICS = {OPEN: "hours", SUNDAY: "hours", CARD: "paying", CASH: "paying"}
HOURS = [Pair("when do you open?", OPEN), Pair("open on sunday?", SUNDAY), Pair("can I pay by card?", CARD)]


def test_a_reply_that_is_recorded_for_the_prompt_is_right_in_any_case():
    key = AnswerKey.of(HOURS, {})
    assert key.is_right("WHEN do you open?", " we OPEN at eight. ")
    assert not key.is_right("when do you open?", SUNDAY)
    assert not key.is_right("when do you open?", "")


def test_where_topics_are_named_another_reply_of_the_topic_is_right_and_not_exact():
    key = AnswerKey.of(HOURS, TOPICS)
    assert key.is_right("when do you open?", SUNDAY)
    assert not key.is_exact("when do you open?", SUNDAY)
    assert not key.is_right("when do you open?", CARD)
    assert not key.is_right("when do you open?", "Never heard of it.")


def test_where_most_prompts_have_several_replies_these_are_all_that_is_right():
    several = [*HOURS, Pair("When do you open?", "At eight."), Pair("can I pay by card?", CASH)]
    key = AnswerKey.of(several, TOPICS)
    assert (key.recorded["when do you open?"], key.topics) == ((OPEN, "At eight."), {})
    assert key.is_right("when do you open?", "At eight.")
    assert not key.is_right("when do you open?", SUNDAY)
    one = AnswerKey.of(several[:4], TOPICS)  # one of three prompts
    assert one.is_right("when do you open?", SUNDAY)


def test_replies_without_a_topic_are_of_no_common_topic():
    key = AnswerKey.of(HOURS, {CARD: "paying"})
    assert not key.is_right("when do you open?", SUNDAY)


def test_the_replies_that_are_known_worst_come_first_with_what_was_said_instead():
    pairs = [
        *(Pair(f"hours {number}", OPEN) for number in range(3)),
        *(Pair(f"Sunday {number}", SUNDAY) for number in range(2)),
        *(Pair(f"card {number}", CARD) for number in range(2)),
        Pair("cash", CASH),
    ]
    said = [CARD, OPEN, CASH, CARD, CARD, CARD, CASH, CASH]
    key = AnswerKey.of(pairs, {})
    weakest = weakest_first([key.grade(pair.prompt, reply, 0.5) for pair, reply in zip(pairs, said, strict=True)])
    assert [(expected.text, expected.right, expected.prompts) for expected in weakest] == [
        (SUNDAY, 0, 2),
        (OPEN, 1, 3),
        (CARD, 1, 2),
    ]
    assert [(mistake.prompt, mistake.said) for mistake in weakest[1].mistakes] == [("hours 0", CARD), ("hours 2", CASH)]
    assert weakest[2].to_json() == {
        "expected": CARD,
        "prompts": 2,
        "right": 1,
        "errors": [{"prompt": "card 1", "said": CASH, "expected": [CARD], "confidence": 0.5}],
    }


def answers(*said):
    """The graded replies to two prompts for each of four answers."""
    expected = [reply for reply in (OPEN, SUNDAY, CARD, CASH) for _ in range(2)]
    pairs = [Pair(f"prompt {number}", reply) for number, reply in enumerate(expected)]
    key = AnswerKey.of(pairs, {})
    return [key.grade(pair.prompt, reply, 0.5) for pair, reply in zip(pairs, said, strict=True)]


def test_the_replies_taken_for_each_other_are_counted_in_both_directions():
    graded = answers(SUNDAY, OPEN, OPEN, OPEN.upper(), CARD, CASH, CASH, "We open on cards.")
    open_sunday, card_cash = most_confused_first(graded, ())
    assert open_sunday.replies == (SUNDAY, OPEN), "two of the three should have been the first"
    assert [(one.prompt, one.said) for one in open_sunday.mistakes] == [
        ("prompt 0", SUNDAY),
        ("prompt 2", OPEN),
        ("prompt 3", OPEN.upper()),
    ]
    assert card_cash.to_json() == {
        "replies": [CARD, CASH],
        "count": 1,
        "example": {"prompt": "prompt 5", "said": CASH, "expected": [CARD], "confidence": 0.5},
    }


def test_a_reply_that_nobody_recorded_is_confused_with_none_and_one_of_the_training_is():
    graded = answers("Spliced.", OPEN, SUNDAY, SUNDAY, "By bus.", CARD, CASH, CASH)
    assert most_confused_first(graded, ()) == []
    (found,) = most_confused_first(graded, ["By bus."])
    assert found.replies == (CARD, "By bus.")


def test_missed_replies_with_few_phrasings_need_more_and_the_worst_come_first():
    graded = answers(SUNDAY, OPEN, OPEN, OPEN, CASH, CASH, CARD, CASH)
    phrasings = {OPEN: 3, SUNDAY: 2, CARD: 9, "Never asked.": 1}
    assert [(one.expected.text, one.phrasings) for one in neediest_first(graded, phrasings)] == [(SUNDAY, 2), (CASH, 0)]
    assert neediest_first(graded, phrasings)[1].to_json() == {"reply": CASH, "phrasings": 0, "prompts": 2, "right": 1}


def test_where_nearly_every_reply_has_one_phrasing_no_reply_needs_more():
    assert neediest_first(answers(*[OPEN] * 8), {OPEN: 2, SUNDAY: 1, CARD: 1, CASH: 1}) == []


TEXTS = st.text("aAß İ", min_size=1, max_size=4)


@given(st.lists(st.tuples(TEXTS, TEXTS), min_size=1), st.dictionaries(TEXTS, st.sampled_from("xy")), TEXTS)
def test_what_is_recorded_is_always_right_and_every_mistake_is_counted_once(pairs, topics, said):
    key = AnswerKey.of(pairs, topics)
    assert all(key.is_right(prompt, reply) for prompt, reply in pairs)
    graded = [key.grade(prompt, said, None) for prompt in key.recorded]
    weakest = weakest_first(graded)
    assert sum(len(expected.mistakes) for expected in weakest) == sum(not one.right for one in graded)
    shares = [expected.right / expected.prompts for expected in weakest]
    assert shares == sorted(shares)
