import math
from dataclasses import replace

import keras
import numpy as np
import pytest

from chatbot.config import EOS, GO, PAD, UNK, ModelConfig
from chatbot.training.distributed.replicas import Devices
from chatbot.training.models.encoder_decoder import build_decoder_outputs, build_training_model
from chatbot.training.objective.candidate_replies import UNKNOWN, CandidateReplies
from chatbot.training.optimizer.training_step import TrainingStep
from chatbot.training.setup.recipe_choice import Recipe

SHAPE = ModelConfig(vocabulary_size=20, embedding_size=8, units=8)
PROMPT = np.array([[5, 6], [7, PAD]], np.int32)
TARGET = np.array([[9, 10, EOS], [11, EOS, PAD]], np.int32)
INPUT = np.array([[GO, 9, 10], [GO, 11, EOS]], np.int32)
LABELS = np.array([0, UNKNOWN], np.int32)
KNOWN = replace(SHAPE, known_replies=3)


def new_step(precision="float32", shape=SHAPE, objective=None, **recipe):
    keras.utils.set_random_seed(3)
    model = build_training_model(shape)
    return TrainingStep(model, shape, Recipe(precision=precision, **recipe), Devices(), objective)


def test_a_model_without_an_opinion_gives_the_nats_of_a_fair_die_for_each_real_token():
    step = new_step()
    projection = step.model.get_layer("vocabulary_projection")
    projection.set_weights([np.zeros_like(weights) for weights in projection.get_weights()])
    nats, tokens, exact, rows = (float(value) for value in step.measure(PROMPT, INPUT, TARGET))
    assert (nats, tokens) == (pytest.approx(5 * np.log(20)), 5)
    assert (exact, rows) == (0, 2)


def test_a_reply_is_exact_when_every_token_of_it_is_the_most_probable_one():
    step = new_step()
    projection = step.model.get_layer("vocabulary_projection")
    kernel, bias = (np.zeros_like(weights) for weights in projection.get_weights())
    bias[EOS] = 5.0
    projection.set_weights([kernel, bias])
    only_end = np.array([[EOS, PAD, PAD], [11, EOS, PAD]], np.int32)
    *_, exact, rows = (float(value) for value in step.measure(PROMPT, INPUT, only_end))
    assert (exact, rows) == (1, 2)


def test_learning_reports_the_nats_that_measuring_finds_before_it():
    step = new_step()
    before = float(step.measure(PROMPT, INPUT, TARGET)[0])
    nats, tokens = (float(value) for value in step.learn(PROMPT, INPUT, TARGET))
    assert (nats, tokens) == (pytest.approx(before, rel=1e-5), 5)


@pytest.mark.parametrize("precision", ["float32", "bfloat16"])
def test_a_batch_is_learned_by_heart(precision):
    step = new_step(precision, weight_decay=0.0)
    step.set_learning_rate(0.02)
    for _ in range(150):
        step.learn(PROMPT, INPUT, TARGET)
    nats, _, exact, rows = (float(value) for value in step.measure(PROMPT, INPUT, TARGET))
    assert exact == rows == 2
    assert nats < 0.1


def test_padding_teaches_nothing():
    wide = [np.pad(array, ((0, 0), (0, 4))) for array in (PROMPT, INPUT, TARGET)]
    one, other = new_step(), new_step()
    for step in (one, other):
        step.set_learning_rate(0.01)
    one.learn(PROMPT, INPUT, TARGET)
    other.learn(*wide)
    for left, right in zip(one.model.get_weights(), other.model.get_weights(), strict=True):
        np.testing.assert_allclose(left, right, atol=1e-6)


def test_the_learning_rate_is_that_of_the_next_step():
    step = new_step()
    before = step.model.get_weights()
    step.set_learning_rate(0.0)
    step.learn(PROMPT, INPUT, TARGET)
    for old, new in zip(before, step.model.get_weights(), strict=True):
        np.testing.assert_array_equal(old, new)


def test_with_every_word_dropped_the_words_of_a_prompt_are_not_seen():
    step = new_step(word_dropout=1.0)
    step.set_learning_rate(0.01)
    before = step.model.get_layer("token_embedding").get_weights()[0]
    step.learn(PROMPT, INPUT, TARGET)
    after = step.model.get_layer("token_embedding").get_weights()[0]
    changed = set(np.flatnonzero((before != after).any(axis=1)).tolist())
    assert changed & {5, 6, 7} == set()
    assert UNK in changed


def test_the_reply_memory_learns_which_of_the_known_replies_is_the_recorded_one():
    step = new_step(shape=KNOWN, objective=CandidateReplies("abc"))
    step.set_learning_rate(0.02)
    both = np.array([2, 0], np.int32)
    for _ in range(60):
        step.learn(PROMPT, INPUT, TARGET, both)
    found = build_decoder_outputs(step.model, KNOWN, lambda layer: layer)([PROMPT, INPUT], training=False)
    # What decides, and the sentence, the bag and the bigrams each by themselves.
    assert [scores.numpy().argmax(axis=1).tolist() for scores in found["scores"]] == 4 * [[2, 0]]
    assert float(step.measure(PROMPT, INPUT, TARGET, both)[2]) == 2


