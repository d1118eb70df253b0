"""A linear classifier over n-grams: it tells apart what can be told apart, and gives what was not seen no weight."""

import numpy as np

from chatbot.inference.ngram_features import NgramFeatures
from chatbot.training.objective.linear_classifier import fit_linear_classifier

PROMPTS = ["when do you open", "opening hours", "do you deliver", "delivery please", "my cake is late"]
LABELS = np.array([0, 0, 1, 1, 2], np.int32)


def scores(weights, ngrams, texts):
    features = ngrams.of(texts)
    rows = zip(features.numbers, features.weights, strict=True)
    return np.stack([values @ weights[numbers] for numbers, values in rows])


def test_each_prompt_gets_its_own_class_and_so_do_its_relatives():
    ngrams = NgramFeatures.fit(PROMPTS, 1000)
    weights = fit_linear_classifier(ngrams.of(PROMPTS), LABELS, (len(ngrams), 3), seed=1)
    assert weights.shape == (len(ngrams) + 1, 3)
    assert scores(weights, ngrams, PROMPTS).argmax(axis=1).tolist() == LABELS.tolist()
    found = scores(weights, ngrams, ["open", "are you delivering", "the cake"])
    assert found.argmax(axis=1).tolist() == [0, 1, 2]


def test_no_feature_has_no_weight_and_one_seed_one_classifier():
    ngrams = NgramFeatures.fit(PROMPTS, 1000)
    weights, again = (fit_linear_classifier(ngrams.of(PROMPTS), LABELS, (len(ngrams), 3), seed=1) for _ in range(2))
    assert not weights[0].any()
    assert np.array_equal(weights, again)
    assert not scores(weights, ngrams, ["zzz"]).any()
