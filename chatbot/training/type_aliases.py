"""Names for the classes of TensorFlow and Keras in signatures, which ship without types."""

from collections.abc import Callable
from typing import Any, TypeAlias

#: A `tf.Tensor`, or a symbolic one while a functional model is built. Shapes and dtypes are in the docstrings.
Tensor: TypeAlias = Any
#: A `keras.Variable`.
KerasVariable: TypeAlias = Any
#: A `tf.Variable`.
TFVariable: TypeAlias = Any
#: A `keras.layers.Layer`.
KerasLayer: TypeAlias = Any
#: A `keras.Model`, functional.
KerasModel: TypeAlias = Any
#: A `keras.initializers.Initializer`.
KerasInitializer: TypeAlias = Any
#: The result of `tf.function`: called with arrays or tensors.
TFFunction: TypeAlias = Any
#: A `tf.Module`.
TFModule: TypeAlias = Any
#: A `tf.DType`.
TFDtype: TypeAlias = Any
#: A `tf.distribute.Strategy`.
Strategy: TypeAlias = Any
#: A `tf.TensorSpec`.
TensorSpec: TypeAlias = Any
#: A `tf.TensorArray`.
TensorArray: TypeAlias = Any
#: The variables of a `tf.while_loop`.
LoopVariables: TypeAlias = tuple[Tensor | TensorArray, ...]
#: Results for `tf.custom_gradient`, and the function from their gradients to those of the arguments.
WithGradient: TypeAlias = tuple[tuple[Tensor, ...], Callable[..., tuple[Tensor, ...]]]
#: A `tf.errors.OpError`.
TFError: TypeAlias = Any
#: A JSON object, parsed or to be written.
JsonObject: TypeAlias = dict[str, Any]
#: Gives a layer by its name: from a dictionary of new ones, or from a trained model.
LayersByName: TypeAlias = Callable[[str], KerasLayer]
#: The states of a stack of layers by their names, (rows, size) float32 each.
States: TypeAlias = dict[str, Tensor]
