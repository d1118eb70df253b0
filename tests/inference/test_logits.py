import numpy as np
import pytest

from chatbot.inference.logits import ban, log_probabilities, log_softmax


def test_banned_tokens_are_impossible_and_the_rest_is_as_it_was():
    logits = np.array([[1, 2, 3], [4, 5, 6]], np.float32)
    assert ban(logits, [0, 2]).tolist() == [[-np.inf, 2, -np.inf], [-np.inf, 5, -np.inf]]
    assert logits.tolist() == [[1, 2, 3], [4, 5, 6]]


def test_probabilities_sum_to_one_even_for_huge_logits():
    logits = np.array([[1e4, 1e4 - 1, -1e4], [0, 0, -np.inf]], np.float32)
    assert np.exp(log_softmax(logits)).sum(axis=-1) == pytest.approx([1, 1])


def test_equal_logits_share_the_probability():
    assert np.exp(log_softmax(np.zeros((1, 4), np.float32))).tolist() == [pytest.approx([0.25] * 4)]


def test_the_log_probability_of_a_token_is_that_of_the_whole_softmax():
    logits = np.array([[1e4, 1e4 - 1, -1e4], [0, 2, -np.inf]], np.float32)
    tokens = np.array([1, 0], np.int32)
    assert log_probabilities(logits, tokens).tolist() == log_softmax(logits)[[0, 1], tokens].tolist()
