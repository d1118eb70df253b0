"""Attention of the decoder over the prompt: dot and additive scores, the context and the attentional vector.

References: Luong, Pham and Manning (2015), "Effective Approaches to Attention-based Neural Machine
Translation", section 3.1, for the attention after the decoder's LSTM, the dot score and the attentional
vector; Bahdanau, Cho and Bengio (2015), "Neural Machine Translation by Jointly Learning to Align and
Translate", appendix A.1.2, for the additive score.
"""

import keras

from chatbot.config import ModelConfig
from chatbot.training.type_aliases import LayersByName, Tensor

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
    scores = _additive_scores(layer, outputs, memory) if config.attention == "additive" else dot_scores(outputs, memory)
    context = attention_context(scores, memory, mask)
    return layer("attentional_vector")(keras.ops.concatenate([context, outputs], axis=-1))


def attention_context(scores: Tensor, memory: Tensor, mask: Tensor) -> Tensor:
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


def dot_scores(outputs: Tensor, memory: Tensor) -> Tensor:
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
