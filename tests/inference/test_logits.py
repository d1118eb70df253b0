import numpy as np
import pytest

from chatbot.config import EOS
from chatbot.inference.logits import (
    allow_end,
    ban,
    block_ngrams,
    delay_end,
    keep_min_p,
    keep_top_k,
    keep_top_p,
    penalize_repetition,
    scale,
)
from chatbot.inference.probabilities import log_probabilities, log_softmax, top_tokens

NEVER = -np.inf


def row(*values):
    return np.array([values], np.float32)


def of(*probabilities):
    with np.errstate(divide="ignore"):
        return np.log(np.array([probabilities], np.float32))


def kept(logits):
    """Which tokens of the first row may be chosen."""
    return np.flatnonzero(logits[0] > NEVER).tolist()


def test_banned_tokens_are_impossible_and_the_rest_is_as_it_was():
    logits = np.array([[1, 2, 3], [4, 5, 6]], np.float32)
    assert ban(logits, [0, 2]).tolist() == [[NEVER, 2, NEVER], [NEVER, 5, NEVER]]
    assert ban(logits, []).tolist() == logits.tolist()


def test_what_was_said_is_less_probable_whatever_its_sign():
    logits = np.array([[4, -4, 4, -4], [4, -4, 4, -4]], np.float32)
    assert penalize_repetition(logits, [[0, 1, 0], []], 2.0).tolist() == [[2, -8, 4, -4], [4, -4, 4, -4]]


def test_a_penalty_below_one_invites_repetition():
    assert penalize_repetition(row(4, -4), [[0, 1]], 0.5).tolist() == [[8, -2]]


def test_no_bigram_comes_twice():
    # After "a b a", a "b" would make the second "a b"; "a a" has not been.
    logits = row(1, 1, 1)
    assert kept(block_ngrams(logits, [[0, 1, 0]], 2)) == [0, 2]


def test_every_continuation_of_a_repeated_trigram_is_blocked():
    history = [0, 1, 2, 0, 1, 3, 0, 1]
    assert kept(block_ngrams(row(1, 1, 1, 1, 1), [history], 3)) == [0, 1, 4]


def test_no_unigram_comes_twice():
    assert kept(block_ngrams(row(1, 1, 1, 1), [[3, 1]], 1)) == [0, 2]


def test_a_reply_too_short_to_repeat_is_free_and_rows_do_not_mix():
    logits = np.ones((2, 3), np.float32)
    assert block_ngrams(logits, [[0, 0], [0]], 2).tolist() == [[NEVER, 1, 1], [1, 1, 1]]
    assert block_ngrams(logits, [[], [0]], 3).tolist() == logits.tolist()


def test_a_row_with_nothing_left_may_end_and_the_others_are_as_they_were():
    logits = np.array([[NEVER] * 5, [1, NEVER, NEVER, NEVER, 2]], np.float32)
    assert allow_end(logits).tolist() == [
        [NEVER if token != EOS else 0 for token in range(5)],
        [1, NEVER, NEVER, NEVER, 2],
    ]


def test_a_reply_that_is_too_short_cannot_end():
    logits = np.ones((3, EOS + 2), np.float32)
    delayed = delay_end(logits, [[], [4], [4, 4]], 2)
    assert delayed[:, EOS].tolist() == [NEVER, NEVER, 1]
    assert (np.delete(delayed, EOS, axis=1) == 1).all()


def test_temperature_divides_the_distances_between_logits():
    assert scale(row(2, -4, NEVER), 0.5).tolist() == [[0, -12, NEVER]]


def test_the_smallest_temperature_leaves_the_most_probable_token():
    assert scale(row(2, -4, 1), 1e-320).tolist() == [[0, NEVER, NEVER]]


def test_the_k_most_probable_tokens_are_kept():
    assert kept(keep_top_k(row(1, 4, 2, 3), 2)) == [1, 3]
    assert kept(keep_top_k(row(1, 4, 2, 3), 9)) == [0, 1, 2, 3]


