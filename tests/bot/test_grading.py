from hypothesis import given
from hypothesis import strategies as st

from chatbot.bot.grading import AnswerKey
from chatbot.bot.mistakes import weakest_first
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
