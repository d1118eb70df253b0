import functools
import itertools

import keras
import numpy as np
import pytest
import tensorflow as tf

from chatbot.config import GO, PAD, ModelConfig
from chatbot.training.models.architecture_layers import layers_of
from chatbot.training.models.encoder_decoder import build_decoder_outputs, build_encoder, build_training_model
from chatbot.training.models.keras_steps import KerasSteps, pad
from chatbot.training.models.step_models import build_step_models

SIZES = {"vocabulary_size": 40, "embedding_size": 6, "units": 8}
PLAIN = ModelConfig(**SIZES)
CONFIGS = [
    ModelConfig(**SIZES, layers=layers, bidirectional=bidirectional, attention=attention)
    for layers, bidirectional, attention in itertools.product((1, 2), (False, True), ("none", "dot", "additive"))
]
GRU = [
    ModelConfig(**SIZES, architecture="gru"),
    ModelConfig(**SIZES, architecture="gru", layers=2, bidirectional=True, attention="additive"),
    ModelConfig(**SIZES, architecture="gru", layers=2, bidirectional=True, attention="dot", known_replies=3),
]
AT_ONCE = {**SIZES, "embedding_size": 8, "architecture": "transformer"}
TRANSFORMER = [ModelConfig(**AT_ONCE), ModelConfig(**AT_ONCE, layers=2, known_replies=3)]
CONFIGS += [
    ModelConfig(**SIZES, known_replies=3),
    ModelConfig(**SIZES, layers=2, bidirectional=True, attention="dot", known_replies=3),
    *GRU,
    *TRANSFORMER,
]
PROMPTS = [[5, 6, 7, 9], [8], [30, 31]]
REPLIES = np.array([[GO, 9, 10, 11], [GO, 12, 13, PAD], [GO, 14, PAD, PAD]], np.int32)


def name_of(config):
    direction = "both ways" if config.bidirectional else "one way"
    known = " known replies" if config.known_replies else ""
    return f"{config.architecture}: {config.layers} layers {direction} attention {config.attention}{known}"


@functools.cache
def new_model(config):
    """An untrained model, built once for the tests of its shape, none of which changes it."""
    keras.utils.set_random_seed(1)
    return build_training_model(config)


@functools.cache
def new_steps(config):
    return KerasSteps(new_model(config), config)


def fused(config, precision):
    return layers_of(config).for_training(precision, pytest.fail)


every_architecture = pytest.mark.parametrize("config", CONFIGS, ids=name_of)


def test_every_layer_has_the_name_of_its_part():
    assert {layer.name for layer in new_model(PLAIN).layers} >= {
        "prompt_tokens",
        "decoder_tokens",
        "token_embedding",
        "prompt_dropout",
        "encoder_lstm_1",
        "reply_dropout",
        "decoder_lstm_1",
        "output_dropout",
        "vocabulary_projection",
    }
    further = {layer.name for config in CONFIGS for layer in new_model(config).layers}
    assert further >= {"encoder_lstm_2", "decoder_lstm_2", "attention_score", "attentional_vector", "reply_scores"}


@every_architecture
def test_the_inference_models_have_no_weights_of_their_own(config):
    model = new_model(config)
    trained = {id(variable) for variable in model.trainable_variables}
    rebuilt = [build_encoder(model, config), *build_step_models(model, config).values()]
    used = {id(variable) for part in rebuilt for variable in part.trainable_variables}
    assert used == trained


@every_architecture
def test_stepping_gives_the_logits_of_the_whole_model(config):
    model = new_model(config)
    expected = model([pad(PROMPTS), REPLIES], training=False).numpy()
    steps = new_steps(config)
    state = steps.encode(PROMPTS)
    for position in range(4):
        logits, state = steps.step(REPLIES[:, position], state)
        np.testing.assert_allclose(logits, expected[:, position], atol=1e-5)


