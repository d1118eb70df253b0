"""That only recorded replies are said, whole, and with which probabilities."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatbot.config import EOS, GO, DecodingConfig
from chatbot.inference import recorded_reply_steps
from chatbot.inference.decoding.run_generator import drain
from chatbot.inference.decoding.search import n_best, search
from chatbot.inference.prefix_tree import PrefixTree
from chatbot.inference.recorded_reply_steps import RecordedSteps
from chatbot.inference.scoring import score
from chatbot.inference.step_model import DecoderState
from tests.inference.scripted import VOCABULARY, Constant, Recalling, Signpost, ids, word

#: Settings of every strategy, and rules that compose with them.
SETTINGS = [
    {},
    {"repetition_penalty": 5.0},
    {"beam": 4, "n_best": 4},
    {"beam": 2, "length_penalty": 1.0},
    {"beam": 3, "n_best": 3, "repetition_penalty": 0.5},
    {"beam": 3, "diversity": 0.7, "length_bonus": 0.3},
    {"temperature": 1.0},
    {"temperature": 100.0},
    {"temperature": 0.001, "top_p": 0.5},
    {"top_k": 2, "min_p": 1.0},
]
LOGITS = [-math.inf, -3e38, -1e6, -1.0, 0.0, 0.0, 1.0, 1e6, 3e38]


class Rambler:
    """Gives logits that make no sense, some of them -inf and many of them equal."""

    def __init__(self, seed: int) -> None:
        self.random = np.random.default_rng(seed)

    def encode(self, prompts):
        return DecoderState({"none": np.zeros((len(prompts), 1), np.float32)})

    def step(self, tokens, state):
        return self.random.choice(np.array(LOGITS, np.float32), (len(tokens), VOCABULARY)), state


def recorded(model, words, *shares, always_steps=False, topics=None):
    tree = PrefixTree({number: [*ids(one), EOS] for number, one in enumerate(words)})
    topics = None if topics is None else np.array(topics)
    return RecordedSteps(Recalling(model, *shares), tree, VOCABULARY, always_steps, topics=topics)


def say(model, settings, prompts=([0],)):
    """The words of the replies to prompts, and their probabilities."""
    found = n_best(model, list(prompts), DecodingConfig(**{"max_tokens": 50, **settings}))
    return [{word(one.tokens): math.exp(sum(one.log_probabilities)) for one in replies} for replies in found]


shares_of_six = st.lists(st.sampled_from([0.0, 1e-30, 0.1, 0.5, 1.0]), min_size=6, max_size=6)


@given(
    words=st.lists(st.text("abc", max_size=7), min_size=1, max_size=6),
    shares=st.lists(shares_of_six, min_size=2, max_size=2) | st.just([]),
    settings=st.sampled_from(SETTINGS),
    seed=st.integers(0, 99),
)
def test_whatever_the_logits_every_strategy_says_recorded_replies_whole_and_none_twice(words, shares, settings, seed):
    model = recorded(Rambler(seed), words, *shares)
    chance = {"seed": seed} if any(name in settings for name in ("temperature", "top_k")) else {}
    config = DecodingConfig(max_tokens=50, **settings, **chance)
    for replies in n_best(model, [[0], [1], [0]], config):
        said = [word(reply.tokens) for reply in replies]
        assert set(said) <= {f"{one}." for one in words}
        assert min(config.n_best, len(set(words))) <= len(said) == len(set(said))
        assert all(np.isfinite(reply.log_probabilities).all() for reply in replies)


def test_what_is_yielded_joins_to_the_reply():
    model = recorded(Signpost({"": {"a": 0.6, "b": 0.4}}), ["abcde", "abc", "b"], [0.3, 0.3, 0.4])
    for settings in ({}, {"beam": 2}, {"temperature": 1.0, "seed": 1}):
        yielded = []
        steps = search(model, [[0]], DecodingConfig(max_tokens=50, **settings))
        ((best, *_),) = drain(steps, lambda choices, tokens=yielded: tokens.extend(choice.token for choice in choices))
        assert tuple(yielded) == best.tokens


def test_at_a_fork_the_decoder_and_the_shares_beneath_each_branch_decide_together():
    # Beneath "a" are shares of 0.3 and 0.4, beneath "b" is one of 0.3; the decoder prefers "b" by 2 to 1.
    decoder = Signpost({"": {"a": 0.2, "b": 0.4, "z": 0.4}, "a": {"c": 0.5, "d": 0.5}})
    model = recorded(decoder, ["ac", "ad", "b"], [0.3, 0.4, 0.3])
    weight = recorded_reply_steps.DECODER_WEIGHT
    branches = {"a": (1 / 3) ** weight * 0.7 ** (1 - weight), "b": (2 / 3) ** weight * 0.3 ** (1 - weight)}
    a = branches["a"] / sum(branches.values())
    c, d = (0.5**weight * share ** (1 - weight) for share in (3 / 7, 4 / 7))
    (said,) = say(model, {"beam": 3, "n_best": 3})
    assert said == pytest.approx({"ac.": a * c / (c + d), "ad.": a * d / (c + d), "b.": 1 - a}, rel=1e-4)


def test_the_probabilities_of_all_recorded_replies_add_up_to_one():
    model = recorded(Constant(a=3.0, b=1.0), ["ab", "abc", "b", "", "cab"], [0.5, 0.2, 0.1, 0.1, 0.1])
    assert sum(say(model, {"beam": 5, "n_best": 5})[0].values()) == pytest.approx(1)


@pytest.mark.parametrize("shares", [[], [[0.5, 0.2, 0.1, 0.1, 0.1]]])
def test_the_logits_of_each_step_are_log_probabilities_already(shares):
    model = recorded(Constant(a=3.0, b=1.0), ["ab", "abc", "b", "", "cab"], *shares)
    state = model.encode([[0], [0]])
    for tokens in ((GO, GO), ids("ab"), ids("b") * 2):
        logits, state = model.step(np.array(tokens, np.int32), state)
        said = np.isfinite(logits).any(axis=-1)
        assert np.exp(logits[said].astype(np.float64)).sum(axis=-1) == pytest.approx(1)
        state = state.select(np.flatnonzero(said)[:1].repeat(2))


def test_where_the_decoder_agrees_with_the_shares_each_reply_has_its_share():
    decoder = Signpost({"": {"a": 0.7, "b": 0.3}, "a": {"c": 3 / 7, "d": 4 / 7}})
    (said,) = say(recorded(decoder, ["ac", "ad", "b"], [0.3, 0.4, 0.3]), {"beam": 3, "n_best": 3})
    assert said == pytest.approx({"ad.": 0.4, "ac.": 0.3, "b.": 0.3}, rel=1e-4)


def test_each_prompt_has_shares_of_its_own_and_answers_as_it_would_alone():
    model = recorded(Constant(), ["ab", "ac", "b"], [0.8, 0.1, 0.1], [0.1, 0.8, 0.1], [0.1, 0.1, 0.8])
    prompts = [[2], [0], [1], [0]]
    for settings in ({}, {"beam": 2}, {"beam": 3, "n_best": 2}):
        together = say(model, settings, prompts)
        assert [next(iter(replies)) for replies in together] == ["b.", "ab.", "ac.", "ab."]
        assert together == [pytest.approx(say(model, settings, [prompt])[0]) for prompt in prompts]


def test_a_decoder_that_is_sure_outweighs_a_memory_that_is_less_so():
    model = recorded(Signpost({"": {"b": 1.0}}), ["ab", "b"], [0.9, 0.1])
    assert list(say(model, {})[0]) == ["b."]


def test_without_shares_the_decoder_decides_alone():
    model = recorded(Signpost({"": {"a": 0.3, "b": 0.1, "z": 0.6}}), ["ab", "b"])
    assert say(model, {"beam": 2, "n_best": 2})[0] == pytest.approx({"ab.": 0.75, "b.": 0.25}, rel=1e-4)


def test_a_temperature_of_one_draws_each_reply_as_often_as_it_is_probable():
    model = recorded(Signpost({"": {"a": 0.7, "b": 0.3}}), ["a", "b"], [0.7, 0.3])
    said = [next(iter(say(model, {"temperature": 1.0, "seed": seed})[0])) for seed in range(300)]
    assert said.count("a.") / 300 == pytest.approx(0.7, abs=0.08)


def test_the_decoder_is_not_asked_about_a_reply_that_is_the_only_one_left():
    decoder = Signpost({"": {"a": 0.5, "b": 0.5}}, {"": {"a": 0.5, "b": 0.5}})
    model = recorded(decoder, ["abcdefg", "b", "acd"], [0.9, 0.05, 0.05], [0.05, 0.9, 0.05])
    assert [list(replies) for replies in say(model, {}, [[0], [1]])] == [["abcdefg."], ["b."]]
    assert decoder.rows_of_steps == [2, 1]  # after "b" the one is settled, after "ab" the other


@pytest.mark.parametrize(("limit", "expected"), [(50, "abcdefg."), (4, "abcd")])
def test_the_rest_of_a_reply_that_is_the_only_one_left_comes_in_the_same_step(limit, expected):
    model = recorded(Signpost({"": {"a": 0.5, "b": 0.5}}), ["abcdefg", "b", "acd"], [0.9, 0.05, 0.05])
    steps = list(search(model, [[0]], DecodingConfig(max_tokens=limit)))
    assert [word([choice.token for choice in step]) for step in steps] == ["a", "b", expected[2:]]


def test_what_a_decoder_that_steps_to_the_end_says_is_the_same():
    words, shares = ["abcdefg", "b", "acd"], [0.5, 0.1, 0.4]
    decoder = Signpost({"": {"a": 0.5, "b": 0.5}, "a": {"b": 0.4, "c": 0.6}})
    expected = say(recorded(decoder, words, shares), {"beam": 3, "n_best": 3})
    decoder.rows_of_steps.clear()
    assert say(recorded(decoder, words, shares, always_steps=True), {"beam": 3, "n_best": 3}) == expected
    assert len(decoder.rows_of_steps) == 8


def test_the_log_probabilities_are_those_that_the_scorer_gives():
    model = recorded(Signpost({"": {"a": 0.7, "b": 0.3}}), ["abc", "abd", "b"], [0.3, 0.2, 0.5])
    ((best, *_),) = n_best(model, [[0]], DecodingConfig(beam=2))
    assert best.log_probabilities == pytest.approx(score(model, [[0]], [best.tokens])[0].tolist())


#: Four unlikely replies begin with "a"; none of them is as likely as "b".
CROWDED, CROWD_SHARES = ["ac", "ad", "ae", "af", "b"], [0.17, 0.17, 0.17, 0.17, 0.32]


def test_the_best_reply_is_not_lost_to_a_beginning_that_many_unlikely_ones_share():
    best = recorded(Constant(), CROWDED, CROWD_SHARES, topics=range(5))
    assert list(say(best, {})[0]) == ["b."]
    assert sum(say(best, {"beam": 5, "n_best": 5})[0].values()) == pytest.approx(1)
    drawn = recorded(Constant(), CROWDED, CROWD_SHARES)
    said = [next(iter(say(drawn, {"temperature": 1.0, "seed": seed})[0])) for seed in range(300)]
    assert said.count("b.") / 300 == pytest.approx(0.32, abs=0.08)


def test_the_likeliest_reply_of_a_topic_stands_for_the_topic():
    model = recorded(Constant(), ["ab", "cd", "ef", "gh"], [0.3, 0.2, 0.15, 0.35], topics=[7, 7, 7, 2])
    assert list(say(model, {})[0]) == ["ab."]
    (said,) = say(model, {"beam": 4, "n_best": 2})
    assert list(said)[:2] == ["ab.", "gh."]
    assert said["ab."] + said["gh."] == pytest.approx(1, abs=1e-3)


def test_replies_of_a_topic_that_are_as_likely_share_what_the_topic_has():
    (said,) = say(recorded(Constant(), ["a", "b", "c"], [0.3, 0.3, 0.4], topics=[1, 1, 2]), {"beam": 3, "n_best": 3})
    assert said["a."] == pytest.approx(said["b."])
