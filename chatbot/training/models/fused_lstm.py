"""The LSTM of the training step: the arithmetic of Keras's layer, in fewer and larger matrix products.

Keras's loop multiplies the inputs of each time step separately and, going back, adds up the gradient of the whole
kernel at every time step. Here only the product that needs the step before remains in the loop, in both directions;
inputs and gradients of the weights are one product over all time steps. Products may be in bfloat16; the states are
always float32.

Measured (docs/log.md, "Training: where the time goes" and "what was tried"): on two cores, 120 seconds of training took
734 steps instead of 641; with Intel's matrix units, forward and backward through 512 units took 55 ms in bfloat16
against 84 ms of Keras in float32 (94 ms in float32).

`LSTM.inner_loop` and the assignment of a cell are not public in Keras. So the layer applies only to the versions of
Keras in `TESTED`; with any other, the training step uses Keras's own (docs/development/decisions/0004-fused-lstm.md).

Padding is at the end of each row: the loop runs over it unmasked, and the last states are taken at the row's end.

Reference: Hochreiter and Schmidhuber (1997) with the forget gate of Gers et al. (2000), and backpropagation through
time written out; gates in Keras's order: input, forget, cell, output.
"""

from collections.abc import Callable, Sequence

import keras
import tensorflow as tf

from chatbot.training.type_aliases import KerasLayer, LoopVariables, Tensor, TensorArray, TFDtype, WithGradient

#: The versions of Keras that this layer is tested with, as (major, minor): from, and up to and with.
TESTED = ((3, 13), (3, 15))


def choose_lstm(
    precision: str, warn: Callable[[str], None], version: str = keras.__version__
) -> Callable[[KerasLayer], KerasLayer]:
    """The LSTM of the training step on a CPU: a function from a layer of the model to the one to train with.

    Args:
        precision: "float32" or "bfloat16", of the matrix products.
        warn: Called if the version of Keras is not a tested one, so that Keras's own layers are used.
        version: Of Keras.
    """
    if is_tested(version):
        return lambda layer: fuse(layer, precision)
    (first, last) = (f"{major}.{minor}" for major, minor in TESTED)
    warn(
        f"Keras {version} is not among the versions {first} to {last} that the faster LSTM is tested with; training"
        " uses Keras's own, which is slower"
    )
    return lambda layer: layer


def is_tested(version: str) -> bool:
    """Whether a version of Keras, such as "3.15.1", is one that `FusedLSTM` is tested with."""
    numbers = version.split(".")[:2]
    if not all(number.isdecimal() for number in numbers):
        return False
    first, last = TESTED
    return first <= tuple(map(int, numbers)) <= last


class FusedLSTM(keras.layers.LSTM):  # type: ignore[misc]  # Keras ships no types
    """A layer that computes what `keras.layers.LSTM` does, around the cell of a trained one."""

    def __init__(self, layer: KerasLayer, precision: str) -> None:
        """Share the weights of `layer`.

        Args:
            layer: A built `keras.layers.LSTM` that returns sequences and states; its rows are padded at their ends.
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

    def inner_loop(
        self, sequences: Tensor, initial_state: Sequence[Tensor], mask: Tensor | None, training: bool = False
    ) -> tuple[Tensor, Tensor, list[Tensor]]:
        """See `keras.layers.LSTM.inner_loop`.

        Args:
            sequences: (rows, length, inputs) float32.
            initial_state: `h` and `c`, (rows, units) float32 each.
            mask: (rows, length) bool, False at the padding; or None.
            training: Unused.

        Returns:
            The last output (rows, units), all outputs (rows, length, units), and the last `h` and `c`.
        """
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
            # Keras returns them in the order in which they are read, padding first.
            outputs = tf.reverse(tf.reverse_sequence(outputs, lengths, seq_axis=1), [1])
        return h, outputs, [h, c]


def fuse(layer: KerasLayer, precision: str) -> KerasLayer:
    """A `FusedLSTM`, or two in a `Bidirectional`, around the weights of a built layer.

    Args:
        layer: A built `keras.layers.LSTM`, or a `Bidirectional` of two.
        precision: "float32" or "bfloat16", of the matrix products.
    """
    if not isinstance(layer, keras.layers.Bidirectional):
        return FusedLSTM(layer, precision)
    both = keras.layers.Bidirectional.from_config(layer.get_config())
    both.forward_layer = FusedLSTM(layer.forward_layer, precision)
    both.backward_layer = FusedLSTM(layer.backward_layer, precision)
    both.built = True
    return both


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
            flat_x, flat_h = (tf.cast(tf.reshape(v, [-1, v.shape[-1]]), narrow) for v in (x, before_h))
            dx = tf.reshape(_product(dz, tf.cast(kernel, narrow), transpose_b=True), tf.shape(x))
            dkernel, drecurrent = (_product(v, dz, transpose_a=True) for v in (flat_x, flat_h))
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
    inputs = _product(tf.cast(tf.reshape(x, [-1, x.shape[-1]]), narrow), tf.cast(kernel * scale, narrow)) + bias * scale
    inputs = _array_of(tf.reshape(inputs, [length, rows, 4 * units]))
    recurrent = tf.cast(recurrent_kernel * scale, narrow)

    def step(time: Tensor, h: Tensor, c: Tensor, gates: TensorArray, hs: TensorArray, cs: TensorArray) -> LoopVariables:
        gate = tf.sigmoid(inputs.read(time) + _product(tf.cast(h, narrow), recurrent))
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
    through_h = _array_of(o * (1 - tanh_c * tanh_c))
    slopes = _array_of(tf.concat([g * i * (1 - i), before_c * f * (1 - f), i * (1 - g * g), tanh_c * o * (1 - o)], 2))
    dhs, dcs, forget = _array_of(dhs), _array_of(dcs), _array_of(f)

    def step(time: Tensor, dh: Tensor, dc: Tensor, dzs: TensorArray) -> LoopVariables:
        dh += dhs.read(time)
        dc += dcs.read(time) + dh * through_h.read(time)
        dz = tf.cast(tf.concat([dc, dc, dc, dh], 1) * slopes.read(time), transposed.dtype)
        return time - 1, _product(dz, transposed), dc * forget.read(time), dzs.write(time, dz)

    zero = tf.zeros_like(cs[0])
    size = transposed.shape[0]
    empty = tf.TensorArray(transposed.dtype, tf.shape(cs)[0], element_shape=(None, size))
    start = [tf.shape(cs)[0] - 1, zero, zero, empty]
    _, dh, dc, dzs = tf.while_loop(lambda time, *_: time >= 0, step, start)
    return tf.reshape(dzs.stack(), [-1, size]), dh, dc


def _product(left: Tensor, right: Tensor, **transposed: bool) -> Tensor:
    """Multiply two matrices, with a float32 result.

    Args:
        left: (a, b) in the dtype of the product.
        right: (b, c) in the same dtype.
        transposed: `transpose_a` and `transpose_b` of `tf.matmul`.
    """
    return tf.cast(tf.matmul(left, right, **transposed), tf.float32)


def _array_of(sequence: Tensor) -> TensorArray:
    """The `tf.TensorArray` of a sequence (length, ...) along its first axis."""
    array = tf.TensorArray(sequence.dtype, tf.shape(sequence)[0], element_shape=sequence.shape[1:])
    return array.unstack(sequence)