def test_the_nucleus_is_the_fewest_tokens_that_reach_the_share():
    logits = of(0.1, 0.5, 0.1, 0.3)
    assert kept(keep_top_p(logits, 0.4)) == [1]
    assert kept(keep_top_p(logits, 0.6)) == [1, 3]
    assert kept(keep_top_p(logits, 0.85)) == [0, 1, 2, 3], "two are as probable as each other"
    assert kept(keep_top_p(logits, 1.0)) == [0, 1, 2, 3]
    assert kept(keep_top_p(logits, 1 - 1e-12)) == [0, 1, 2, 3]


def test_the_most_probable_token_is_in_every_nucleus():
    assert kept(keep_top_p(of(0.2, 0.8), 1e-6)) == [1]


def test_tokens_far_less_probable_than_the_first_are_dropped():
    logits = of(0.5, 0.24, 0.26)
    assert kept(keep_min_p(logits, 0.5)) == [0, 2]
    assert kept(keep_min_p(logits, 0.0)) == [0, 1, 2]
    assert kept(keep_min_p(logits, 1.0)) == [0]


def test_what_is_banned_stays_banned_however_the_functions_are_composed():
    logits = ban(of(0.4, 0.3, 0.2, 0.1), [0])
    for change in (
        lambda x: keep_top_k(x, 2),
        lambda x: keep_top_p(x, 0.99),
        lambda x: keep_min_p(x, 0.01),
        lambda x: scale(x, 2.0),
        lambda x: penalize_repetition(x, [[0, 1]], 1.5),
        lambda x: block_ngrams(x, [[1, 2, 1]], 2),
    ):
        assert 0 not in kept(change(logits))
        assert 1 in kept(change(logits))


def test_no_function_changes_what_it_is_given():
    logits = np.array([[3, 1, 2, 0.5], [1, 3, 0.5, 2]], np.float32)
    before = logits.copy()
    histories = [[0, 1, 0], [1]]
    results = [
        ban(logits, [1]),
        penalize_repetition(logits, histories, 2.0),
        block_ngrams(logits, histories, 2),
        delay_end(logits, histories, 2),
        allow_end(logits),
        scale(logits, 2.0),
        keep_top_k(logits, 1),
        keep_top_k(logits, 4),
        keep_top_p(logits, 0.5),
        keep_top_p(logits, 1.0),
        keep_min_p(logits, 0.5),
        log_softmax(logits),
    ]
    for result in results:
        result[:] = 99
    assert logits.tolist() == before.tolist()
    assert histories == [[0, 1, 0], [1]]


def test_probabilities_sum_to_one_even_for_huge_logits():
    logits = np.array([[1e4, 1e4 - 1, -1e4], [0, 0, NEVER]], np.float32)
    assert np.exp(log_softmax(logits)).sum(axis=-1) == pytest.approx([1, 1])


def test_equal_logits_share_the_probability():
    assert np.exp(log_softmax(np.zeros((1, 4), np.float32))).tolist() == [pytest.approx([0.25] * 4)]


def test_the_log_probability_of_a_token_is_that_of_the_whole_softmax():
    logits = np.arange(60, dtype=np.float32).reshape(20, 3) ** 1.5  # more rows than are worked on at once
    logits[0, 2] = NEVER
    tokens = np.arange(20, dtype=np.int32) % 3
    whole = log_softmax(logits)
    assert log_probabilities(logits, tokens).tolist() == whole[np.arange(20), tokens].tolist()
    pairs = np.stack([tokens, np.zeros_like(tokens)], axis=1)
    assert log_probabilities(logits, pairs).tolist() == np.take_along_axis(whole, pairs, axis=1).tolist()


@pytest.mark.parametrize("size", [7, 64, 650, 1000])
@pytest.mark.parametrize("count", [1, 3, 20])
def test_the_top_tokens_are_those_of_a_whole_sort(size, count):
    logits = np.random.default_rng(size).permuted(np.arange(3 * size, dtype=np.float32).reshape(3, size), axis=1)
    assert top_tokens(logits, count).tolist() == np.argsort(-logits, axis=1)[:, :count].tolist()


def test_the_top_tokens_of_rows_that_are_mostly_banned_are_those_left():
    logits = np.full((2, 640), NEVER, np.float32)
    logits[0, [5, 600]] = [1, 2]
    logits[1, 639] = 0
    top = top_tokens(logits, 3)
    assert top[0, :2].tolist() == [600, 5]
    assert top[1, 0] == 639
