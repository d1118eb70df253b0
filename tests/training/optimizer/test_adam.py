import keras
import numpy as np
import pytest
import tensorflow as tf

from chatbot.training.optimizer.adam import FusedAdam

START = np.array([[1.0, -2.0], [3.0, 0.5]], np.float32)


def test_it_goes_the_way_of_kerass_adam():
    ours, theirs = keras.Variable(START), keras.Variable(START)
    adam = FusedAdam(0.1, beta_2=0.98, global_clipnorm=1.0)
    reference = keras.optimizers.Adam(0.1, beta_2=0.98, epsilon=1e-8, global_clipnorm=1.0)
    rng = np.random.default_rng(0)
    for _ in range(20):
        gradient = tf.constant(rng.normal(size=START.shape), tf.float32)
        adam.apply([gradient], [ours])
        reference.apply([gradient], [theirs])
        np.testing.assert_allclose(ours, theirs, rtol=1e-4)
    assert int(adam.iterations) == 20


def test_the_gradient_is_clipped_as_a_whole_and_small_ones_are_left_alone():
    def moments(gradients, clip_norm):
        adam = FusedAdam(1.0, beta_2=0.5, global_clipnorm=clip_norm)
        adam.apply([tf.constant(value) for value in gradients], [keras.Variable(0.0), keras.Variable(0.0)])
        return [float(adam.state[f"moment_1/{number}"]) for number in range(2)]

    assert moments([3.0, 4.0], clip_norm=1.0) == pytest.approx([0.06, 0.08])  # a tenth of 0.6 and 0.8
    assert moments([0.3, 0.4], clip_norm=1.0) == pytest.approx([0.03, 0.04])


def test_rows_of_an_embedding_that_were_not_looked_up_stand_still():
    table = keras.Variable(START)
    with tf.GradientTape() as tape:
        loss = tf.reduce_sum(tf.gather(table.value, [1, 1]))
    FusedAdam(0.1, beta_2=0.98, global_clipnorm=10.0).apply([tape.gradient(loss, table.value)], [table])
    np.testing.assert_array_equal(table[0], START[0])
    np.testing.assert_allclose(table[1], START[1] - 0.1, rtol=1e-5)


def test_a_variable_without_a_gradient_stays_as_it_is():
    one, other = keras.Variable(START), keras.Variable(START)
    adam = FusedAdam(0.1, beta_2=0.98, weight_decay=0.5, global_clipnorm=1.0)
    adam.apply([None, tf.ones((2, 2))], [one, other])
    np.testing.assert_array_equal(one, START)
    assert (np.asarray(other) != START).all()


def test_decay_takes_a_share_of_every_weight_but_none_of_the_biases():
    kernel, bias = keras.Variable(START), keras.Variable([4.0])
    adam = FusedAdam(0.1, beta_2=0.98, weight_decay=0.5, global_clipnorm=1.0)
    adam.apply([tf.zeros((2, 2)), tf.zeros((1,))], [kernel, bias])
    np.testing.assert_allclose(kernel, START * 0.95, rtol=1e-6)
    np.testing.assert_allclose(bias, [4.0])


def test_it_is_an_optimizer_that_keras_can_save_and_compile_a_model_with():
    adam = FusedAdam(0.1, beta_2=0.98, weight_decay=0.01, global_clipnorm=1.0)
    again = FusedAdam.from_config(adam.get_config())
    assert again.get_config() == adam.get_config()
    model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
    model.compile(again, "mse")
    x = np.linspace(-1, 1, 64, dtype=np.float32)[:, None]
    before = model.evaluate(x, 3 * x, verbose=0)
    model.fit(x, 3 * x, epochs=40, verbose=0)
    assert model.evaluate(x, 3 * x, verbose=0) < 0.1 * before
