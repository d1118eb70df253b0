import pytest

from chatbot.corpus import Pair
from chatbot.training.data.candidate_replies import UNKNOWN, choose_known_replies, number_replies

PAIRS = [Pair("hi", "Hello!"), Pair("bye", "See you."), Pair("hey", "Hello!"), Pair("cya", "Bye.")]


def test_all_replies_are_known_the_most_frequent_first():
    assert choose_known_replies([PAIRS[:2], PAIRS[2:]], 3) == ("Hello!", "Bye.", "See you.")


@pytest.mark.parametrize("most", [0, 2])
def test_a_corpus_with_more_replies_than_asked_for_has_none_that_are_known(most):
    assert choose_known_replies([PAIRS[:2], PAIRS[2:]], most) == ()


def test_the_only_reply_of_a_corpus_is_not_chosen_from_anything():
    assert choose_known_replies([[Pair("hi", "Hello!"), Pair("hey", "Hello!")]], 5) == ()


def test_a_pair_has_the_place_of_its_reply():
    assert number_replies(PAIRS, ("Bye.", "Hello!")).tolist() == [1, UNKNOWN, 1, 0]
