"""The LSTM of the training step: the same sums as Keras's layer, in fewer and larger matrix products.

Keras's loop multiplies the inputs of each time step by themselves and, going back, adds up the
gradient of the whole kernel at every time step. Here only the product that needs the step before
stays in the loop, in both directions; inputs and gradients of the weights are one product over all
time steps. Products may be in bfloat16; the states are float32 always.

Padding stands behind the tokens of each row, so the loop runs over it unmasked, and the last
states are taken where the row ends.

Reference: Hochreiter and Schmidhuber (1997) with the forget gate of Gers et al. (2000), and
backpropagation through time written out; gates in Keras's order: input, forget, cell, output.
"""

from typing import Any

import keras
import tensorflow as tf


class FusedLSTM(keras.layers.LSTM):  # type: ignore[misc]  # Keras ships no types
    """A layer that computes what `keras.layers.LSTM` does, around the cell of a trained one."""

    def __init__(self, layer: Any, precision: str) -> None:
        """Share the weights of `layer`.

        Args:
            layer: A `keras.layers.LSTM` that is built, returns sequences and states, and is
                called with right-padded rows.
            precision: "float32" or "bfloat16", of the matrix products.
        """
        super().__init__(
            layer.units,
            return_sequences=True,
            return_state=True,
            go_backwards=layer.go_backwards,
            zero_output_for_mask=layer.zero_output_for_mask,
            name=layer.name,
        )
        self.cell = layer.cell
        self.built = True
        self._precision = precision

    def inner_loop(self, sequences: Any, initial_state: Any, mask: Any, training: bool = False) -> Any:
        """See `keras.layers.LSTM.inner_loop`: the last output, all outputs and the last states."""
        del training
        rows, length = tf.shape(sequences)[0], tf.shape(sequences)[1]
        lengths = tf.fill([rows], length) if mask is None else tf.reduce_sum(tf.cast(mask, tf.int32), axis=1)
        if self.go_backwards:
            sequences = tf.reverse_sequence(sequences, lengths, seq_axis=1)
        outputs, cells = lstm(
            tf.transpose(sequences, [1, 0, 2]), *initial_state, *self.cell.trainable_weights, precision=self._precision
        )
        last = tf.stack([tf.maximum(lengths - 1, 0), tf.range(rows)], axis=1)
        h, c = tf.gather_nd(outputs, last), tf.gather_nd(cells, last)
        outputs = tf.transpose(outputs, [1, 0, 2])
        if self.go_backwards:
            # Keras returns them in the order in which they were read, padding first.
            outputs = tf.reverse(tf.reverse_sequence(outputs, lengths, seq_axis=1), [1])
        return h, outputs, [h, c]


def fuse(layer: Any, precision: str) -> Any:
    """A `FusedLSTM`, or two in a `Bidirectional`, around the weights of a built layer."""
    if not isinstance(layer, keras.layers.Bidirectional):
        return FusedLSTM(layer, precision)
    both = keras.layers.Bidirectional.from_config(layer.get_config())
    both.forward_layer = FusedLSTM(layer.forward_layer, precision)
    both.backward_layer = FusedLSTM(layer.backward_layer, precision)
    both.built = True
    return both


def lstm(x: Any, h: Any, c: Any, kernel: Any, recurrent_kernel: Any, bias: Any, *, precision: str) -> tuple[Any, Any]:
    """Run over whole sequences, differentiable in every argument but `precision`.

    Args:
        x: (length, rows, inputs) float32.
        h: (rows, units) float32, the state before the first step.
        c: The same.
        kernel: (inputs, 4 units) float32.
        recurrent_kernel: (units, 4 units) float32.
        bias: (4 units,) float32.
        precision: "float32" or "bfloat16", of the matrix products.

    Returns:
        `h` and `c` after each step, (length, rows, units) float32 each.
    """
    narrow = tf.dtypes.as_dtype(precision)

    def run(x: Any, h: Any, c: Any, kernel: Any, recurrent_kernel: Any, bias: Any) -> Any:
        gates, hs, cs = _forward(x, h, c, kernel, recurrent_kernel, bias, narrow)

        def gradient(dhs: Any, dcs: Any) -> Any:
            before_h, before_c = tf.concat([h[None], hs[:-1]], 0), tf.concat([c[None], cs[:-1]], 0)
            # Turned once: a product with a transposed factor costs up to four times as much a step.
            turned = tf.transpose(tf.cast(recurrent_kernel, narrow))
            dz, dh, dc = _backward(dhs, dcs, gates, before_c, cs, turned)
            flat_x, flat_h = (tf.cast(tf.reshape(v, [-1, v.shape[-1]]), narrow) for v in (x, before_h))
            dx = tf.reshape(_product(dz, tf.cast(kernel, narrow), transpose_b=True), tf.shape(x))
            dkernel, drecurrent = (_product(v, dz, transpose_a=True) for v in (flat_x, flat_h))
            return dx, dh, dc, dkernel, drecurrent, tf.reduce_sum(tf.cast(dz, tf.float32), 0)

        return (hs, cs), gradient

    weights = map(tf.convert_to_tensor, (kernel, recurrent_kernel, bias))
    hs, cs = tf.custom_gradient(run)(x, h, c, *weights)
    return hs, cs


