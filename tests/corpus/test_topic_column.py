from chatbot.corpus import Pair, Row
from chatbot.corpus import topic_column as module
from chatbot.corpus.topic_column import ReplyTopics


def read(*rows):
    topics = ReplyTopics()
    for prompt, reply, *further in rows:
        topics.note(Row(1, Pair(prompt, reply), tuple(further)))
    return topics.chosen


def test_a_reply_has_the_topic_that_it_has_most_often():
    rows = [("hi", "Hello!", "parting"), ("hey", "Hello!", "greeting"), ("yo", "Hello!", "greeting", "more")]
    assert read(*rows) == {"Hello!": "greeting"}


def test_a_reply_without_a_topic_has_none():
    assert read(("hi", "Hello!"), ("bye", "See you.", ""), ("night", "Sleep well.", "parting")) == {
        "Sleep well.": "parting"
    }


def test_a_corpus_with_more_replies_than_are_kept_has_no_topics(monkeypatch):
    monkeypatch.setattr(module, "_MOST", 2)
    rows = [(f"prompt {number}", f"reply {number}", "topic") for number in range(3)]
    assert len(read(*rows[:2])) == 2
    assert read(*rows) == {}
