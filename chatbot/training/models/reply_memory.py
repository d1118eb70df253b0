"""The reply memory: the layers between encoder and decoder for a corpus with a set of known replies.

    sentence vector ─────────── reply_scores ──┐
    sum of bag_embedding ────── bag_scores ────┼─ softmax ─▶ shares of the known replies
    sum of bigram_embedding ─── bigram_scores ─┤                   │
    (n-grams of the text ────── ngram_scores) ─┘   reply_h1, reply_c1 … ─▶ the decoder's first states

An FAQ or small talk answers thousands of prompts with some hundreds of replies. A decoder alone
has to find out which one is meant token by token, and its first token says little: half of all
replies start with "I". Here the sentence vector is compared with a key for each known reply, and
the decoder starts from the mean of their values, weighted by how well the keys fit. The objective
(`chatbot.training.objective.candidate_replies`) trains the weights to select the recorded reply,
beside teacher forcing. The decoder still generates token by token, also replies that are not known.

The keys see the prompt in three views: as the LSTMs have read it, as the bag of its tokens, and as
the bag of its bigrams, a token and the one before it; the bags learn from a few prompts what words
and phrases are worth. Each view is also trained to select the reply by itself: if only their sum
were, the quickest one would memorize the prompts, and the others would learn nothing to add. When the network
has been trained, a fourth view is fitted and added (`chatbot.training.models.ngram_view`).

References: Sukhbaatar et al. (2015), "End-To-End Memory Networks", section 2.1, for keys and values;
Cheng et al. (2016), "Wide & Deep Learning for Recommender Systems", section 3, for the
bags beside the deep network; Joulin et al. (2017), "Bag of Tricks for Efficient Text Classification",
section 2, for bigrams that share hashed vectors; Lee et al. (2015), "Deeply-Supervised Nets",
section 2.1, for a loss of each view's own.
"""

from typing import NamedTuple

import keras
import numpy as np

from chatbot.config import PAD, ModelConfig
from chatbot.config.architectures import ARCHITECTURES
from chatbot.training.data.latent_semantics import LatentVectors, Vectors
from chatbot.training.data.piece_ngrams import SubwordNgrams
from chatbot.training.data.ragged import Ragged, Tokens
from chatbot.training.models.ngram_view import NgramInputs, NgramView
from chatbot.training.type_aliases import KerasLayer, KerasModel, LayersByName, States, Tensor

#: Name of the embedding of the bag of tokens.
BAG = "bag_embedding"
#: Names of the layers with the values begin so; the name of a state follows.
_VALUE = "reply_"
#: Initial vectors of the bag and values of the memory are uniform in ± this.
_RANGE = 0.5
#: Initial vectors of bigrams. They are short: one that no prompt has trained must not count.
_BIGRAM_RANGE = 0.05
#: Spreads bigrams over the vectors; a prime.
_MULTIPLIER = 7919
#: Factors of the own first values of the encoder's embedding, of the bag and of its keys, beside what counts of tokens
#: and topics say; and the factor of what these say of the keys.
_KEPT, _KEPT_BAG, _KEPT_KEY, _KEY = 0.3, 0.1, 0.3, 0.5
#: Factor of the initial vector of a piece beside the sum of those of its n-grams, which other pieces share.
_OWN = 0.04


def new_layers(config: ModelConfig, dropout: float) -> list[KerasLayer]:
    """The layers of the memory; none if the model has no known replies.

    Args:
        config: Shape of the model.
        dropout: Dropout rate of each view.
    """
    if not config.known_replies:
        return []
    layers = keras.layers
    wide, short = (keras.initializers.RandomUniform(-bound, bound) for bound in (_RANGE, _BIGRAM_RANGE))
    return [
        layers.Embedding(config.vocabulary_size, config.units, embeddings_initializer=wide, name=BAG),
        layers.Embedding(config.bigrams, config.units, embeddings_initializer=short, name="bigram_embedding"),
        *(layers.Dropout(dropout, name=f"{view}_dropout") for view in ("sentence", "bag", "bigram")),
        layers.Dense(config.known_replies, name="reply_scores"),
        *(layers.Dense(config.known_replies, use_bias=False, name=f"{view}_scores") for view in ("bag", "bigram")),
        *(
            # What a layer puts out is in -1..1, and so must be its value.
            layers.Dense(
                size,
                activation=None if place else "tanh",
                use_bias=False,
                kernel_initializer=wide,
                name=f"{_VALUE}{name}",
            )
            for states in ARCHITECTURES[config.architecture].states(config)
            for place, (name, size) in enumerate(states.items())
        ),
    ]


def initialize_bag(model: KerasModel, ngrams: SubwordNgrams) -> None:
    """Set the vectors of a new model's bag to sums of random vectors of the n-grams of each piece.

    Args:
        model: A new training model with a reply memory.
        ngrams: The n-grams of its vocabulary.
    """
    table = model.get_layer(BAG).embeddings
    vectors = keras.random.uniform((ngrams.count, table.shape[1]), -_RANGE, _RANGE)
    table.assign(_OWN * table + ngrams.spread(vectors))


