"""The LSTM of a model, and the fused one of the training step: the arithmetic of Keras's layer in fewer products.

Measured (docs/log.md, "Training: where the time goes" and "what was tried"): on two cores, 120 seconds of training took
734 steps instead of 641; with Intel's matrix units, forward and backward through 512 units took 55 ms in bfloat16
against 84 ms of Keras in float32 (94 ms in float32).

Reference: Hochreiter and Schmidhuber (1997) with the forget gate of Gers et al. (2000), and backpropagation through
time written out; gates in Keras's order: input, forget, cell, output.
"""

import functools
from collections.abc import Sequence

import keras
import tensorflow as tf

from chatbot.config.architectures.recurrent import RecurrentArchitecture
from chatbot.training.models.fused_layer import array_of, flatten, product, run_padded, settings_of
from chatbot.training.models.recurrent_layers import RecurrentLayers
from chatbot.training.type_aliases import KerasLayer, LoopVariables, Tensor, TensorArray, TFDtype, WithGradient


def lstm_layers(architecture: RecurrentArchitecture) -> RecurrentLayers:
    """The Keras half of the architecture "lstm".

    Args:
        architecture: Its entry in the table.
    """
    return RecurrentLayers(architecture, functools.partial(keras.layers.LSTM, unit_forget_bias=False), FusedLSTM)


class FusedLSTM(keras.layers.LSTM):  # type: ignore[misc]  # Keras ships no types
    """A layer that computes what `keras.layers.LSTM` does, around the cell of a trained one."""

    def __init__(self, layer: KerasLayer, precision: str) -> None:
        """Share the weights of `layer`.

        Args:
            layer: A built `keras.layers.LSTM` that returns sequences and states; its rows are padded at their ends.
            precision: "float32" or "bfloat16", of the matrix products.
        """
        super().__init__(layer.units, **settings_of(layer))
        self.cell = layer.cell
        self.built = True
        self._precision = precision

    def inner_loop(
        self, sequences: Tensor, initial_state: Sequence[Tensor], mask: Tensor | None, training: bool = False
    ) -> tuple[Tensor, Tensor, list[Tensor]]:
        """See `keras.layers.LSTM.inner_loop` and `run_padded`.

        Args:
            sequences: (rows, length, inputs) float32.
            initial_state: `h` and `c`, (rows, units) float32 each.
            mask: (rows, length) bool, False at the padding; or None.
            training: Unused.

        Returns:
            The last output (rows, units), all outputs (rows, length, units), and the last `h` and `c`.
        """
        del training
        kernel, recurrent_kernel, bias = self.cell.trainable_weights

        def run(x: Tensor, h: Tensor, c: Tensor) -> tuple[Tensor, Tensor]:
            return lstm(x, h, c, kernel, recurrent_kernel, bias, precision=self._precision)

        return run_padded(run, sequences, initial_state, mask, self.go_backwards)


def lstm(
    x: Tensor, h: Tensor, c: Tensor, kernel: Tensor, recurrent_kernel: Tensor, bias: Tensor, *, precision: str
) -> tuple[Tensor, Tensor]:
    """Run an LSTM over whole sequences, differentiable in every argument but `precision`.

    Args:
        x: (length, rows, inputs) float32.
        h: (rows, units) float32, the state before the first step.
        c: (rows, units) float32, likewise.
        kernel: (inputs, 4 units) float32.
        recurrent_kernel: (units, 4 units) float32.
        bias: (4 units,) float32.
        precision: "float32" or "bfloat16", of the matrix products.

    Returns:
        `h` and `c` after each step, (length, rows, units) float32 each.
    """
    narrow = tf.dtypes.as_dtype(precision)

    def run(x: Tensor, h: Tensor, c: Tensor, kernel: Tensor, recurrent_kernel: Tensor, bias: Tensor) -> WithGradient:
        gates, hs, cs = _forward(x, h, c, kernel, recurrent_kernel, bias, narrow)

        def gradient(dhs: Tensor, dcs: Tensor) -> tuple[Tensor, ...]:
            before_h, before_c = tf.concat([h[None], hs[:-1]], 0), tf.concat([c[None], cs[:-1]], 0)
            # Transposed once: a product with a transposed factor costs up to four times as much a step.
            transposed = tf.transpose(tf.cast(recurrent_kernel, narrow))
            dz, dh, dc = _backward(dhs, dcs, gates, before_c, cs, transposed)
            flat_x, flat_h = (tf.cast(flatten(v), narrow) for v in (x, before_h))
            dx = tf.reshape(product(dz, tf.cast(kernel, narrow), transpose_b=True), tf.shape(x))
            dkernel, drecurrent = (product(v, dz, transpose_a=True) for v in (flat_x, flat_h))
            return dx, dh, dc, dkernel, drecurrent, tf.reduce_sum(tf.cast(dz, tf.float32), 0)

        return (hs, cs), gradient

    weights = map(tf.convert_to_tensor, (kernel, recurrent_kernel, bias))
    hs, cs = tf.custom_gradient(run)(x, h, c, *weights)
    return hs, cs


