"""The file of the known replies: with the topics of a corpus that has them, and as older bundles have it."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatbot.bundle import KnownReply, read_known_replies, write_known_replies
from chatbot.errors import BundleError


def test_replies_come_back_with_their_topics(tmp_path):
    replies = ("Hello!", 'a "quote"\nand a line', "안녕")
    write_known_replies(tmp_path / "replies.json", replies, {"안녕": "greeting", "elsewhere": "x"})
    known = read_known_replies(tmp_path / "replies.json", 3)
    assert known == (KnownReply(replies[0]), KnownReply(replies[1]), KnownReply("안녕", "greeting"))


def test_without_topics_it_is_the_array_of_strings_that_older_bundles_have(tmp_path):
    write_known_replies(tmp_path / "replies.json", ("a", "b"), {})
    assert json.loads((tmp_path / "replies.json").read_text()) == ["a", "b"]


@given(st.lists(st.text(st.characters(exclude_categories=["Cs"]))), st.text(st.characters(exclude_categories=["Cs"])))
def test_any_text_comes_back(tmp_path_factory, replies, topic):
    file = tmp_path_factory.mktemp("any") / "replies.json"
    write_known_replies(file, replies, dict.fromkeys(replies[::2], topic))
    assert [reply.text for reply in read_known_replies(file, len(replies))] == replies


@pytest.mark.parametrize(
    "content",
    ["", "[1, 2]", '{"a": "b"}', '["one"]', "\xff", '["one", {"reply": "two"}]', '["one", {"topic": "two"}]', "null"],
)
def test_what_is_not_the_replies_of_the_model_is_refused_by_name(tmp_path, content):
    (tmp_path / "replies.json").write_bytes(content.encode("latin-1"))
    with pytest.raises(BundleError, match=r"replies.json: .*; train it again"):
        read_known_replies(tmp_path / "replies.json", 2)
