"""The reply memory: what lies between encoder and decoder where a corpus has a set of replies.

    sentence vector ──────── reply_scores ─┐
                                           ├─ softmax ─▶ shares of the known replies
    sum of bag_embedding ─── bag_scores  ──┘                   │
                                                   reply_h1, reply_c1 … ─▶ the decoder's first states

An FAQ or small talk answers thousands of prompts with some hundreds of replies. A decoder alone
has to find out which one is meant a token at a time, and its first token says little: half of all
replies begin with "I". Here the sentence vector is compared with a key for each known reply, and
the decoder starts from the mean of their values, weighted by how well the keys fit. The step
(`chatbot.training.step`) teaches the weights which reply is the recorded one, beside teacher forcing.
The decoder still says the reply a token at a time, and one that is no known reply too.

The keys see the prompt twice: as the LSTMs have read it, and as the bag of its tokens, which
learns from a few prompts what single words are worth.

References: Sukhbaatar et al. (2015), "End-To-End Memory Networks", section 2.1, for keys and values;
Cheng et al. (2016), "Wide & Deep Learning for Recommender Systems", section 3, for the
bag beside the deep network.
"""

from collections.abc import Callable, Sequence
from typing import Any

from chatbot.config import PAD, ModelConfig
from chatbot.training.backend import keras

#: Initial vectors of the bag and values of the memory are uniform in ± this.
_RANGE = 0.5


def new_layers(config: ModelConfig, dropout: float) -> list[Any]:
    """The layers of the memory; none where no reply is known."""
    if not config.known_replies:
        return []
    layers, begin = keras.layers, keras.initializers.RandomUniform(-_RANGE, _RANGE)
    return [
        layers.Embedding(config.vocabulary_size, config.units, embeddings_initializer=begin, name="bag_embedding"),
        layers.Dropout(dropout, name="bag_dropout"),
        layers.Dropout(dropout, name="sentence_dropout"),
        layers.Dense(config.known_replies, name="reply_scores"),
        layers.Dense(config.known_replies, use_bias=False, name="bag_scores"),
        *(
            layers.Dense(config.units, use_bias=False, kernel_initializer=begin, name=f"reply_{part}{number}")
            for number in range(1, config.layers + 1)
            for part in "hc"
        ),
    ]


def recall(layer: Callable[[str], Any], tokens: Any, states: Sequence[Sequence[Any]]) -> tuple[Any, list[list[Any]]]:
    """Compare prompts with the known replies.

    Args:
        layer: Gives a layer by its name.
        tokens: (rows, length) int32, the prompts, PAD behind or anywhere.
        states: The encoder's last `h` and `c` of each layer, (rows, units) each.

    Returns:
        The logits of the known replies, (rows, known replies), and the states that the decoder
        starts from, in the form of `states`.
    """
    sentence = keras.ops.concatenate([part for pair in states for part in pair], axis=-1)
    scores = layer("reply_scores")(layer("sentence_dropout")(sentence))
    scores += layer("bag_scores")(layer("bag_dropout")(_bag(layer, tokens)))
    shares = keras.ops.softmax(scores, axis=-1)
    recalled = [
        [keras.ops.tanh(layer(f"reply_h{number}")(shares)), layer(f"reply_c{number}")(shares)]
        for number in range(1, len(states) + 1)
    ]
    return scores, recalled


def _bag(layer: Callable[[str], Any], tokens: Any) -> Any:
    """Sum of the tokens' vectors over the square root of their number, (rows, units)."""
    ops = keras.ops
    real = ops.expand_dims(ops.cast(ops.not_equal(tokens, PAD), "float32"), -1)
    count = ops.sum(real, axis=1)
    return ops.sum(layer("bag_embedding")(tokens) * real, axis=1) / ops.sqrt(ops.maximum(count, 1.0))
