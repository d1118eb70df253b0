"""The GRU of a model, and the fused one of the training step: the arithmetic of Keras's layer in fewer products.

Reference: Cho et al. (2014), "Learning Phrase Representations using RNN Encoder-Decoder", section 2.3, in the form
that cuDNN computes and Keras calls `reset_after`: the reset gate is applied after the product with the output before.
Gates are in Keras's order: update, reset, candidate. Backpropagation through time is written out.
"""

from collections.abc import Sequence

import keras
import tensorflow as tf

from chatbot.config.architectures.recurrent import RecurrentArchitecture
from chatbot.training.models.fused_layer import array_of, flatten, product, run_padded, settings_of
from chatbot.training.models.recurrent_layers import RecurrentLayers
from chatbot.training.type_aliases import KerasLayer, LoopVariables, Tensor, TensorArray, WithGradient


def gru_layers(architecture: RecurrentArchitecture) -> RecurrentLayers:
    """The Keras half of the architecture "gru".

    Args:
        architecture: Its entry in the table.
    """
    return RecurrentLayers(architecture, keras.layers.GRU, FusedGRU)


class FusedGRU(keras.layers.GRU):  # type: ignore[misc]  # Keras ships no types
    """A layer that computes what `keras.layers.GRU` does, around the cell of a trained one."""

    def __init__(self, layer: KerasLayer, precision: str) -> None:
        """Share the weights of `layer`.

        Args:
            layer: A built `keras.layers.GRU` that returns sequences and states; its rows are padded at their ends.
            precision: "float32" or "bfloat16", of the matrix products.
        """
        super().__init__(layer.units, **settings_of(layer))
        self.cell = layer.cell
        self.built = True
        self._precision = precision

    def inner_loop(
        self, sequences: Tensor, initial_state: Sequence[Tensor], mask: Tensor | None, training: bool = False
    ) -> tuple[Tensor, Tensor, list[Tensor]]:
        """See `keras.layers.GRU.inner_loop` and `run_padded`.

        Args:
            sequences: (rows, length, inputs) float32.
            initial_state: `h`, (rows, units) float32.
            mask: (rows, length) bool, False at the padding; or None.
            training: Unused.

        Returns:
            The last output (rows, units), all outputs (rows, length, units), and the last `h`.
        """
        del training
        kernel, recurrent_kernel, bias = self.cell.trainable_weights

        def run(x: Tensor, h: Tensor) -> tuple[Tensor]:
            return (gru(x, h, kernel, recurrent_kernel, bias, precision=self._precision),)

        return run_padded(run, sequences, initial_state, mask, self.go_backwards)


def gru(x: Tensor, h: Tensor, kernel: Tensor, recurrent_kernel: Tensor, bias: Tensor, *, precision: str) -> Tensor:
    """Run a GRU over whole sequences, differentiable in every argument but `precision`.

    Args:
        x: (length, rows, inputs) float32.
        h: (rows, units) float32, the state before the first step.
        kernel: (inputs, 3 units) float32.
        recurrent_kernel: (units, 3 units) float32.
        bias: (2, 3 units) float32, of the input and of the output before.
        precision: "float32" or "bfloat16", of the matrix products.

    Returns:
        `h` after each step, (length, rows, units) float32.
    """
    narrow = tf.dtypes.as_dtype(precision)

    def run(x: Tensor, h: Tensor, kernel: Tensor, recurrent_kernel: Tensor, bias: Tensor) -> WithGradient:
        inputs = product(tf.cast(flatten(x), narrow), tf.cast(kernel, narrow)) + bias[0]
        recurrent = tf.cast(recurrent_kernel, narrow)
        gates, candidates, pasts, hs = _forward(inputs, h, recurrent, bias[1], tf.shape(x)[0])

        def gradient(dhs: Tensor) -> tuple[Tensor, ...]:
            before = tf.concat([h[None], hs[:-1]], 0)
            # Transposed once: a product with a transposed factor costs up to four times as much a step.
            dz, dpast, dh = _backward(dhs, gates, candidates, pasts, before, tf.transpose(recurrent))
            flat_x, flat_h = (tf.cast(flatten(v), narrow) for v in (x, before))
            dx = tf.reshape(product(tf.cast(dz, narrow), tf.cast(kernel, narrow), transpose_b=True), tf.shape(x))
            dkernel = product(flat_x, tf.cast(dz, narrow), transpose_a=True)
            drecurrent = product(flat_h, tf.cast(dpast, narrow), transpose_a=True)
            return dx, dh, dkernel, drecurrent, tf.stack([tf.reduce_sum(dz, 0), tf.reduce_sum(dpast, 0)])

        return (hs,), gradient

    weights = map(tf.convert_to_tensor, (kernel, recurrent_kernel, bias))
    (hs,) = tf.custom_gradient(run)(x, h, *weights)
    return hs


