import itertools
import math

import numpy as np
import pytest

from chatbot.config import EOS, GO, PAD, UNK, DecodingConfig
from chatbot.inference.decoding.search import n_best, search
from chatbot.inference.step_model import DecoderState
from tests.inference.scripted import VOCABULARY, Constant, Signpost, Speller, ids, spell, word

#: The likelier first letter leads to unlikely words: "xa." has 0.18, "go." 0.36.
TRAP = {"": {"x": 0.6, "g": 0.4}, "x": {"a": 0.3, "b": 0.3, "c": 0.3, "d": 0.1}, "g": {"o": 0.9, "i": 0.1}}


def config(**settings):
    return DecodingConfig(**({"max_tokens": 20, "beam": 2, "length_penalty": 0.0} | settings))


def ranking(model, settings):
    return [word(reply.tokens) for reply in n_best(model, [[0]], settings)[0]]


def test_a_beam_sees_past_the_trap_that_greedy_walks_into():
    assert spell(Signpost(TRAP), [[0]], config()) == ["go."]


def test_hypotheses_that_change_places_take_their_states_along():
    # At every letter the second hypothesis overtakes the first, and only its own state spells on.
    letters = {
        "": {"a": 0.51, "s": 0.49},
        "a": {"n": 0.3, "m": 0.3, "s": 0.3, "d": 0.1},
        "s": {"t": 1.0},
        "st": {"a": 0.6, "o": 0.4},
    }
    letters |= {"sta": {"r": 0.5, "y": 0.5}, "sto": {"p": 1.0}, "stop": {"s": 1.0}}
    assert spell(Signpost(letters), [[0]], config(beam=3)) == ["stops."]


def test_prompts_side_by_side_are_answered_as_alone():
    maps = [TRAP, {"": {"a": 1.0}}, {"": {"g": 0.6, "x": 0.4}, "x": {"y": 1.0}}, {}]
    settings = config(beam=4, n_best=3)
    alone = [n_best(Signpost(*maps), [[number]], settings)[0] for number in range(4)]
    assert n_best(Signpost(*maps), [[2], [0], [3], [1]], settings) == [alone[2], alone[0], alone[3], alone[1]]


def test_the_n_best_are_ranked_with_their_scores():
    found = n_best(Signpost(TRAP), [[0]], config(beam=6, n_best=4))[0]
    assert word(found[0].tokens) == "go."
    assert {word(reply.tokens) for reply in found[1:4]} == {"xa.", "xb.", "xc."}
    assert [reply.score for reply in found[:4]] == pytest.approx([math.log(0.36), *[math.log(0.18)] * 3], abs=1e-4)
    assert all(sum(reply.log_probabilities) == pytest.approx(reply.score) for reply in found)


def test_a_length_penalty_favours_the_longer_reply():
    # Log-probabilities -0.69 for two tokens and -0.92 for seven.
    model = Signpost(
        {
            "": {"n": 0.5, "p": 0.4, "q": 0.1},
            "p": {"l": 1.0},
            "pl": {"e": 1.0},
            "ple": {"a": 1.0},
            "plea": {"s": 1.0},
            "pleas": {"e": 1.0},
        }
    )
    assert spell(model, [[0]], config(length_penalty=0.0)) == ["n."]
    assert spell(model, [[0]], config(length_penalty=1.0)) == ["please."]


def test_the_score_is_the_log_probability_over_the_penalty_of_gnmt():
    reply = n_best(Signpost({"": {"a": 0.5, "b": 0.5}}), [[0]], config(length_penalty=0.8))[0][0]
    assert reply.score == pytest.approx(math.log(0.5) / ((5 + 2) / 6) ** 0.8, abs=1e-4)


def test_the_search_ends_when_nothing_can_overtake_the_best():
    # "b..." goes on for long, but has 0.1 at most; "a." ended with 0.9.
    model = Signpost({"": {"a": 0.9, "b": 0.1}, **{"b" * n: {"b": 1.0} for n in range(1, 15)}})
    assert spell(model, [[0]], config()) == ["a."]
    assert model.rows_of_steps == [1, 2]


def test_the_search_goes_on_while_a_longer_reply_may_still_win():
    # Ended first with 0.4; the other has 0.6 after its first letter and keeps it.
    model = Signpost({"": {"a": 0.4, "b": 0.6}, **{"b" * n: {"b": 1.0} for n in range(1, 6)}})
    assert spell(model, [[0]], config()) == ["bbbbbb."]


def test_hypotheses_that_cannot_win_leave_the_batch():
    model = Signpost(
        {
            "": {"a": 0.5, "b": 0.3, "c": 0.15, "d": 0.05},
            **{"b" * n: {"b": 1.0} for n in range(1, 4)},
            "a": {".": 0.4, "a": 0.6},
            "aa": {"a": 1.0},
            "aaa": {"a": 1.0},
        }
    )
    # "a." has 0.2, so that "c" and "d" are out; then "b..." with 0.3 and "aa..." with 0.3 go on.
    assert spell(model, [[0]], config(beam=4))[0] in ("aaaa.", "bbbb.")
    assert model.rows_of_steps == [1, 4, 2, 2, 2]


