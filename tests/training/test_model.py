import numpy as np
import pytest

from chatbot.config import GO, PAD, ModelConfig
from chatbot.training.backend import keras
from chatbot.training.keras_steps import KerasSteps, pad
from chatbot.training.loss import masked_cross_entropy
from chatbot.training.model import build_decoder_step, build_encoder, build_encoder_step, build_training_model

CONFIG = ModelConfig(vocabulary_size=40, embedding_size=6, units=8)


@pytest.fixture(scope="module")
def model():
    keras.utils.set_random_seed(1)
    return build_training_model(CONFIG)


def test_every_layer_has_the_name_of_its_part(model):
    assert {layer.name for layer in model.layers} == {
        "prompt_tokens",
        "decoder_tokens",
        "token_embedding",
        "prompt_dropout",
        "encoder_lstm",
        "reply_dropout",
        "decoder_lstm",
        "output_dropout",
        "vocabulary_projection",
    }


def test_the_inference_models_have_no_weights_of_their_own(model):
    trained = {id(variable) for variable in model.variables}
    for rebuilt in (build_encoder(model), build_encoder_step(model), build_decoder_step(model)):
        assert rebuilt.variables
        assert {id(variable) for variable in rebuilt.variables} <= trained


def test_stepping_gives_the_logits_of_the_whole_model(model):
    prompts, reply = [[5, 6, 7], [8]], np.array([[GO, 9, 10, 11], [GO, 12, 13, 14]], np.int32)
    expected = model([pad(prompts), reply], training=False).numpy()
    steps = KerasSteps(model)
    state = steps.encode(prompts)
    for position in range(4):
        logits, state = steps.step(reply[:, position], state)
        np.testing.assert_allclose(logits, expected[:, position], atol=1e-5)


def test_the_encoder_step_reads_a_prompt_as_the_encoder_does_and_stands_still_on_pad(model):
    prompt = [5, 6, 7, 8]
    whole = build_encoder(model)(np.array([prompt], np.int32))
    step, state = build_encoder_step(model), {name: keras.ops.zeros((1, 8)) for name in ("h", "c")}
    for token in [*prompt, PAD, PAD]:
        state = step([keras.ops.convert_to_tensor([token], "int32"), state["h"], state["c"]])
    for name in ("h", "c"):
        np.testing.assert_allclose(state[name], whole[name], atol=1e-6)


def test_padding_behind_a_prompt_does_not_change_its_sentence_vector(model):
    encoder = build_encoder(model)
    alone, padded = encoder(np.array([[5, 6]], np.int32)), encoder(np.array([[5, 6, PAD, PAD]], np.int32))
    for name in ("h", "c"):
        np.testing.assert_allclose(alone[name], padded[name], atol=1e-6)


def test_the_loss_counts_real_tokens_only():
    certain = np.full((1, 3, 4), -100.0, np.float32)
    certain[0, [0, 1, 2], [2, 3, 1]] = 100.0
    nats, tokens = masked_cross_entropy(certain, np.array([[2, 3, PAD]], np.int32))
    assert (float(nats), float(tokens)) == (pytest.approx(0, abs=1e-6), 2)
    nats, tokens = masked_cross_entropy(np.zeros((2, 2, 4), np.float32), np.array([[2, 3], [1, PAD]], np.int32))
    assert (float(nats), float(tokens)) == (pytest.approx(3 * np.log(4)), 3)