def _forward(
    inputs: Tensor, h: Tensor, recurrent: Tensor, bias: Tensor, length: Tensor
) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """Run the forward pass. See `gru`.

    Args:
        inputs: (length · rows, 3 units) float32, the products with the inputs.
        h: (rows, units) float32, the state before the first step.
        recurrent: (units, 3 units), the recurrent kernel in the dtype of the products.
        bias: (3 units,) float32, of the output before.
        length: () int32.

    Returns:
        By time step: both gates, (length, rows, 2 units) float32 in 0..1; the candidates and what the output before
        gives them, and `h`, (length, rows, units) float32 each.
    """
    rows, units = tf.shape(h)[0], recurrent.shape[0]
    given = array_of(tf.reshape(inputs, [length, rows, 3 * units]))

    def step(
        time: Tensor, h: Tensor, gates: TensorArray, candidates: TensorArray, pasts: TensorArray, hs: TensorArray
    ) -> LoopVariables:
        now, before = given.read(time), product(tf.cast(h, recurrent.dtype), recurrent) + bias
        past = before[:, 2 * units :]
        gate = tf.sigmoid(now[:, : 2 * units] + before[:, : 2 * units])
        z, r = tf.split(gate, 2, axis=1)
        candidate = tf.tanh(now[:, 2 * units :] + r * past)
        h = z * h + (1 - z) * candidate
        written = [gates.write(time, gate), candidates.write(time, candidate), pasts.write(time, past)]
        return time + 1, h, *written, hs.write(time, h)

    sizes = (2 * units, units, units, units)
    empty = [tf.TensorArray(tf.float32, length, element_shape=(None, size)) for size in sizes]
    _, _, *arrays = tf.while_loop(lambda time, *_: time < length, step, [0, h, *empty])
    gates, candidates, pasts, hs = (array.stack() for array in arrays)
    return gates, candidates, pasts, hs


def _backward(
    dhs: Tensor, gates: Tensor, candidates: Tensor, pasts: Tensor, before: Tensor, transposed: Tensor
) -> tuple[Tensor, Tensor, Tensor]:
    """The backward pass through time.

    Args:
        dhs: (length, rows, units) float32, the gradient of each `h`.
        gates: From `_forward`, as the next two.
        candidates: Likewise.
        pasts: Likewise.
        before: (length, rows, units) float32, `h` before each step.
        transposed: (3 units, units), the recurrent kernel, transposed, in the dtype of the products.

    Returns:
        The gradients of the products with the inputs and with the outputs before, (length · rows, 3 units) float32
        each, and that of the first `h`, (rows, units) float32.
    """
    z, r = tf.split(gates, 2, axis=2)
    # Everything that does not need the next step is computed for all time steps at once.
    to_update = (before - candidates) * z * (1 - z)
    to_candidate = (1 - z) * (1 - candidates * candidates)
    to_reset = to_candidate * pasts * r * (1 - r)
    slopes = tf.concat([to_update, to_reset, to_candidate * r], 2)
    of_step, keep, given = array_of(slopes), array_of(z), array_of(dhs)

    def step(time: Tensor, dh: Tensor, totals: TensorArray) -> LoopVariables:
        dh += given.read(time)
        dpast = tf.cast(tf.concat([dh, dh, dh], 1) * of_step.read(time), transposed.dtype)
        return time - 1, product(dpast, transposed) + dh * keep.read(time), totals.write(time, dh)

    length, units = tf.shape(dhs)[0], transposed.shape[1]
    empty = tf.TensorArray(tf.float32, length, element_shape=(None, units))
    _, dh, totals = tf.while_loop(lambda time, *_: time >= 0, step, [length - 1, tf.zeros_like(before[0]), empty])
    total = totals.stack()
    dpast = tf.concat([total, total, total], 2) * slopes
    dz = tf.concat([dpast[:, :, : 2 * units], total * to_candidate], 2)
    return flatten(dz), flatten(dpast), dh
