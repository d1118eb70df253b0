"""The fused recurrent layers of the training step: the parts that LSTM and GRU share.

Keras's loop multiplies the inputs of each time step separately and, going back, adds up the gradient of the whole
kernel at every time step. In a fused layer only the product that needs the step before remains in the loop, in both
directions; inputs and gradients of the weights are one product over all time steps. Products may be in bfloat16; the
states are always float32.

`inner_loop` of Keras's layers and the assignment of a cell are not public in Keras. So fused layers apply only to the
versions of Keras in `TESTED`; with any other, the training step uses Keras's own
(docs/development/decisions/0004-fused-layers.md).

Padding is at the end of each row: the loop runs over it unmasked, and the last states are taken at the row's end.
"""

from collections.abc import Callable, Sequence

import keras
import tensorflow as tf

from chatbot.training.type_aliases import JsonObject, KerasLayer, Tensor, TensorArray

#: The versions of Keras that fused layers are tested with, as (major, minor): from, and up to and with.
TESTED = ((3, 13), (3, 15))
#: From whole sequences, time first, and the first states to every state after each step, the output first.
Run = Callable[..., Sequence[Tensor]]


def is_tested(version: str) -> bool:
    """Whether a version of Keras, such as "3.15.1", is one that fused layers are tested with."""
    numbers = version.split(".")[:2]
    if not all(number.isdecimal() for number in numbers):
        return False
    first, last = TESTED
    return first <= tuple(map(int, numbers)) <= last


def choose_fused(
    fuse_one: Callable[[KerasLayer], KerasLayer], title: str, warn: Callable[[str], None], version: str
) -> Callable[[KerasLayer], KerasLayer]:
    """The recurrent layers of the training step on a CPU: from a layer of the model to the one to train with.

    Args:
        fuse_one: Makes a fused layer around a recurrent one.
        title: Of the layers, for the warning.
        warn: Called if the version of Keras is not a tested one, so that Keras's own layers are used.
        version: Of Keras.

    Returns:
        A function that returns layers that are not recurrent as they are.
    """
    if is_tested(version):
        return lambda layer: fuse(layer, fuse_one)
    (first, last) = (f"{major}.{minor}" for major, minor in TESTED)
    warn(
        f"Keras {version} is not among the versions {first} to {last} that the faster {title} is tested with; training"
        " uses Keras's own, which is slower"
    )
    return lambda layer: layer


def fuse(layer: KerasLayer, fuse_one: Callable[[KerasLayer], KerasLayer]) -> KerasLayer:
    """A fused layer, or two in a `Bidirectional`, around the weights of a built layer.

    Args:
        layer: A built recurrent layer, or a `Bidirectional` of two; any other layer is returned as it is.
        fuse_one: Makes a fused layer around a recurrent one.
    """
    if isinstance(layer, keras.layers.RNN):
        return fuse_one(layer)
    if not isinstance(layer, keras.layers.Bidirectional):
        return layer
    both = keras.layers.Bidirectional.from_config(layer.get_config())
    both.forward_layer, both.backward_layer = fuse_one(layer.forward_layer), fuse_one(layer.backward_layer)
    both.built = True
    return both


def settings_of(layer: KerasLayer) -> JsonObject:
    """The settings of a recurrent layer that its fused one shares, and that are not those of its cell."""
    return {
        "return_sequences": True,
        "return_state": True,
        "go_backwards": layer.go_backwards,
        "zero_output_for_mask": layer.zero_output_for_mask,
        "name": layer.name,
    }


def run_padded(
    run: Run, sequences: Tensor, initial_state: Sequence[Tensor], mask: Tensor | None, go_backwards: bool
) -> tuple[Tensor, Tensor, list[Tensor]]:
    """The results of `inner_loop` of a recurrent layer of Keras, for rows that are padded at their ends.

    Args:
        run: The arithmetic of the layer.
        sequences: (rows, length, inputs) float32.
        initial_state: (rows, units) float32 each.
        mask: (rows, length) bool, False at the padding; or None.
        go_backwards: Whether each row is read from its end.

    Returns:
        The last output (rows, units), all outputs (rows, length, units), and the last states.
    """
    rows, length = tf.shape(sequences)[0], tf.shape(sequences)[1]
    lengths = tf.fill([rows], length) if mask is None else tf.reduce_sum(tf.cast(mask, tf.int32), axis=1)
    if go_backwards:
        sequences = tf.reverse_sequence(sequences, lengths, seq_axis=1)
    states = run(tf.transpose(sequences, [1, 0, 2]), *initial_state)
    last = tf.stack([tf.maximum(lengths - 1, 0), tf.range(rows)], axis=1)
    ends = [tf.gather_nd(state, last) for state in states]
    outputs = tf.transpose(states[0], [1, 0, 2])
    if go_backwards:
        # Keras returns them in the order in which they are read, padding first.
        outputs = tf.reverse(tf.reverse_sequence(outputs, lengths, seq_axis=1), [1])
    return ends[0], outputs, ends


def product(left: Tensor, right: Tensor, **transposed: bool) -> Tensor:
    """Multiply two matrices, with a float32 result.

    Args:
        left: (a, b) in the dtype of the product.
        right: (b, c) in the same dtype.
        transposed: `transpose_a` and `transpose_b` of `tf.matmul`.

    Returns:
        (a, c) float32.
    """
    return tf.cast(tf.matmul(left, right, **transposed), tf.float32)


def flatten(sequence: Tensor) -> Tensor:
    """Join the first two axes of a sequence.

    Args:
        sequence: (length, rows, size) float32.

    Returns:
        (length · rows, size) float32.
    """
    return tf.reshape(sequence, [-1, sequence.shape[-1]])


def array_of(sequence: Tensor) -> TensorArray:
    """The `tf.TensorArray` of a sequence along its first axis.

    Args:
        sequence: (length, ...) of any dtype.
    """
    array = tf.TensorArray(sequence.dtype, tf.shape(sequence)[0], element_shape=sequence.shape[1:])
    return array.unstack(sequence)
