"""What the chance of something urgent decides: three replies, one urgent, one made for doubt, one that is neither."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from chatbot.config import EOS, DecodingConfig
from chatbot.inference.decoding.search import n_best
from chatbot.inference.prefix_tree import PrefixTree
from chatbot.inference.recorded_reply_steps import RecordedSteps
from chatbot.inference.urgency import DOUBT, SURE, Urgency
from tests.inference.scripted import VOCABULARY, Constant, Recalling, ids, word

#: "fa" and "fb" are replies to fires, "dd" is said in doubt, "ha" and "hb" are small talk.
WORDS = ["fa", "fb", "dd", "ha", "hb"]
URGENT, DOUBTFUL = np.array([True, True, True, False, False]), np.array([False, False, True, False, False])
FIRE, SMALL_TALK = {"fa", "fb"}, {"ha", "hb"}


def said(shares, topics=None, doubtful=DOUBTFUL, among=range(5), decoder=None, **settings):
    tree = PrefixTree({number: [*ids(WORDS[number]), EOS] for number in among})
    topics = None if topics is None else np.array(topics)
    model = Recalling(decoder or Constant(), shares)
    steps = RecordedSteps(model, tree, VOCABULARY, topics=topics, urgency=Urgency(URGENT, doubtful))
    ((best, *_),) = n_best(steps, [[0]], DecodingConfig(max_tokens=10, **settings))
    return word(best.tokens).rstrip(".")


@pytest.mark.parametrize(
    ("urgent", "reply"), [(0.0, "ha"), (0.14, "ha"), (0.16, "dd"), (0.49, "dd"), (0.51, "fa"), (1.0, "fa")]
)
def test_what_is_said_depends_on_the_chance_in_three_ways(urgent, reply):
    assert said([urgent * 0.7, urgent * 0.3, 0, (1 - urgent) * 0.7, (1 - urgent) * 0.3], range(5)) == reply


def test_many_unlikely_replies_that_are_urgent_count_together():
    assert said([0.26, 0.25, 0.04, 0.45, 0.0], range(5)) == "fa"
    assert said([0.08, 0.09, 0.0, 0.43, 0.4], range(5)) == "dd"
    assert said([0.07, 0.07, 0.0, 0.43, 0.43], topics=[0, 0, 1, 2, 2]) in SMALL_TALK


def test_replies_that_are_made_for_doubt_count_as_urgent():
    assert said([0.1, 0.1, 0.32, 0.48, 0.0], range(5)) == "dd"


def test_the_decoder_does_not_take_the_decision_back():
    assert said([0.2, 0.0, 0.0, 0.8, 0.0], range(5), decoder=Constant(h=9.0)) == "dd"
    assert said([0.55, 0.0, 0.0, 0.45, 0.0], range(5), decoder=Constant(h=9.0)) == "fa"


def test_without_a_reply_for_doubt_an_urgent_one_is_said_when_it_is_half_as_likely():
    none = np.zeros(5, np.bool_)
    for urgent, reply in ((0.4, "fa"), (0.3, "ha")):
        assert said([urgent, 0, 0, 1 - urgent, 0], range(5), doubtful=none) == reply
        assert said([urgent, 0, 0, 1 - urgent, 0], range(5), among=[0, 1, 3, 4]) == reply, "it is refused"


def test_what_is_drawn_follows_the_decision_nearly_always():
    def drawn(*shares):
        return [said(shares, temperature=1.0, seed=seed) for seed in range(100)]

    assert drawn(0.2, 0.1, 0.0, 0.4, 0.3).count("dd") > 70
    assert sum(one in FIRE for one in drawn(0.3, 0.25, 0.0, 0.45, 0.0)) > 70


probabilities = arrays(np.float64, 5, elements=st.floats(0, 1)).filter(lambda shares: shares.sum() > 0)


@given(probabilities, st.sampled_from([np.maximum, np.add]), st.floats(1e-6, 1))
def test_the_group_that_is_decided_for_wins_and_each_group_keeps_its_order(shares, collect, total):
    shares = shares / shares.sum() * total
    weighed = Urgency(URGENT, DOUBTFUL).weigh(shares[None], collect)[0]
    chance = shares[URGENT].sum() / total
    if min(abs(chance - DOUBT), abs(chance - SURE)) < 1e-9:
        return
    group = ~URGENT if chance < DOUBT else DOUBTFUL if chance < SURE else URGENT
    assert np.isfinite(weighed).all()
    assert collect.reduce(weighed[group]) >= collect.reduce(weighed[~group])
    for part in (group, ~group):
        assert (np.diff(weighed[part][np.argsort(shares[part])]) >= 0).all()


def test_a_prompt_of_which_nothing_is_recalled_is_nothing_urgent():
    weighed = Urgency(URGENT, DOUBTFUL).weigh(np.zeros((1, 5)), np.maximum)[0]
    assert weighed[~URGENT].max() >= weighed[URGENT].max()