def test_one_prompt_may_be_over_before_another():
    model = Signpost({"": {"a": 1.0}}, {"": {"a": 1.0}, "a": {"b": 1.0}, "ab": {"c": 1.0}})
    assert spell(model, [[0], [1]], config()) == ["a.", "abc."]
    assert model.rows_of_steps[:2] == [2, 4]
    assert max(model.rows_of_steps[2:]) <= 2


def test_a_reply_that_is_cut_is_ranked_among_those_that_ended():
    model = Signpost({"": {"a": 0.9, "b": 0.1}, **{"a" * n: {"a": 1.0} for n in range(1, 9)}})
    replies = n_best(model, [[0]], config(max_tokens=5, n_best=2))[0]
    assert [word(reply.tokens) for reply in replies] == ["aaaaa", "b."]
    assert [reply.ended for reply in replies] == [False, True]


def test_the_beginning_that_all_hypotheses_share_is_settled_while_the_search_goes_on():
    letters = {
        "": {"s": 1.0},
        "s": {"t": 1.0},
        "st": {"a": 0.6, "o": 0.4},
        "sta": {"r": 0.5, "y": 0.5},
        "sto": {"p": 1.0},
    }
    steps = search(Signpost(letters), [[0]], config())
    settled = [word([choice.token for choice in step]) for step in steps]
    assert settled == ["", "s", "t", "", "op.", ""]


def test_what_an_ended_hypothesis_says_is_not_settled_while_another_may_win():
    model = Signpost({"": {"a": 0.4, "b": 0.6}, **{"b" * n: {"b": 1.0} for n in range(1, 4)}})
    settled = [word([choice.token for choice in step]) for step in search(model, [[0]], config())]
    assert settled == ["", "", "", "", "bbbb.", ""]


class Hashed:
    """Logits that depend on the prompt and every token so far, over three letters and EOS."""

    letters = (*ids("abc"), EOS)

    def encode(self, prompts):
        return DecoderState({"seed": np.array([[prompt[0] + 1] for prompt in prompts], np.float32)})

    def step(self, tokens, state):
        seeds = state.arrays["seed"].astype(int).ravel() * 31 % 99991 + tokens
        logits = np.full((len(tokens), VOCABULARY), -np.inf, np.float32)
        for row, seed in enumerate(seeds):
            logits[row, self.letters] = np.random.default_rng(seed).normal(size=4) * 2
        return logits, DecoderState({"seed": seeds[:, None].astype(np.float32)})


def exhaustive(prompt, longest, exponent):
    """Every reply of at most `longest` tokens with its score, the best first; those without EOS are of that length."""
    model = Hashed()
    scored = []
    for length in range(longest + 1):
        for letters in itertools.product(ids("abc"), repeat=length):
            reply = letters if length == longest else (*letters, EOS)
            state = model.encode([[prompt]])
            total, before = 0.0, GO
            for token in reply:
                logits, state = model.step(np.array([before], np.int32), state)
                total += logits[0, token] - np.log(np.exp(logits[0]).sum())
                before = token
            scored.append((total / ((5 + len(reply)) / 6) ** exponent, word(reply)))
    return sorted(scored, reverse=True)


@pytest.mark.parametrize("exponent", [0.0, 0.6, 1.5])
@pytest.mark.parametrize("prompt", range(4))
def test_a_wide_beam_finds_what_an_exhaustive_search_finds(prompt, exponent):
    expected = exhaustive(prompt, 5, exponent)
    for wanted in (1, 10):
        settings = config(beam=300, n_best=wanted, max_tokens=5, length_penalty=exponent)
        found = n_best(Hashed(), [[prompt]], settings)[0][:wanted]
        assert [word(reply.tokens) for reply in found] == [reply for _, reply in expected[:wanted]]
        assert [reply.score for reply in found] == pytest.approx([score for score, _ in expected[:wanted]], abs=1e-4)


def test_a_beam_wider_than_the_vocabulary_is_no_problem():
    assert spell(Speller("abc"), [[0]], config(beam=500)) == ["abc."]


def test_penalties_rank_the_hypotheses():
    assert ranking(Constant(a=5.0, b=4.0), config(max_tokens=2))[0] == "aa"
    assert ranking(Constant(a=5.0, b=4.0), config(max_tokens=2, repetition_penalty=5.0))[0] == "ab"


def test_banned_and_refused_tokens_are_in_no_hypothesis():
    found = n_best(
        Signpost(TRAP), [[0]], config(beam=5, n_best=5), [PAD, UNK, GO, *ids("g")], lambda _, token: [token] != ids("b")
    )[0]
    assert {"xa.", "xc."} <= {word(reply.tokens) for reply in found}
    assert not any(set("gb") & set(word(reply.tokens)) for reply in found)
