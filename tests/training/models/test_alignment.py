"""That what the exported decoder lets out of its attention is what its layers compute."""

import keras
import numpy as np
import pytest

from chatbot import bundle
from chatbot.config import GO, ModelConfig, ModelShape
from chatbot.explain import describe
from chatbot.inference.litert_steps import LiteRTSteps
from chatbot.training.export.litert_export import StepExport
from chatbot.training.models.encoder_decoder import build_training_model
from chatbot.training.models.keras_steps import KerasSteps

PROMPTS = [[7, 8, 9], [10, 11, 12, 13, 14, 15, 16, 17, 18, 19]]


def with_weights(**choices):
    config = ModelConfig.of(ModelShape(units=8, embedding_size=6, **choices), 300)
    keras.utils.set_random_seed(1)
    model = build_training_model(config)
    model.set_weights([weights * 8 for weights in model.get_weights()])
    return model, config


def expected(model, config, state):
    """The weights of the attention in numpy, from what the decoder's last LSTM put out."""
    output, memory = state.arrays[f"h{config.layers}"], state.fixed["memory"]
    if config.attention == "dot":
        scores = np.einsum("ru,rlu->rl", output, memory)
    else:
        query, key, score = (model.get_layer(f"attention_{name}") for name in ("query", "key", "score"))
        sums = output[:, None] @ query.kernel.numpy() + memory @ key.kernel.numpy() + key.bias.numpy()
        scores = (np.tanh(sums) @ score.kernel.numpy())[..., 0]
    powers = np.exp(scores) * state.fixed["mask"]
    return powers / powers.sum(axis=1, keepdims=True)


# Each two of these choices meet in one row.
@pytest.mark.parametrize(
    ("attention", "int8", "layers"),
    [("dot", False, 1), ("dot", True, 2), ("additive", False, 2), ("additive", True, 1)],
)
def test_the_alignment_is_what_the_layers_compute(tmp_path, attention, int8, layers):
    # A dot product has no weights that 8 bits could round.
    tolerance = 0.02 if int8 and attention == "additive" else 1e-5
    model, config = with_weights(attention=attention, bidirectional=True, layers=layers)
    StepExport(KerasSteps(model, config), config).write(tmp_path, int8=int8)
    steps = LiteRTSteps(config, bundle.step_files(tmp_path, config))
    for prompts in (PROMPTS, PROMPTS[:1], PROMPTS):
        tokens, state = np.full(len(prompts), GO, np.int32), steps.encode(prompts)
        for _ in range(3):
            weights = steps.alignment(tokens, state)
            logits, state = steps.step(tokens, state)
            tokens = logits.argmax(axis=-1).astype(np.int32)
            np.testing.assert_allclose(weights, expected(model, config, state), atol=tolerance)
            np.testing.assert_allclose(weights.sum(axis=1), 1, atol=1e-5)
            assert not weights[0, len(prompts[0]) :].any()
        assert np.ptp(weights[0, : len(prompts[0])]) > 0.04, "weights that are all alike would show no mistake"


def test_without_attention_there_is_no_alignment(tmp_path):
    model, config = with_weights()
    StepExport(KerasSteps(model, config), config).write(tmp_path)
    steps = LiteRTSteps(config, bundle.step_files(tmp_path, config))
    assert steps.alignment(np.full(1, GO, np.int32), steps.encode(PROMPTS[:1])) is None


@pytest.mark.parametrize("layers", [1, 3])
@pytest.mark.parametrize("bidirectional", [False, True])
@pytest.mark.parametrize("attention", ["none", "dot", "additive"])
def test_the_architecture_counts_the_parameters_that_keras_has(layers, bidirectional, attention):
    model, config = with_weights(layers=layers, bidirectional=bidirectional, attention=attention)
    architecture = describe(config)
    assert architecture.parameters == model.count_params()
    for block in architecture.blocks:
        assert block.parameters == sum(model.get_layer(name).count_params() for name in block.layers)


@pytest.mark.parametrize("layers", [1, 3])
@pytest.mark.parametrize("known", [0, 4])
def test_the_parameters_of_a_transformer_are_counted_as_keras_trains_them(layers, known):
    shape = ModelShape(units=64, embedding_size=64, layers=layers, architecture="transformer")
    config = ModelConfig.of(shape, 300, known)
    model, described = build_training_model(config), describe(config)
    assert described.parameters == sum(int(np.prod(variable.shape)) for variable in model.trainable_variables)
    for block in described.blocks:
        assert (
            block.parameters == sum(model.get_layer(name).count_params() for name in block.layers) or not block.layers
        )
