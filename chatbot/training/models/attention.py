"""Attention of the decoder over the prompt: dot and additive scores, the context and the attentional vector.

References: Luong, Pham and Manning (2015), "Effective Approaches to Attention-based Neural Machine
Translation", section 3.1, for the attention after the decoder's LSTM, the dot score and the attentional
vector; Bahdanau, Cho and Bengio (2015), "Neural Machine Translation by Jointly Learning to Align and
Translate", appendix A.1.2, for the additive score.
"""

import keras

from chatbot.config import ModelConfig
from chatbot.training.type_aliases import KerasLayer, LayersByName, Tensor

#: Attention score of padding.
_MASKED_SCORE = -1e9


def attend(layer: LayersByName, config: ModelConfig, outputs: Tensor, memory: Tensor, mask: Tensor) -> Tensor:
    """Combine decoder outputs with what they attend to.

    Args:
        layer: Gives a layer by its name.
        config: Of the model.
        outputs: (rows, reply length, units) float32, of the decoder.
        memory: (rows, prompt length, units) float32, of the encoder.
        mask: (rows, prompt length) bool, True at tokens.

    Returns:
        The attentional vectors, (rows, reply length, units) float32.
    """
    scores = (
        _additive_scores(layer, outputs, memory) if config.attention == "additive" else _dot_scores(outputs, memory)
    )
    context = _attention_context(scores, memory, mask)
    return layer("attentional_vector")(keras.ops.concatenate([context, outputs], axis=-1))


def attend_step(layer: LayersByName, config: ModelConfig, output: Tensor, memory: Tensor, mask: Tensor) -> Tensor:
    """The attentional vector of one decoder output, as `attend` computes it for all positions.

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
        scores = _additive_step_scores(layer, output, memory)
    else:
        scores = _dot_scores(ops.expand_dims(output, 1), memory)
    context = ops.squeeze(_attention_context(scores, memory, mask), 1)
    return layer("attentional_vector")(ops.concatenate([context, output], axis=-1))


def _attention_context(scores: Tensor, memory: Tensor, mask: Tensor) -> Tensor:
    """Average the memory, weighted by the softmax of attention scores.

    Args:
        scores: (rows, reply length, prompt length) float32.
        memory: (rows, prompt length, units) float32.
        mask: (rows, prompt length) bool, True at tokens.

    Returns:
        (rows, reply length, units) float32.
    """
    ops = keras.ops
    return ops.matmul(ops.softmax(ops.where(ops.expand_dims(mask, 1), scores, _MASKED_SCORE), axis=-1), memory)


def _dot_scores(outputs: Tensor, memory: Tensor) -> Tensor:
    """The scores of Luong et al. (2015), equation 8, "dot".

    Args:
        outputs: (rows, reply length, units) float32.
        memory: (rows, prompt length, units) float32.

    Returns:
        (rows, reply length, prompt length) float32.
    """
    return keras.ops.matmul(outputs, keras.ops.transpose(memory, (0, 2, 1)))


def _additive_scores(layer: LayersByName, outputs: Tensor, memory: Tensor) -> Tensor:
    """The scores of Bahdanau et al. (2015), appendix A.1.2.

    Args:
        layer: Gives a layer by its name.
        outputs: (rows, reply length, units) float32.
        memory: (rows, prompt length, units) float32.

    Returns:
        (rows, reply length, prompt length) float32.
    """
    ops = keras.ops
    queries, keys = layer("attention_query")(outputs), layer("attention_key")(memory)
    sums = ops.tanh(ops.expand_dims(queries, 2) + ops.expand_dims(keys, 1))
    return ops.squeeze(layer("attention_score")(sums), -1)


def _additive_step_scores(layer: LayersByName, output: Tensor, memory: Tensor) -> Tensor:
    """The additive scores of one decoder output; see `_additive_scores`.

    Args:
        layer: Gives a layer by its name.
        output: (rows, units) float32.
        memory: (rows, prompt length, units) float32.

    Returns:
        (rows, 1, prompt length) float32.
    """
    ops = keras.ops
    queries = ops.expand_dims(layer("attention_query")(output), 1)
    sums = ops.tanh(queries + ThreeDimensional(layer("attention_key"))(memory))
    return ops.transpose(ThreeDimensional(layer("attention_score"))(sums), (0, 2, 1))


class ThreeDimensional(keras.layers.Layer):  # type: ignore[misc]  # TensorFlow ships no types
    """A trained dense layer applied to three dimensions, by a matrix product of as many."""

    def __init__(self, dense: KerasLayer) -> None:
        """Share the weights of a dense layer.

        Args:
            dense: Built, without an activation.
        """
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