@every_architecture
def test_padding_behind_a_prompt_does_not_change_what_is_said(config):
    model = new_model(config)
    together = model([pad(PROMPTS), REPLIES], training=False)
    for row, prompt in enumerate(PROMPTS):
        alone = model([np.array([prompt], np.int32), REPLIES[row : row + 1]], training=False)
        np.testing.assert_allclose(together[row], alone[0], atol=1e-5)


def test_without_attention_the_sentence_vector_is_all_that_passes_to_the_decoder():
    model = new_model(PLAIN)
    assert set(build_encoder(model, PLAIN).output) == {"h1", "c1"}
    assert {tensor.name for tensor in build_step_models(model, PLAIN)["decoder"].inputs} == {"token", "h1", "c1"}


def test_a_token_of_a_reply_does_not_see_those_behind_it():
    config = TRANSFORMER[1]
    model = new_model(config)
    changed = REPLIES.copy()
    changed[:, 2:] = 20
    one, other = (model([pad(PROMPTS), replies], training=False).numpy() for replies in (REPLIES, changed))
    np.testing.assert_allclose(one[:, :2], other[:, :2], atol=1e-6)
    assert np.abs(one[:, 2] - other[:, 2]).max() > 1e-3


def test_the_positions_of_a_transformer_are_sines_and_cosines_that_are_not_trained():
    layer = new_model(TRANSFORMER[0]).get_layer("decoder_positions")
    table = layer.embeddings.numpy()
    assert not layer.trainable_variables
    np.testing.assert_allclose(table[:, 0], np.sin(np.arange(129)), atol=1e-6)
    np.testing.assert_allclose(table[:, 4], np.cos(np.arange(129)), atol=1e-6)


def test_a_gru_has_one_state_a_layer_and_layers_of_its_own_name():
    model = new_model(GRU[0])
    assert {"encoder_gru_1", "decoder_gru_1"} <= {layer.name for layer in model.layers}
    assert set(build_encoder(model, GRU[0]).output) == {"h1"}


@pytest.mark.parametrize("config", [config for config in CONFIGS if config.attention != "none"], ids=name_of)
def test_with_attention_a_changed_memory_changes_what_is_said_and_padding_in_it_does_not(config):
    steps = new_steps(config)
    state, token = steps.encode(PROMPTS), np.full(3, GO, np.int32)
    logits, _ = steps.step(token, state)
    for position, changes in ((0, True), (3, False)):  # position 3 is padding in the second and third row
        other = steps.encode(PROMPTS)
        other.fixed["memory"][1:, position] += 1.0
        difference = np.abs(steps.step(token, other)[0] - logits)[1:].max()
        assert (difference > 1e-4) == changes


@every_architecture
def test_the_fused_layers_learn_the_same_from_a_batch_as_kerass(config):
    model = new_model(config)
    learned = []
    for substitute in (lambda layer: layer, fused(config, "float32")):
        outputs = build_decoder_outputs(model, config, substitute)
        with tf.GradientTape() as tape:
            vectors = outputs([pad(PROMPTS), REPLIES], training=True)["vectors"]
            loss = tf.reduce_sum(tf.square(vectors[REPLIES != PAD]))
        learned.append((loss, tape.gradient(loss, model.trainable_variables)))
    (one_loss, one), (other_loss, other) = learned
    assert float(one_loss) == pytest.approx(float(other_loss), rel=1e-5)
    for left, right in zip(one, other, strict=True):
        assert (left is None) == (right is None)  # the projection is no part of this
        if left is not None:
            np.testing.assert_allclose(tf.convert_to_tensor(left), tf.convert_to_tensor(right), atol=1e-5)


@pytest.mark.parametrize("config", [PLAIN, GRU[0]], ids=name_of)
def test_in_bfloat16_the_fused_layers_are_close_and_their_states_are_float32(config):
    model = new_model(config)
    narrow, exact = (
        build_decoder_outputs(model, config, substitute)([pad(PROMPTS), REPLIES])["vectors"]
        for substitute in (fused(config, "bfloat16"), lambda layer: layer)
    )
    difference = np.abs(narrow - exact)[REPLIES != PAD].max()
    assert narrow.dtype == tf.float32
    assert 0 < difference < 0.02
