"""What the summary of a training says of the answers."""

import pytest

from chatbot.bot.grading import GradedReply
from chatbot.bundle import Bundle
from chatbot.cli.training_display.summary import summarize


def graded(*answers):
    """Replies to prompts, each given as what was expected and whether the bot said it."""
    return [
        GradedReply(f"prompt {number}", expected if right else "Hm.", (expected,), right, 0.5)
        for number, (expected, right) in enumerate(answers)
    ]


@pytest.fixture
def advice(bare_bundle):
    """The rows of a summary that are about the answers."""
    bundle = Bundle.open(bare_bundle)

    def rows(replies, chooses, held_out=3):
        bundle.manifest["sizes"]["validation_pairs"] = held_out
        facts = summarize(bundle, replies, chooses, "chatbot chat", "again").facts
        return facts[[name for name, _ in facts].index("bundle") + 1 :]

    return rows


def test_the_answers_learned_worst_are_named_with_what_to_do(advice):
    long = "We deliver on weekdays, within five miles, for four pounds, and on Saturdays for six."
    replies = graded(
        *[("At nine.", True)] * 3,
        *[("By card.", False), ("By card.", True)],
        *[(long, False)] * 2,
        *[("Yes.", False)],
        *[("No.", True), ("No.", True), ("No.", False)],
    )
    assert advice(replies, True) == [
        ("weakest", "0 of 2 right: “We deliver on weekdays, within five miles, for four pounds,…”"),
        ("", "0 of 1 right: “Yes.”"),
        ("", "1 of 2 right: “By card.”"),
        ("", "write more phrasings for these"),
    ]
    assert advice(replies, True, held_out=0)[-1] == (
        "",
        "write more phrasings for these, asked training prompts with one token changed",
    )


def test_a_bot_that_a_simple_baseline_beats_is_said_to_be_if_enough_prompts_say_so(bare_bundle):
    bundle = Bundle.open(bare_bundle)
    bundle.manifest["metrics"] |= {"valid_loss": 1.0, "valid_bits_per_byte": 0.5, "valid_exact": 0.5}

    def notes(prompts, right, centroid, machine=0):
        bundle.manifest["quality"] = {"prompts": prompts, "right": right, "exact": right, "by_topic": False}
        bundle.manifest["quality"] |= {"nearest_neighbour": 0, "nearest_centroid": centroid, "linear_svm": machine}
        facts = summarize(bundle, [], True, "chatbot chat", "again").facts
        return [value for name, value in facts if name == "note" and "which takes a second" in value]

    assert notes(40, 19, 20) == [
        "below the nearest centroid, which takes a second: train longer (--max-time), or write more"
    ]
    assert notes(40, 19, 20, 21) == [
        "below the linear SVM, which takes a second: train longer (--max-time), or write more"
    ]
    assert notes(40, 20, 20) == notes(29, 10, 20) == []


def test_where_all_is_right_or_the_replies_are_no_set_no_answer_is_called_weak(advice):
    assert advice(graded(("At nine.", True), ("By card.", True)), True) == []
    assert advice(graded(("At nine.", True), ("By card.", False)), False) == []


def test_no_right_answer_at_all_is_explained(advice):
    nothing = graded(("At nine.", False), ("By card.", False))
    faq = " ".join(value for _, value in advice(nothing, True))
    assert faq.startswith("no held-out prompt was answered right")
    assert "more phrasings" in faq
    talk = " ".join(value for _, value in advice(nothing, False))
    assert "translation or open dialogue" in talk
    assert "bits per byte" in talk
    assert "sample replies" in talk
    assert "phrasings" not in talk
    assert advice(graded(("At nine.", False)), False, held_out=0) == []