def initialize_topics(model: KerasModel, prompts: Ragged, asked: Tokens, topics: Tokens) -> None:
    """Begin the vectors of tokens and the bag's keys of a new model with what tokens occur in the prompts of a topic.

    They keep a part of their first values: the tokens of one topic are not the same, and no dimension is idle.

    Args:
        model: A new training model with a reply memory.
        prompts: (pairs, tokens).
        asked: (pairs,) int32, the topic of each pair; a negative one does not count.
        topics: (known replies,) int32, the topic of each.
    """
    embedding, bag = model.get_layer("token_embedding"), model.get_layer(BAG)
    size = max(embedding.output_dim, bag.output_dim)
    vectors = LatentVectors.of(prompts, asked, (bag.input_dim, int(topics.max()) + 1), size)
    if not vectors.tokens.any():  # only one topic, or topics whose prompts have the same tokens
        return
    _begin(embedding, vectors.tokens, _KEPT)
    factor = _begin(bag, vectors.tokens, _KEPT_BAG)
    kernel = model.get_layer("bag_scores").kernel
    kernel.assign(_KEY / factor * vectors.topics[topics, : bag.output_dim].T + _KEPT_KEY * kernel.numpy())


def _begin(layer: KerasLayer, vectors: Vectors, kept: float) -> float:
    """Begin an embedding with vectors, as long as its own first ones.

    Args:
        layer: The embedding.
        vectors: (rows, size) float32, of which it takes the first dimensions; zeros where nothing is known.
        kept: Factor of its own first vectors, which are added.

    Returns:
        The factor of the vectors.
    """
    first, new = layer.embeddings.numpy(), vectors[:, : layer.output_dim]
    factor = float(first.std() / np.sqrt(np.mean(new[np.any(vectors, axis=1)] ** 2)))
    layer.embeddings.assign(factor * new + kept * first)
    return factor


class Recalled(NamedTuple):
    """The output of the memory for some prompts.

    Attributes:
        scores: Logits of the known replies, (rows, known replies) float32 each: their sum, which decides,
            then those of each view.
        shares: Of the known replies, (rows, known replies) float32, 1 together.
        states: The decoder's first states by name, (rows, size) float32 each.
    """

    scores: list[Tensor]
    shares: Tensor
    states: States


def recall(
    layer: LayersByName,
    tokens: Tensor,
    states: States,
    view: NgramView | None = None,
    ngrams: NgramInputs | None = None,
) -> Recalled:
    """Compare prompts with the known replies.

    Args:
        layer: Gives a layer by its name.
        tokens: (rows, length) int32, the prompts; PAD may be anywhere.
        states: The encoder's last states by name, (rows, size) float32 each.
        view: The view of n-grams, once it has been fitted; None while the network is trained.
        ngrams: Of the prompts, for that view.

    Returns:
        The scores of the known replies, and the decoder's first states.
    """
    sentence = keras.ops.concatenate(list(states.values()), axis=-1)
    bag = _bag(layer(BAG), tokens, tokens)
    bigram_bag = _bag(layer("bigram_embedding"), _bigrams(tokens, layer("bigram_embedding").input_dim), tokens)
    views = [
        layer("reply_scores")(layer("sentence_dropout")(sentence)),
        layer("bag_scores")(layer("bag_dropout")(bag)),
        layer("bigram_scores")(layer("bigram_dropout")(bigram_bag)),
    ]
    scores = views[0] + views[1] + views[2]
    if view is not None and ngrams is not None:
        scores = view.add(scores, ngrams)
    shares = keras.ops.softmax(scores, axis=-1)
    recalled = {name: layer(f"{_VALUE}{name}")(shares) for name in states}
    return Recalled([scores, *views], shares, recalled)


def _bigrams(tokens: Tensor, count: int) -> Tensor:
    """Hash each token with the one before it, PAD before the first.

    Args:
        tokens: (rows, length) int32.
        count: Number of different hashes.

    Returns:
        (rows, length) int32, below `count`.
    """
    before = keras.ops.pad(tokens, [[0, 0], [1, 0]])[:, :-1]
    return (before * _MULTIPLIER + tokens) % count


def _bag(embedding: KerasLayer, numbers: Tensor, tokens: Tensor) -> Tensor:
    """The sum of the vectors with these numbers over the square root of their count, without those of PAD.

    Args:
        embedding: The table.
        numbers: (rows, length) int32, rows of the table.
        tokens: (rows, length) int32, the prompts.

    Returns:
        (rows, units) float32.
    """
    ops = keras.ops
    real = ops.expand_dims(ops.cast(ops.not_equal(tokens, PAD), "float32"), -1)
    count = ops.sum(real, axis=1)
    return ops.sum(embedding(numbers) * real, axis=1) / ops.sqrt(ops.maximum(count, 1.0))