def test_a_known_reply_is_exact_when_it_is_the_likeliest_and_another_when_it_is_generated():
    step = new_step(shape=KNOWN, objective=CandidateReplies("abc"))
    for view in ("reply", "bag", "bigram"):  # only the bias of the scores decides, and it prefers "b"
        layer = step.model.get_layer(f"{view}_scores")
        layer.set_weights([np.zeros_like(weights) for weights in layer.get_weights()])
    step.model.get_layer("reply_scores").bias.assign([0.0, 1.0, 0.5])
    projection = step.model.get_layer("vocabulary_projection")
    kernel, bias = (np.zeros_like(weights) for weights in projection.get_weights())
    bias[EOS] = 5.0  # nothing but the empty reply is generated
    projection.set_weights([kernel, bias])
    empty = np.array([[EOS, PAD, PAD], [EOS, PAD, PAD]], np.int32)

    def exact(target, *labels):
        return float(step.measure(PROMPT, INPUT, target, np.array(labels, np.int32))[2])

    assert exact(TARGET, 1, 1) == 2
    assert exact(empty, 0, 2) == 0
    assert exact(empty, 1, 2) == 1
    assert exact(TARGET, UNKNOWN, UNKNOWN) == 0
    assert exact(empty, UNKNOWN, 1) == 2


def test_a_batch_without_targets_teaches_the_choice_alone():
    step = new_step(shape=KNOWN, objective=CandidateReplies("abc"))
    step.set_learning_rate(0.02)
    before = {layer.name: layer.get_weights() for layer in step.model.layers}
    none = np.zeros((2, 0), np.int32)
    for _ in range(60):
        assert [float(value) for value in step.learn(PROMPT, none, none, np.array([2, 0], np.int32))] == [0, 0]
    assert float(step.measure(PROMPT, INPUT, TARGET, np.array([2, 0], np.int32))[2]) == 2
    changed = {
        name
        for name, weights in before.items()
        if any((a != b).any() for a, b in zip(weights, step.model.get_layer(name).get_weights(), strict=True))
    }
    views = {"bag_embedding", "bigram_embedding", "reply_scores", "bag_scores", "bigram_scores"}
    assert changed == views | {"token_embedding", "encoder_lstm_1"}


def test_a_choice_that_diverges_is_told_as_nats_that_are_no_number():
    step = new_step(shape=KNOWN, objective=CandidateReplies("abc"))
    step.model.get_layer("bag_scores").set_weights([np.full((8, 3), np.inf, np.float32)])
    none = np.zeros((2, 0), np.int32)
    nats, tokens = (float(value) for value in step.learn(PROMPT, none, none, np.array([2, 0], np.int32)))
    assert (math.isnan(nats), tokens) == (True, 0)


def test_a_prompt_without_a_target_beside_one_with_counts_as_a_token():
    target, labels = np.where([[True], [False]], TARGET, PAD), np.array([2, 0], np.int32)
    moments = []
    for of_second, counted in ((TARGET, np.count_nonzero(TARGET)), (target, np.count_nonzero(target) + 1)):
        step = new_step(shape=KNOWN, objective=CandidateReplies("abc"))
        step.optimizer.global_clipnorm = None
        step.learn(PROMPT, INPUT, of_second, labels)
        names = [variable.path for variable in step.model.trainable_variables]
        number = next(place for place, name in enumerate(names) if "bag_scores" in name)
        moments.append(counted * step.optimizer.state[f"moment_1/{number}"].numpy())
    assert np.abs(moments[0]).max() > 0.01
    # The decoder, which starts from the choice, adds its little share.
    np.testing.assert_allclose(moments[0], moments[1], atol=0.002)


def test_a_target_is_chosen_among_the_tokens_that_replies_have():
    keras.utils.set_random_seed(3)
    model = build_training_model(SHAPE)
    tokens = np.array([EOS, 9, 10, 11], np.int32)
    step = TrainingStep(model, SHAPE, Recipe(precision="float32"), Devices(), reply_tokens=tokens)
    projection = model.get_layer("vocabulary_projection")
    projection.set_weights([np.zeros_like(weights) for weights in projection.get_weights()])
    step.set_learning_rate(0.02)
    assert float(step.learn(PROMPT, INPUT, TARGET)[0]) == pytest.approx(5 * np.log(4))
    for _ in range(150):
        nats, _ = step.learn(PROMPT, INPUT, TARGET)
    kernel, bias = projection.get_weights()
    others = np.setdiff1d(np.arange(20), tokens)
    assert not kernel[:, others].any()
    assert not bias[others].any()
    assert float(nats) < 0.1
    assert float(step.measure(PROMPT, INPUT, TARGET)[2]) == 2


def test_a_reply_that_is_not_known_teaches_the_reply_memory_nothing_but_to_say_it():
    nobody = np.array([UNKNOWN, UNKNOWN], np.int32)
    step = new_step(shape=KNOWN, objective=CandidateReplies("abc"))
    step.set_learning_rate(0.02)
    for _ in range(150):
        step.learn(PROMPT, INPUT, TARGET, nobody)
    assert all(np.isfinite(weights).all() for weights in step.model.get_weights())
    assert float(step.measure(PROMPT, INPUT, TARGET, nobody)[2]) == 2
