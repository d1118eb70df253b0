"""That what the exported decoder lets out of its attention is what its layers compute."""

import keras
import numpy as np
import pytest

from chatbot import bundle
from chatbot.config import GO, ModelConfig, ModelShape
from chatbot.config.architectures import ARCHITECTURES
from chatbot.explain import describe
from chatbot.inference.litert.litert_steps import LiteRTSteps
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


class BlocksInNumpy:
    """The attention of a transformer's blocks to a prompt and to a reply so far, all positions at once."""

    def __init__(self, model, config):
        self.shares = {}
        self._layer, self._heads = model.get_layer, ARCHITECTURES["transformer"].heads(config)
        self._layers, self._units = config.layers, config.units

    def read(self, prompt, reply):
        vectors = self._embed(prompt, "encoder")
        for number in range(1, self._layers + 1):
            vectors = self._attend(vectors, None, ("encoder", "self", number))
            vectors = self._feed(vectors, ("encoder", number))
        outputs = self._normalized(vectors, "encoder_norm")
        vectors = self._embed(reply, "decoder") + np.tanh(self._dense(outputs.mean(axis=0), "sentence_vector"))
        for number in range(1, self._layers + 1):
            vectors = self._attend(vectors, None, ("decoder", "self", number), causal=True)
            vectors = self._attend(vectors, outputs, ("decoder", "cross", number))
            vectors = self._feed(vectors, ("decoder", number))
        return self.shares

    def _embed(self, tokens, half):
        positions = self._layer(f"{half}_positions").embeddings.numpy()[1 : len(tokens) + 1]
        return self._layer("token_embedding").embeddings.numpy()[tokens] + positions

    def _attend(self, vectors, memory, place, causal=False):
        norm, *names, output = ARCHITECTURES["transformer"].attention_layers(*place)
        given = self._normalized(vectors, norm)
        seen = given if memory is None else memory
        query, key, value = (
            self._dense(one, name).reshape(len(one), self._heads, -1).swapaxes(0, 1)
            for one, name in zip((given, seen, seen), names, strict=True)
        )
        scores = query @ key.swapaxes(1, 2) / np.sqrt(query.shape[-1])
        powers = np.exp(scores) * (np.tri(len(given)) if causal else 1)
        shares = self.shares[place] = powers / powers.sum(axis=-1, keepdims=True)
        return vectors + self._dense((shares @ value).swapaxes(0, 1).reshape(len(given), self._units), output)

    def _feed(self, vectors, place):
        norm, expand, contract = ARCHITECTURES["transformer"].feed_forward_layers(*place)
        return vectors + self._dense(np.maximum(self._dense(self._normalized(vectors, norm), expand), 0), contract)

    def _dense(self, vectors, name):
        layer = self._layer(name)
        return vectors @ layer.kernel.numpy() + layer.bias.numpy()

    def _normalized(self, vectors, name):
        layer = self._layer(name)
        scaled = (vectors - vectors.mean(-1, keepdims=True)) / np.sqrt(vectors.var(-1, keepdims=True) + layer.epsilon)
        return scaled * layer.gamma.numpy() + layer.beta.numpy()


@pytest.mark.parametrize(("int8", "layers"), [(False, 1), (False, 2), (True, 2)])
def test_the_attention_of_blocks_by_heads_is_what_the_layers_compute(tmp_path, int8, layers):
    shape = ModelShape(units=64, embedding_size=64, layers=layers, architecture="transformer")
    config = ModelConfig.of(shape, 300)
    keras.utils.set_random_seed(1)
    model = build_training_model(config)
    model.set_weights([weights * 1.5 for weights in model.get_weights()])
    StepExport(KerasSteps(model, config), config).write(tmp_path, int8=int8)
    steps = LiteRTSteps(config, bundle.step_files(tmp_path, config))
    tolerance = 0.15 if int8 else 1e-5  # of weights so large; another head or block would differ by more
    reply = [GO, *range(20, 37)]  # longer than a new cache has room for
    for prompt in PROMPTS:
        expected = BlocksInNumpy(model, config).read(prompt, reply)
        for number, read in enumerate(steps.prompt_attention(prompt), 1):
            np.testing.assert_allclose(read, expected["encoder", "self", number], atol=tolerance)
        state = steps.encode([prompt])
        for position, token in enumerate(np.array(reply, np.int32)):
            blocks = steps.block_attention(np.array([token]), state)
            across = [expected["decoder", "cross", number][:, position] for number in range(1, layers + 1)]
            mean = steps.alignment(np.array([token]), state)[0, : len(prompt)]
            np.testing.assert_allclose(mean, np.mean(across, axis=(0, 1)), atol=tolerance)
            assert len(blocks) == layers
            for number, block in enumerate(blocks, 1):
                own = expected["decoder", "self", number][:, position, : position + 1]
                np.testing.assert_allclose(block.own, own, atol=tolerance)
                np.testing.assert_allclose(block.prompt[:, : len(prompt)], across[number - 1], atol=tolerance)
                assert not block.prompt[:, len(prompt) :].any()
            _, state = steps.step(np.array([token]), state)
    assert np.ptp(across) > 0.5, "weights that are all alike would show no mistake"


def test_recurrent_layers_have_no_heads(tmp_path):
    model, config = with_weights()
    StepExport(KerasSteps(model, config), config).write(tmp_path)
    steps = LiteRTSteps(config, bundle.step_files(tmp_path, config))
    assert steps.prompt_attention(PROMPTS[0]) == []
    assert steps.block_attention(np.full(1, GO, np.int32), steps.encode(PROMPTS[:1])) == []


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
