import keras
import numpy as np
import tensorflow as tf

from chatbot.training.data.piece_ngrams import SubwordNgrams
from chatbot.training.objective.ngram_gradient_sharing import NgramSharing
from chatbot.training.optimizer.adam import FusedAdam

START = np.array([[1.0, -2.0], [3.0, 0.5], [0.2, 0.1]], np.float32)


def test_a_table_that_learns_through_ngrams_goes_the_way_of_the_sum_of_two_tables():
    ngrams = SubwordNgrams([["ab", "bc"], ["bc"], []])
    token = keras.Input((), dtype="int32")
    embedding = keras.layers.Embedding(3, 2, name="pieces")
    model = keras.Model(token, keras.layers.Dense(1, use_bias=False)(embedding(token)))
    embedding.set_weights([START])
    sharing = NgramSharing(model, "pieces", ngrams)
    summed, other = model.trainable_variables
    adam = FusedAdam(0.1, beta_2=0.98, global_clipnorm=1.0)
    adam.build([*model.trainable_variables, *sharing.variables])
    own, of_ngrams = keras.Variable(START), keras.Variable(tf.zeros((2, 2)))
    reference = keras.Variable(other.numpy())
    plain = FusedAdam(0.1, beta_2=0.98, global_clipnorm=1.0)
    plain.build([own, reference, of_ngrams])
    rng = np.random.default_rng(0)
    for _ in range(20):
        gradients = [tf.constant(rng.normal(size=v.shape), tf.float32) for v in (summed, other)]
        sharing.apply(adam, gradients)
        plain.apply([*gradients, ngrams.gather(gradients[0])])
        np.testing.assert_allclose(summed, own + ngrams.spread(of_ngrams.value), rtol=1e-4, atol=1e-6)
        np.testing.assert_allclose(other, reference, rtol=1e-5)
