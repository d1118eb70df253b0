from chatbot.bot.grading import AnswerKey
from chatbot.bot.mistakes import most_confused_first, neediest_first, weakest_first
from chatbot.corpus import Pair

OPEN, SUNDAY, CARD, CASH = "We open at eight.", "On Sundays we rest.", "Cards are fine.", "So is cash."


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


def test_where_the_replies_are_no_set_none_needs_more():
    others = {f"Reply {number}.": 1 for number in range(600)}
    assert neediest_first(answers(*[OPEN] * 8), {OPEN: 2, SUNDAY: 1, CARD: 1, CASH: 1, **others}) == []
