import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatbot.training.data.latent_semantics import LatentVectors
from chatbot.training.data.ragged import Ragged

LOST, CARD, RATE, MY = range(4, 8)
#: "my card lost", "card lost" of one topic, "my rate" twice of another.
PROMPTS = [[MY, CARD, LOST], [CARD, LOST], [MY, RATE], [MY, RATE]]
TOPICS = np.array([0, 0, 1, 1], np.int32)


def ragged(rows):
    return Ragged(np.array([token for row in rows for token in row], np.int32), np.array([len(row) for row in rows]))


def test_the_product_of_two_vectors_is_the_log_of_the_count_over_the_expected_count():
    tokens, topics = LatentVectors.of(ragged(PROMPTS), TOPICS, (9, 2), 8)
    # Of nine tokens, five are of the first topic, and three are "my", of which 5/3 are expected there.
    counts, expected = np.array([[2, 0], [2, 0], [0, 2], [1, 2]]), np.outer([2, 2, 2, 3], [5, 4]) / 9
    table = np.log((counts + 0.3) / (expected + 0.3))
    np.testing.assert_allclose(tokens[[LOST, CARD, RATE, MY]] @ topics.T, table, atol=1e-5)


def test_words_of_one_topic_have_the_same_vector_though_they_are_other_words():
    tokens, _ = LatentVectors.of(ragged([[LOST], [CARD], [RATE]]), np.array([0, 0, 1], np.int32), (9, 2), 4)
    np.testing.assert_allclose(tokens[LOST], tokens[CARD], atol=1e-6)
    assert tokens[LOST] @ tokens[RATE] < 0


def test_what_no_prompt_has_is_zero():
    tokens, topics = LatentVectors.of(ragged([*PROMPTS, [8]]), np.array([*TOPICS, -1], np.int32), (9, 4), 4)
    assert not tokens[[0, 1, 2, 3, 8]].any()
    assert not topics[2:].any()
    assert tokens[[LOST, CARD, RATE, MY]].any(axis=1).all()


def test_no_prompt_gives_no_vectors():
    tokens, topics = LatentVectors.of(ragged([[LOST]]), np.array([-1], np.int32), (9, 2), 4)
    assert not tokens.any()
    assert not topics.any()


def test_the_first_dimensions_tell_most():
    draw = np.random.default_rng(3)
    prompts, asked = ragged(draw.integers(4, 60, (300, 7)).tolist()), draw.integers(0, 40, 300).astype(np.int32)
    whole = LatentVectors.of(prompts, asked, (60, 40), 40)
    table = whole.tokens @ whole.topics.T
    few = LatentVectors.of(prompts, asked, (60, 40), 5)
    errors = [np.linalg.norm(table - whole.tokens[:, :kept] @ whole.topics[:, :kept].T) for kept in (1, 5, 20, 40)]
    assert errors == sorted(errors, reverse=True)
    assert np.linalg.norm(table - few.tokens @ few.topics.T) == pytest.approx(errors[1], rel=0.02)


@given(
    st.lists(st.lists(st.integers(0, 8), max_size=4), min_size=1, max_size=6).flatmap(
        lambda rows: st.tuples(st.just(rows), st.lists(st.integers(-1, 4), min_size=len(rows), max_size=len(rows)))
    ),
    st.integers(1, 6),
)
def test_the_vectors_of_any_prompts_are_finite(given, size):
    rows, asked = given
    vectors = LatentVectors.of(ragged(rows), np.array(asked, np.int32), (9, 5), size)
    assert vectors.tokens.shape == (9, size)
    assert vectors.topics.shape == (5, size)
    assert all(np.isfinite(each).all() for each in vectors)
