"""The reply memory: what lies between encoder and decoder where a corpus has a set of replies.

    sentence vector ─────────── reply_scores ──┐
    sum of bag_embedding ────── bag_scores ────┼─ softmax ─▶ shares of the known replies
    sum of bigram_embedding ─── bigram_scores ─┘                   │
                                                   reply_h1, reply_c1 … ─▶ the decoder's first states

An FAQ or small talk answers thousands of prompts with some hundreds of replies. A decoder alone
has to find out which one is meant a token at a time, and its first token says little: half of all
replies begin with "I". Here the sentence vector is compared with a key for each known reply, and
the decoder starts from the mean of their values, weighted by how well the keys fit. The step
(`chatbot.training.optimizer.training_step`) teaches the weights which reply is the recorded one, beside
teacher forcing. The decoder still says the reply a token at a time, and one that is no known reply too.

The keys see the prompt three times: as the LSTMs have read it, as the bag of its tokens, and as the bag of
its bigrams, a token and the one before it, which learn from a few prompts what words and turns of
phrase are worth. Each view is taught to know the reply by itself as well: if only their sum
were, the quickest one would learn the prompts by heart, and the others nothing that they add.

References: Sukhbaatar et al. (2015), "End-To-End Memory Networks", section 2.1, for keys and values;
Cheng et al. (2016), "Wide & Deep Learning for Recommender Systems", section 3, for the
bags beside the deep network; Joulin et al. (2017), "Bag of Tricks for Efficient Text Classification",
section 2, for bigrams that share hashed vectors; Lee et al. (2015), "Deeply-Supervised Nets",
section 2.1, for a loss of each view's own.
"""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import keras

from chatbot.config import PAD, ModelConfig
from chatbot.training.objective.subword_ngrams import SubwordNgrams

#: Initial vectors of the bag and values of the memory are uniform in ± this.
_RANGE = 0.5
#: Initial vectors of bigrams. They are short: one that no prompt has learned must say nothing.
_BIGRAM_RANGE = 0.05
#: Spreads bigrams over the vectors; a prime.
_MULTIPLIER = 7919
#: What is left of a piece's own first vector beside those of its n-grams, which other pieces share.
_OWN = 0.04


def new_layers(config: ModelConfig, dropout: float) -> list[Any]:
    """The layers of the memory; none where no reply is known."""
    if not config.known_replies:
        return []
    layers = keras.layers
    begin, short = (keras.initializers.RandomUniform(-bound, bound) for bound in (_RANGE, _BIGRAM_RANGE))
    return [
        layers.Embedding(config.vocabulary_size, config.units, embeddings_initializer=begin, name="bag_embedding"),
        layers.Embedding(config.bigrams, config.units, embeddings_initializer=short, name="bigram_embedding"),
        *(layers.Dropout(dropout, name=f"{view}_dropout") for view in ("sentence", "bag", "bigram")),
        layers.Dense(config.known_replies, name="reply_scores"),
        *(layers.Dense(config.known_replies, use_bias=False, name=f"{view}_scores") for view in ("bag", "bigram")),
        *(
            layers.Dense(config.units, use_bias=False, kernel_initializer=begin, name=f"reply_{part}{number}")
            for number in range(1, config.layers + 1)
            for part in "hc"
        ),
    ]


def start_bag_from_ngrams(model: Any, pieces: SubwordNgrams) -> None:
    """Make the first vectors of a new model's bag of those of the n-grams of each piece."""
    table = model.get_layer("bag_embedding").embeddings
    grams = keras.random.uniform((pieces.count, table.shape[1]), -_RANGE, _RANGE)
    table.assign(_OWN * table + pieces.spread(grams))


class Recalled(NamedTuple):
    """What the memory makes of prompts.

    Attributes:
        scores: Logits of the known replies, (rows, known replies) each: what decides, then those of each view.
        states: What the decoder starts from, `h` and `c` of each layer, (rows, units) each.
    """

    scores: list[Any]
    states: list[list[Any]]


def recall(layer: Callable[[str], Any], tokens: Any, states: Sequence[Sequence[Any]]) -> Recalled:
    """Compare prompts with the known replies.

    Args:
        layer: Gives a layer by its name.
        tokens: (rows, length) int32, the prompts, PAD behind or anywhere.
        states: The encoder's last `h` and `c` of each layer, (rows, units) each.
    """
    sentence = keras.ops.concatenate([part for pair in states for part in pair], axis=-1)
    bag = _bag(layer("bag_embedding"), tokens, tokens)
    bigram_bag = _bag(layer("bigram_embedding"), _bigrams(tokens, layer("bigram_embedding").input_dim), tokens)
    views = [
        layer("reply_scores")(layer("sentence_dropout")(sentence)),
        layer("bag_scores")(layer("bag_dropout")(bag)),
        layer("bigram_scores")(layer("bigram_dropout")(bigram_bag)),
    ]
    scores = views[0] + views[1] + views[2]
    shares = keras.ops.softmax(scores, axis=-1)
    recalled = [
        [keras.ops.tanh(layer(f"reply_h{number}")(shares)), layer(f"reply_c{number}")(shares)]
        for number in range(1, len(states) + 1)
    ]
    return Recalled([scores, *views], recalled)


def _bigrams(tokens: Any, count: int) -> Any:
    """(rows, length) int32 below `count`, the number of each token with the one before it, PAD before the first."""
    before = keras.ops.pad(tokens, [[0, 0], [1, 0]])[:, :-1]
    return (before * _MULTIPLIER + tokens) % count


def _bag(embedding: Any, numbers: Any, tokens: Any) -> Any:
    """Sum of the vectors with these numbers over the square root of their count, (rows, units), PAD left out."""
    ops = keras.ops
    real = ops.expand_dims(ops.cast(ops.not_equal(tokens, PAD), "float32"), -1)
    count = ops.sum(real, axis=1)
    return ops.sum(embedding(numbers) * real, axis=1) / ops.sqrt(ops.maximum(count, 1.0))