def _forward(
    x: Tensor, h: Tensor, c: Tensor, kernel: Tensor, recurrent_kernel: Tensor, bias: Tensor, narrow: TFDtype
) -> tuple[Tensor, Tensor, Tensor]:
    """Run the forward pass. See `lstm`.

    Returns:
        The gates after their sigmoid, (length, rows, 4 units) float32 in 0..1, and `h` and `c` after each step,
        (length, rows, units) float32 each.
    """
    length, rows, units = tf.shape(x)[0], tf.shape(x)[1], recurrent_kernel.shape[0]
    # tanh(z) = 2 sigmoid(2z) - 1, so that one sigmoid serves all four gates.
    scale = tf.repeat(tf.constant([1.0, 1.0, 2.0, 1.0]), units)
    inputs = product(tf.cast(flatten(x), narrow), tf.cast(kernel * scale, narrow)) + bias * scale
    inputs = array_of(tf.reshape(inputs, [length, rows, 4 * units]))
    recurrent = tf.cast(recurrent_kernel * scale, narrow)

    def step(time: Tensor, h: Tensor, c: Tensor, gates: TensorArray, hs: TensorArray, cs: TensorArray) -> LoopVariables:
        gate = tf.sigmoid(inputs.read(time) + product(tf.cast(h, narrow), recurrent))
        i, f, g, o = tf.split(gate, 4, axis=1)
        c = f * c + i * (2 * g - 1)
        h = o * tf.tanh(c)
        return time + 1, h, c, gates.write(time, gate), hs.write(time, h), cs.write(time, c)

    empty = [tf.TensorArray(tf.float32, length, element_shape=(None, size)) for size in (4 * units, units, units)]
    *_, gates, hs, cs = tf.while_loop(lambda time, *_: time < length, step, [0, h, c, *empty])
    return gates.stack(), hs.stack(), cs.stack()


def _backward(
    dhs: Tensor, dcs: Tensor, gates: Tensor, before_c: Tensor, cs: Tensor, transposed: Tensor
) -> tuple[Tensor, Tensor, Tensor]:
    """The backward pass through time.

    Args:
        dhs: (length, rows, units) float32, the gradient of each `h`.
        dcs: (length, rows, units) float32, the gradient of each `c`.
        gates: From `_forward`.
        before_c: (length, rows, units) float32, `c` before each step.
        cs: (length, rows, units) float32, `c` after each step.
        transposed: (4 units, units), the recurrent kernel, transposed.

    Returns:
        The gradients of the gates before their sigmoid, (length · rows, 4 units) in the dtype of `transposed`, and
        those of the first `h` and `c`, (rows, units) float32 each.
    """
    i, f, g, o = tf.split(gates, 4, axis=2)
    g = 2 * g - 1
    tanh_c = tf.tanh(cs)
    # Everything that does not need the next step is computed for all time steps at once.
    through_h = array_of(o * (1 - tanh_c * tanh_c))
    slopes = array_of(tf.concat([g * i * (1 - i), before_c * f * (1 - f), i * (1 - g * g), tanh_c * o * (1 - o)], 2))
    dhs, dcs, forget = array_of(dhs), array_of(dcs), array_of(f)

    def step(time: Tensor, dh: Tensor, dc: Tensor, dzs: TensorArray) -> LoopVariables:
        dh += dhs.read(time)
        dc += dcs.read(time) + dh * through_h.read(time)
        dz = tf.cast(tf.concat([dc, dc, dc, dh], 1) * slopes.read(time), transposed.dtype)
        return time - 1, product(dz, transposed), dc * forget.read(time), dzs.write(time, dz)

    zero = tf.zeros_like(cs[0])
    size = transposed.shape[0]
    empty = tf.TensorArray(transposed.dtype, tf.shape(cs)[0], element_shape=(None, size))
    start = [tf.shape(cs)[0] - 1, zero, zero, empty]
    _, dh, dc, dzs = tf.while_loop(lambda time, *_: time >= 0, step, start)
    return tf.reshape(dzs.stack(), [-1, size]), dh, dc
