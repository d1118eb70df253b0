import keras
import numpy as np
import pytest
import tensorflow as tf

from chatbot.training.objective.subword_ngrams import SubwordNgrams
from chatbot.training.optimizer.adam import Adam, Shared

START = np.array([[1.0, -2.0], [3.0, 0.5]], np.float32)


def test_it_goes_the_way_of_kerass_adam():
    ours, theirs = tf.Variable(START), keras.Variable(START)
    adam = Adam([ours], beta_2=0.98, clip_norm=1.0, weight_decay=0.0)
    adam.rate.assign(0.1)
    reference = keras.optimizers.Adam(0.1, beta_2=0.98, epsilon=1e-8, global_clipnorm=1.0)
    rng = np.random.default_rng(0)
    for _ in range(20):
        gradient = tf.constant(rng.normal(size=START.shape), tf.float32)
        adam.apply([gradient])
        reference.apply([gradient], [theirs])
        np.testing.assert_allclose(ours, theirs, rtol=1e-4)


def test_the_gradient_is_clipped_as_a_whole_and_small_ones_are_left_alone():
    def moved(gradients, clip_norm):
        variables = [tf.Variable(0.0), tf.Variable(0.0)]
        adam = Adam(variables, beta_2=0.5, clip_norm=clip_norm, weight_decay=0.0)
        adam.rate.assign(1.0)
        adam.apply([tf.constant(value) for value in gradients])
        return [float(moment) for moment in adam._moments[0]]

    assert moved([3.0, 4.0], clip_norm=1.0) == pytest.approx([0.06, 0.08])  # a tenth of 0.6 and 0.8
    assert moved([0.3, 0.4], clip_norm=1.0) == pytest.approx([0.03, 0.04])


def test_rows_of_an_embedding_that_were_not_looked_up_stand_still():
    table = tf.Variable(START)
    with tf.GradientTape() as tape:
        loss = tf.reduce_sum(tf.gather(table, [1, 1]))
    adam = Adam([table], beta_2=0.98, clip_norm=10.0, weight_decay=0.0)
    adam.rate.assign(0.1)
    adam.apply([tape.gradient(loss, table)])
    np.testing.assert_array_equal(table[0], START[0])
    np.testing.assert_allclose(table[1], START[1] - 0.1, rtol=1e-5)


def test_decay_takes_a_share_of_every_weight_but_none_of_the_biases():
    kernel, bias = tf.Variable(START), tf.Variable([4.0])
    adam = Adam([kernel, bias], beta_2=0.98, clip_norm=1.0, weight_decay=0.5)
    adam.rate.assign(0.1)
    adam.apply([tf.zeros_like(kernel), tf.zeros_like(bias)])
    np.testing.assert_allclose(kernel, START * 0.95, rtol=1e-6)
    np.testing.assert_allclose(bias, [4.0])


def test_a_table_that_learns_through_ngrams_goes_the_way_of_the_sum_of_two_tables():
    grams = SubwordNgrams([["ab", "bc"], ["bc"], []])
    start = np.array([[1.0, -2.0], [3.0, 0.5], [0.2, 0.1]], np.float32)
    other, summed = tf.Variable([1.0]), tf.Variable(start)
    adam = Adam([other, summed], beta_2=0.98, clip_norm=1.0, weight_decay=0.0, shared=Shared(1, grams))
    reference, own, of_grams = tf.Variable([1.0]), tf.Variable(start), tf.Variable(tf.zeros((2, 2)))
    plain = Adam([reference, own, of_grams], beta_2=0.98, clip_norm=1.0, weight_decay=0.0)
    rng = np.random.default_rng(0)
    for one in (adam, plain):
        one.rate.assign(0.1)
    for _ in range(20):
        gradients = [tf.constant(rng.normal(size=shape), tf.float32) for shape in (1, start.shape)]
        adam.apply(gradients)
        plain.apply([*gradients, grams.gather(gradients[1])])
        np.testing.assert_allclose(summed, own + grams.spread(of_grams), rtol=1e-4, atol=1e-6)
        np.testing.assert_allclose(other, reference, rtol=1e-5)
