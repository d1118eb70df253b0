import numpy as np
import pytest

from chatbot.config import ModelConfig
from chatbot.corpus import Pair
from chatbot.tokenizer import Tokenizer
from chatbot.training.objective.base_objective import Objective
from chatbot.training.objective.candidate_replies import (
    UNKNOWN,
    CandidateReplies,
    candidate_nats,
    choose_known_replies,
    number_topics,
)
from chatbot.training.setup.initial_model import Start

KNOWN = ("Hello!", "Hi.", "Good night.")
PAIRS = [Pair("hi", "Hello!"), Pair("bye", "See you."), Pair("hey", "Hello!"), Pair("cya", "Bye.")]


@pytest.fixture(scope="module")
def start():
    tokenizer = Tokenizer.fit(["hello there", "good night"] * 3)
    return lambda known: Start(
        tokenizer, ModelConfig(vocabulary_size=tokenizer.vocabulary_size, known_replies=len(known)), known
    )


def test_all_replies_are_known_the_most_frequent_first():
    assert choose_known_replies([PAIRS[:2], PAIRS[2:]], 3) == ("Hello!", "Bye.", "See you.")


@pytest.mark.parametrize("most", [0, 2])
def test_a_corpus_with_more_replies_than_asked_for_has_none_that_are_known(most):
    assert choose_known_replies([PAIRS[:2], PAIRS[2:]], most) == ()


def test_the_only_reply_of_a_corpus_is_not_chosen_from_anything():
    assert choose_known_replies([[Pair("hi", "Hello!"), Pair("hey", "Hello!")]], 5) == ()


def test_where_nearly_every_reply_comes_once_there_are_candidates_only_if_they_are_asked_for():
    translation = [Pair(f"sentence {number}", f"문장 {number}") for number in range(500)]
    assert choose_known_replies([translation], None) == ()
    assert choose_known_replies([[*translation, Pair("sentence", "문장 3")]], None) == ()
    assert len(choose_known_replies([translation], 4096)) == 500
    assert len(choose_known_replies([[*translation, *translation[:50]]], None)) == 500


def test_of_a_few_hundred_pairs_a_bot_chooses_though_each_has_a_reply_of_its_own():
    faq = [Pair(f"question {number}", f"Answer {number}.") for number in range(30)]
    assert len(choose_known_replies([faq], None)) == 30
    assert choose_known_replies([faq], 0) == ()


def test_the_label_of_a_pair_is_the_number_of_its_reply():
    (labels,) = CandidateReplies(("Bye.", "Hello!")).labels(PAIRS)
    assert labels.tolist() == [1, UNKNOWN, 1, 0]


def test_replies_of_one_topic_have_one_number_and_a_reply_without_stands_alone():
    topics = {"Hello!": "greeting", "Good night.": "parting", "Hi.": "greeting"}
    assert number_topics(KNOWN, topics).tolist() == [0, 0, 1]
    assert number_topics((*KNOWN, "greeting"), topics).tolist() == [0, 0, 1, 2]


def test_topics_that_no_two_replies_share_say_nothing():
    assert number_topics(KNOWN, {}) is None
    assert number_topics(KNOWN, {"Hello!": "a", "Hi.": "b"}) is None


def test_without_known_replies_there_is_teacher_forcing_alone(start):
    objective = start(()).objective({"Hello!": "greeting"})
    assert type(objective) is Objective
    assert (objective.labels(PAIRS), objective.label_signature) == ((), ())
    assert float(objective.loss({})) == 0


def test_with_known_replies_the_choice_among_them_is_learned(start):
    objective = start(KNOWN).objective({})
    assert isinstance(objective, CandidateReplies)
    assert len(objective.labels(PAIRS)) == len(objective.label_signature) == 1


def test_a_recorded_reply_counts_by_its_own_probability_and_by_that_of_its_topic():
    scores = np.log(np.array([[0.5, 0.2, 0.2, 0.1]] * 3, np.float32))
    replies = np.array([0, UNKNOWN, 3], np.int32)
    topics = np.array([0, 1, 0, 2], np.int32)
    nats = candidate_nats(scores, replies, topics).numpy()
    np.testing.assert_allclose(nats, -np.log([0.5 * (0.5 + 0.2), 0.1 * 0.1]), rtol=1e-5)
    np.testing.assert_allclose(candidate_nats(scores, replies, None).numpy(), -np.log([0.5, 0.1]), rtol=1e-5)
