from chatbot.tokenizer import Tokenizer
from chatbot.training.objective.shared_features import SharedFeatures, number_topics

TOKENIZER = Tokenizer.fit(["hello there", "good night"] * 3)
REPLIES = ("Hello!", "Hi.", "Good night.")


def test_replies_of_one_topic_have_one_number_and_a_reply_without_stands_alone():
    topics = {"Hello!": "greeting", "Good night.": "parting", "Hi.": "greeting"}
    assert number_topics(REPLIES, topics).tolist() == [0, 0, 1]
    assert number_topics((*REPLIES, "greeting"), topics).tolist() == [0, 0, 1, 2]


def test_topics_that_no_two_replies_share_say_nothing():
    assert number_topics(REPLIES, {}) is None
    assert number_topics(REPLIES, {"Hello!": "a", "Hi.": "b"}) is None


def test_nothing_is_alike_where_no_reply_is_known():
    assert SharedFeatures.of(TOKENIZER, (), {"Hello!": "greeting"}) == SharedFeatures()


def test_a_corpus_with_known_replies_has_pieces_that_are_alike():
    assert SharedFeatures.of(TOKENIZER, REPLIES, {}).pieces is not None
