import pytest

from chatbot.corpus import Pair
from chatbot.errors import BundleError
from chatbot.training.known_replies import (
    UNKNOWN,
    choose_known_replies,
    number_replies,
    read_known_replies,
    write_known_replies,
)

PAIRS = [Pair("hi", "Hello!"), Pair("bye", "See you."), Pair("hey", "Hello!"), Pair("cya", "Bye.")]


def test_all_replies_are_known_the_most_frequent_first():
    assert choose_known_replies(PAIRS, 3) == ("Hello!", "Bye.", "See you.")


@pytest.mark.parametrize("most", [0, 2])
def test_a_corpus_with_more_replies_than_asked_for_has_none_that_are_known(most):
    assert choose_known_replies(PAIRS, most) == ()


def test_a_pair_has_the_place_of_its_reply():
    assert number_replies(PAIRS, ("Bye.", "Hello!")).tolist() == [1, UNKNOWN, 1, 0]


def test_replies_come_back_from_a_file_as_they_were(tmp_path):
    replies = ("Hello!", 'a "quote"\nand a line', "안녕")
    write_known_replies(tmp_path / "replies.json", replies)
    assert read_known_replies(tmp_path / "replies.json", 3) == replies


@pytest.mark.parametrize("content", ["", "[1, 2]", '{"a": "b"}', '["one"]', "\xff"])
def test_what_is_not_the_replies_of_the_model_is_refused_by_name(tmp_path, content):
    (tmp_path / "replies.json").write_bytes(content.encode("latin-1"))
    with pytest.raises(BundleError, match=r"replies.json: .*; train without --init-from"):
        read_known_replies(tmp_path / "replies.json", 2)
