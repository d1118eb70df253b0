"""The inference models of one token a step, built from the layers of a training model.

They call the cells of recurrent layers without a loop, so that they can be exported
(docs/development/decisions/0002-litert-for-answering.md). Inputs and outputs
have names; those of the states are given by the architecture: `h1`, `c1`, `h2`, `c2` and so on, (rows, units) each,
for an LSTM.

A bidirectional encoder is two steps. `build_backward_step` reads the prompt from its end;
`build_encoder_step` then reads it from its beginning and takes, beside each token, the output
that the backward step gave there. The last states of the backward step are the second halves of the first
layer's states from the start, and the forward step passes them through, so that its last state is the
sentence vector.

The decoder starts from that, or, with known replies, from the output of `build_recall`.
"""

import keras

from chatbot.config import ModelConfig
from chatbot.config.architectures import ARCHITECTURES
from chatbot.training.models import reply_memory
from chatbot.training.models.architecture_layers import layers_of
from chatbot.training.models.attention import attention_context, dot_scores
from chatbot.training.models.encoder_decoder import is_token
from chatbot.training.models.ngram_view import NgramView, name_inputs, new_inputs
from chatbot.training.type_aliases import KerasLayer, KerasModel, LayersByName, States, Tensor


def build_encoder_step(model: KerasModel, config: ModelConfig) -> KerasModel:
    """Rebuild the encoder as one step.

    Args:
        model: The training model.
        config: Its shape.

    Returns:
        A functional model from `token` (rows,), the states and, if bidirectional, `backward` (rows, units / 2), to the
        next states and, with attention, `output` (rows, units). Where the token is PAD the states stay as they are, so
        that prompts of several lengths can be read side by side.
    """
    token, states = _token(), _state_inputs(config)
    inputs = {"token": token, **states}
    backward = None
    if config.bidirectional:
        backward = inputs["backward"] = keras.Input((config.units // 2,), name="backward")
    vector = model.get_layer("token_embedding")(token)
    output, after = layers_of(config).encoder_step(model.get_layer, config, vector, states, backward)
    outputs = _unless_pad(token, after, states)
    if config.attention != "none":
        outputs["output"] = output
    return keras.Model(inputs, outputs, name="encoder_step")


def build_backward_step(model: KerasModel, config: ModelConfig) -> KerasModel:
    """Rebuild the backward half of a bidirectional encoder as one step.

    Args:
        model: The training model.
        config: Its shape.

    Returns:
        A functional model from `token` (rows,) and the states of one layer by their names without its number, such as
        `h`, (rows, units / 2) each, to the next states.
    """
    token = _token()
    states = {
        name.removesuffix("1"): keras.Input((size // 2,), name=name.removesuffix("1"))
        for name, size in ARCHITECTURES[config.architecture].states(config)[0].items()
    }
    vector = model.get_layer("token_embedding")(token)
    after = layers_of(config).backward_step(model.get_layer, vector, states)
    return keras.Model({"token": token, **states}, _unless_pad(token, after, states), name="backward_step")


def build_recall(model: KerasModel, config: ModelConfig, view: NgramView | None = None) -> KerasModel:
    """Rebuild the reply memory (`chatbot.training.models.reply_memory`).

    Args:
        model: The training model.
        config: Its shape.
        view: The view of n-grams, or None.

    Returns:
        A functional model from `tokens` (rows, length), int32, padded with PAD, the encoder's last
        states and, with a view of n-grams, its inputs (`name_inputs`), to the decoder's
        first states, by the same names, and the `shares` of the known replies in them, (rows, known replies).
    """
    tokens, states = keras.Input((None,), dtype="int32", name="tokens"), _state_inputs(config)
    ngrams = new_inputs(view)
    recalled = reply_memory.recall(model.get_layer, tokens, states, view, ngrams)
    outputs = {**recalled.states, "shares": recalled.shares}
    inputs = {"tokens": tokens, **states, **name_inputs(ngrams)}
    return keras.Model(inputs, outputs, name="recall")


def build_decoder_step(model: KerasModel, config: ModelConfig) -> KerasModel:
    """Rebuild the inference decoder.

    Args:
        model: The training model.
        config: Its shape.

    Returns:
        A functional model from `token` (rows,), the states and, with attention, `memory` (rows, length, units) and
        `mask` (rows, length), to `logits` (rows, vocabulary) and the next states.
    """
    token, states = _token(), _state_inputs(config)
    inputs = {"token": token, **states}
    vector = model.get_layer("token_embedding")(token)
    output, after = layers_of(config).decoder_step(model.get_layer, config, vector, states)
    if config.attention != "none":
        inputs["memory"] = keras.Input((None, config.units), name="memory")
        inputs["mask"] = keras.Input((None,), name="mask")
        output = _attend(model.get_layer, config, output, inputs["memory"], inputs["mask"] > 0)
    logits = model.get_layer("vocabulary_projection")(output)
    return keras.Model(inputs, {"logits": logits, **after}, name="decoder_step")


def _attend(layer: LayersByName, config: ModelConfig, output: Tensor, memory: Tensor, mask: Tensor) -> Tensor:
    """The attentional vector of one decoder output, as `attention.attend` computes it for all positions.

    A dense layer sees two dimensions here. For three, Keras computes shapes while the model runs,
    and after such tensors LiteRT 2.3 now and then reads another place in memory than it wrote.

    Args:
        layer: Gives a layer by its name.
        config: Of the model.
        output: (rows, units) float32, of the decoder.
        memory: (rows, length, units) float32, of the encoder.
        mask: (rows, length) bool, True at tokens.

    Returns:
        (rows, units) float32.
    """
    ops = keras.ops
    if config.attention == "additive":
        scores = _additive_scores(layer, output, memory)
    else:
        scores = dot_scores(ops.expand_dims(output, 1), memory)
    context = ops.squeeze(attention_context(scores, memory, mask), 1)
    return layer("attentional_vector")(ops.concatenate([context, output], axis=-1))


def _additive_scores(layer: LayersByName, output: Tensor, memory: Tensor) -> Tensor:
    """The additive scores of one decoder output. See `chatbot.training.models.attention`.

    Args:
        layer: Gives a layer by its name.
        output: (rows, units) float32.
        memory: (rows, prompt length, units) float32.

    Returns:
        (rows, 1, prompt length) float32.
    """
    ops = keras.ops
    queries = ops.expand_dims(layer("attention_query")(output), 1)
    sums = ops.tanh(queries + _ThreeDimensional(layer("attention_key"))(memory))
    return ops.transpose(_ThreeDimensional(layer("attention_score"))(sums), (0, 2, 1))


class _ThreeDimensional(keras.layers.Layer):  # type: ignore[misc]  # TensorFlow ships no types
    """A trained dense layer applied to three dimensions, by a matrix product of as many."""

    def __init__(self, dense: KerasLayer) -> None:
        super().__init__()
        self.dense = dense

    def call(self, inputs: Tensor) -> Tensor:
        """Apply the dense layer.

        Args:
            inputs: (rows, length, features) float32.

        Returns:
            (rows, length, units) float32.
        """
        outputs = keras.ops.matmul(inputs, keras.ops.expand_dims(self.dense.kernel, 0))
        return outputs if self.dense.bias is None else outputs + self.dense.bias


def _token() -> Tensor:
    """The input `token`, (rows,) int32."""
    return keras.Input((), dtype="int32", name="token")


def _state_inputs(config: ModelConfig) -> States:
    """The inputs of all states by name, (rows, size) float32 each."""
    blocks = ARCHITECTURES[config.architecture].states(config)
    return {name: keras.Input((size,), name=name) for sizes in blocks for name, size in sizes.items()}


def _unless_pad(token: Tensor, after: States, before: States) -> States:
    """Keep the states of rows whose token is PAD.

    Args:
        token: (rows,) int32.
        after: The states after a step, (rows, size) float32 each.
        before: The states before it, by the same names.

    Returns:
        `after`, with `before` in the rows of PAD.
    """
    real = keras.ops.expand_dims(is_token(token), -1)
    return {name: keras.ops.where(real, new, before[name]) for name, new in after.items()}
