"""A linear classifier over n-grams: it tells apart what can be told apart, and gives what was not seen no weight."""

import numpy as np
import pytest

from chatbot.inference.ngram_features import NgramFeatures
from chatbot.inference.ngram_hashes import NgramCounts
from chatbot.training.objective import linear_classifier
from chatbot.training.objective.linear_classifier import LinearFitting

PROMPTS = ["when do you open", "opening hours", "do you deliver", "delivery please", "my cake is late"]
LABELS = np.array([0, 0, 1, 1, 2], np.int32)


def weighed(ngrams, prompts):
    return ngrams.weigh(NgramCounts.of(prompts))


def fit(prompts, labels, classes, seed=1):
    ngrams = NgramFeatures.fit(NgramCounts.of(prompts), 100_000)
    return ngrams, LinearFitting(weighed(ngrams, prompts), None, labels, (len(ngrams), classes), seed).fit(
        np.arange(len(prompts))
    )


def scores(weights, ngrams, texts):
    features = ngrams.of(texts)
    rows = zip(features.numbers, features.weights, strict=True)
    return np.stack([values @ weights.vectors[numbers] for numbers, values in rows]) @ weights.keys


def test_each_prompt_gets_its_own_class_and_so_do_its_relatives():
    ngrams, weights = fit(PROMPTS, LABELS, 3)
    assert weights.vectors.shape == (len(ngrams) + 1, 3)
    assert weights.keys.shape == (3, 3)
    assert scores(weights, ngrams, PROMPTS).argmax(axis=1).tolist() == LABELS.tolist()
    found = scores(weights, ngrams, ["open", "are you delivering", "the cake"])
    assert found.argmax(axis=1).tolist() == [0, 1, 2]


def test_no_feature_has_no_weight_and_one_seed_one_classifier():
    (ngrams, weights), (_, again) = (fit(PROMPTS, LABELS, 3) for _ in range(2))
    assert not weights.vectors[0].any()
    assert all(np.array_equal(*pair) for pair in zip(weights, again, strict=True))
    assert not scores(weights, ngrams, ["zzz"]).any()


def test_what_was_fitted_before_to_other_rows_leaves_no_trace():
    ngrams = NgramFeatures.fit(NgramCounts.of(PROMPTS), 100_000)
    known, some_of_them = weighed(ngrams, PROMPTS), np.array([1, 3, 4])
    fitting = LinearFitting(known, None, LABELS, (len(ngrams), 3), seed=1)
    before, some, again = (fitting.fit(rows) for rows in (np.arange(5), some_of_them, np.arange(5)))
    assert all(np.array_equal(*pair) for pair in zip(before, again, strict=True))
    alone = LinearFitting(known.take(some_of_them), None, LABELS[some_of_them], (len(ngrams), 3), seed=1)
    assert all(np.array_equal(*pair) for pair in zip(some, alone.fit(np.arange(3)), strict=True))


def test_more_classes_than_directions_share_them(monkeypatch):
    monkeypatch.setattr(linear_classifier, "DIRECTIONS", 12)
    subjects = ["cake", "bread", "coffee", "window", "garden", "bicycle", "letter", "river", "violin", "candle"]
    questions = ["where is the {}", "how much is a {}", "who broke my {}", "i lost the {} yesterday"]
    prompts = [question.format(subject) for subject in subjects for question in questions]
    labels = np.arange(len(prompts), dtype=np.int32) // 2
    ngrams, weights = fit(prompts, labels, 20)
    assert weights.vectors.shape == (len(ngrams) + 1, 12)
    assert weights.keys.shape == (12, 20)
    assert (scores(weights, ngrams, prompts).argmax(axis=1) == labels).mean() >= 0.9


@pytest.mark.parametrize("rows", [257, 260, 511])
def test_a_number_of_rows_that_no_batch_divides_is_learned_like_any_other(rows):
    """A last batch of one or four rows once made a step as long as one of all, and undid what was learned."""
    prompts = [f"{word} number {place}" for place, word in enumerate(["open", "deliver", "bake"] * rows)][:rows]
    labels = np.arange(rows, dtype=np.int32) % 3
    ngrams, weights = fit(prompts, labels, 3)
    assert scores(weights, ngrams, ["are you open", "deliver it", "bake one"]).argmax(axis=1).tolist() == [0, 1, 2]


def test_prompts_without_any_ngram_are_learned_from_as_far_as_they_go():
    ngrams = NgramFeatures.fit(NgramCounts.of(["open"]), 100)
    known, labels = weighed(ngrams, ["", "zzz", ""]), np.array([0, 1, 0], np.int32)
    weights = LinearFitting(known, None, labels, (len(ngrams), 2), seed=1).fit(np.arange(3))
    assert all(np.isfinite(values).all() for values in weights)