def _forward(
    x: Any, h: Any, c: Any, kernel: Any, recurrent_kernel: Any, bias: Any, narrow: Any
) -> tuple[Any, Any, Any]:
    """Gates (length, rows, 4 units), each in 0..1, and the states after each step."""
    length, rows, units = tf.shape(x)[0], tf.shape(x)[1], recurrent_kernel.shape[0]
    # tanh(z) = 2 sigmoid(2z) - 1, so that one sigmoid serves all four gates.
    scale = tf.repeat(tf.constant([1.0, 1.0, 2.0, 1.0]), units)
    inputs = _product(tf.cast(tf.reshape(x, [-1, x.shape[-1]]), narrow), tf.cast(kernel * scale, narrow)) + bias * scale
    inputs = _array_of(tf.reshape(inputs, [length, rows, 4 * units]))
    recurrent = tf.cast(recurrent_kernel * scale, narrow)

    def step(time: Any, h: Any, c: Any, gates: Any, hs: Any, cs: Any) -> Any:
        gate = tf.sigmoid(inputs.read(time) + _product(tf.cast(h, narrow), recurrent))
        i, f, g, o = tf.split(gate, 4, axis=1)
        c = f * c + i * (2 * g - 1)
        h = o * tf.tanh(c)
        return time + 1, h, c, gates.write(time, gate), hs.write(time, h), cs.write(time, c)

    empty = [tf.TensorArray(tf.float32, length, element_shape=(None, size)) for size in (4 * units, units, units)]
    *_, gates, hs, cs = tf.while_loop(lambda time, *_: time < length, step, [0, h, c, *empty])
    return gates.stack(), hs.stack(), cs.stack()


def _backward(dhs: Any, dcs: Any, gates: Any, before_c: Any, cs: Any, turned: Any) -> tuple[Any, Any, Any]:
    """Gradients of what the gates' functions are taken of (length · rows, 4 units), and of the first states."""
    i, f, g, o = tf.split(gates, 4, axis=2)
    g = 2 * g - 1
    tanh_c = tf.tanh(cs)
    # What does not need the step behind is computed for all time steps at once.
    through_h = _array_of(o * (1 - tanh_c * tanh_c))
    slopes = _array_of(tf.concat([g * i * (1 - i), before_c * f * (1 - f), i * (1 - g * g), tanh_c * o * (1 - o)], 2))
    dhs, dcs, forget = _array_of(dhs), _array_of(dcs), _array_of(f)

    def step(time: Any, dh: Any, dc: Any, dzs: Any) -> Any:
        dh += dhs.read(time)
        dc += dcs.read(time) + dh * through_h.read(time)
        dz = tf.cast(tf.concat([dc, dc, dc, dh], 1) * slopes.read(time), turned.dtype)
        return time - 1, _product(dz, turned), dc * forget.read(time), dzs.write(time, dz)

    zero = tf.zeros_like(cs[0])
    size = turned.shape[0]
    empty = tf.TensorArray(turned.dtype, tf.shape(cs)[0], element_shape=(None, size))
    start = [tf.shape(cs)[0] - 1, zero, zero, empty]
    _, dh, dc, dzs = tf.while_loop(lambda time, *_: time >= 0, step, start)
    return tf.reshape(dzs.stack(), [-1, size]), dh, dc


def _product(left: Any, right: Any, **transposed: bool) -> Any:
    return tf.cast(tf.matmul(left, right, **transposed), tf.float32)


def _array_of(sequence: Any) -> Any:
    array = tf.TensorArray(sequence.dtype, tf.shape(sequence)[0], element_shape=sequence.shape[1:])
    return array.unstack(sequence)
