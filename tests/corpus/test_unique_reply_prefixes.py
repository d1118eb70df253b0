import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatbot.corpus.unique_reply_prefixes import ReplyPrefixes

TARGETS = st.lists(st.text("abcd", min_size=1, max_size=6), min_size=1, max_size=12)


def test_a_target_is_decided_at_the_first_token_that_tells_it_from_all_others():
    prefixes = ReplyPrefixes.of(["yes.", "yes!", "no.", "yes."], whole=1)
    assert prefixes.prefix_lengths.tolist() == [4, 4, 1, 4]
    assert prefixes.lengths.tolist() == [4, 4, 3, 4]


def test_a_target_that_others_begin_with_is_decided_by_its_end():
    assert ReplyPrefixes.of(["a.", "ab.", "abc."], whole=1).prefix_lengths.tolist() == [2, 3, 3]


def test_only_the_targets_of_many_pairs_are_not_always_whole():
    prefixes = ReplyPrefixes.of(["often"] * 8 + ["once"], whole=2)
    assert prefixes.keep_probability.tolist() == [0.25] * 8 + [1.0]
    assert prefixes.tokens == pytest.approx(8 * (2 + 0.25 * 3) + 4)
    drawn = np.array([prefixes.draw(np.random.default_rng(seed)) for seed in range(400)])
    assert set(drawn[:, -1].tolist()) == {4}
    assert set(drawn[:, :-1].ravel().tolist()) == {2, 5}
    assert np.abs((drawn[:, :-1] == 5).mean(axis=0) - 0.25).max() < 0.1


def test_where_a_memory_chooses_the_targets_of_many_pairs_are_whole_or_none():
    prefixes = ReplyPrefixes.of(["often"] * 8 + ["once"], whole=2, chosen=True)
    assert prefixes.prefix_lengths.tolist() == [0] * 8 + [2]
    assert prefixes.tokens == pytest.approx(2 * 5 + 4)
    rng = np.random.default_rng(0)
    drawn = np.array([prefixes.draw(rng) for _ in range(400)])
    assert set(drawn[:, -1].tolist()) == {4}
    assert set(drawn[:, :-1].ravel().tolist()) == {0, 5}
    assert (drawn[:, :-1] == 5).mean() == pytest.approx(0.25, abs=0.03)


def test_a_target_that_the_memory_does_not_know_ends_where_it_is_decided():
    chosen = np.array([True] * 3 + [False] * 3)
    prefixes = ReplyPrefixes.of(["often"] * 3 + ["other"] * 3, whole=1, chosen=chosen)
    assert prefixes.prefix_lengths.tolist() == [0, 0, 0, 2, 2, 2]


def test_in_a_sample_a_target_that_is_there_once_counts_as_unshared_and_others_as_scaled():
    prefixes = ReplyPrefixes.of(["often", "often", "once"], whole=4, scale=10)
    assert prefixes.keep_probability.tolist() == [0.2, 0.2, 1.0]


@given(TARGETS)
def test_no_two_different_targets_begin_alike_up_to_where_they_are_decided(targets):
    prefixes = ReplyPrefixes.of(targets, whole=1)
    for one, decided in zip(targets, prefixes.prefix_lengths, strict=True):
        assert 1 <= decided <= len(one)
        # Without an end of its own, a target that others begin with is never decided before its last token.
        assert decided == len(one) or all(one == other or one[:decided] != other[:decided] for other in targets)
