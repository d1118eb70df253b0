"""Features of many prompts: some of them are taken, and the weights of a class are summed."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatbot.inference import weighed_ngrams
from chatbot.inference.weighed_ngrams import WeighedNgrams


def test_features_are_taken_and_summed_by_class(monkeypatch):
    """Whole classes at a time, here each by itself; a prompt without any n-gram counts as nothing."""
    monkeypatch.setattr(weighed_ngrams, "_TOGETHER", 1)
    found = WeighedNgrams(
        np.array([2, 0, 1, 2]), np.array([4, 7, 4, 9, 4], np.int32), np.array([0.5, 1, 2, 4, 8], np.float32)
    )
    taken = found.take(np.array([3, 1, 0]))
    assert taken.lengths.tolist() == [2, 0, 2]
    assert taken.numbers.tolist() == [9, 4, 4, 7]
    assert taken.rows.tolist() == [0, 0, 2, 2]
    sums = found.sum_classes(np.array([2, 0, 1, 2]), 3)
    assert [values.tolist() for values in sums] == [[4, 4, 7, 9], [1, 2, 2, 2], [2.0, 8.5, 1.0, 4.0]]


def test_sums_of_no_prompts_are_none():
    nothing = WeighedNgrams(np.zeros(0, np.int64), np.zeros(0, np.int32), np.zeros(0, np.float32))
    assert [len(values) for values in nothing.sum_classes(np.zeros(0, np.int64), 3)] == [0, 0, 0]


@given(st.data())
def test_the_blocks_that_classes_are_summed_in_change_no_sum(data):
    labels = np.array(data.draw(st.lists(st.integers(0, 4), min_size=1, max_size=30)), np.int64)
    lengths = np.array(data.draw(st.lists(st.integers(0, 5), min_size=len(labels), max_size=len(labels))), np.int64)
    count = int(lengths.sum())
    numbers = np.array(data.draw(st.lists(st.integers(1, 6), min_size=count, max_size=count)), np.int32)
    expected = np.zeros((7, 5))
    np.add.at(expected, (numbers, np.repeat(labels, lengths)), 1.0)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(weighed_ngrams, "_TOGETHER", data.draw(st.integers(1, 20)))
        found = WeighedNgrams(lengths, numbers, np.ones(count, np.float32)).sum_classes(labels, 5)
    got = np.zeros((7, 5))
    got[found.numbers, found.classes] = found.sums
    assert np.array_equal(got, expected)
    assert len(found.sums) == np.count_nonzero(expected)
