"""Adam as a Keras optimizer, with one operation a variable, a clipped global norm and weight decay.

Keras's own Adam makes about ten passes over every weight. On a CPU each of them is bound by memory,
and together they were a tenth of a step. docs/development/decisions/0003-adam-op.md has the figures.

References: Kingma and Ba (2015), "Adam", section 2, in the form before the end of algorithm 1 (the
bias correction in the rate); Pascanu, Mikolov and Bengio (2013), "On the difficulty of training
recurrent neural networks", algorithm 1, for the clipping; Loshchilov and Hutter (2019), "Decoupled
Weight Decay Regularization", algorithm 2.
"""

from collections.abc import Mapping, Sequence

import keras
import tensorflow as tf

from chatbot.training.type_aliases import JsonObject, KerasVariable, Tensor, TFVariable

_BETA_1 = 0.9
_EPSILON = 1e-8


class FusedAdam(keras.optimizers.Optimizer):  # type: ignore[misc]  # Keras ships no types
    """Adam whose update of a variable is TensorFlow's `ResourceApplyAdam`.

    It differs from `keras.optimizers.AdamW` in two ways: the gradient is clipped after it has been
    summed over the replicas, not before, and weight decay follows the update and leaves biases out.
    """

    def __init__(
        self,
        learning_rate: float = 0.0,
        beta_2: float = 0.999,
        weight_decay: float | None = None,
        global_clipnorm: float | None = None,
        name: str = "fused_adam",
        **kwargs: object,
    ) -> None:
        """Set the hyperparameters; the moments are made when the optimizer is built.

        Args:
            learning_rate: Until it is set anew.
            beta_2: Decay of the second moments.
            weight_decay: Share of a weight that a step takes off, times the rate; biases are left out.
            global_clipnorm: Largest global norm of the gradient.
            name: As for `keras.optimizers.Optimizer`.
            kwargs: As for `keras.optimizers.Optimizer`.
        """
        super().__init__(learning_rate, weight_decay, global_clipnorm=global_clipnorm, name=name, **kwargs)
        self.beta_2 = beta_2

    def build(self, variables: Sequence[KerasVariable]) -> None:
        """Make the moments of float32 variables, zeros of the same shapes."""
        if self.built:
            return
        super().build(list(variables))
        self._momentums, self._velocities = self.add_optimizer_variables(variables, ["momentum", "velocity"])
        self._powers = [
            self.add_variable((), keras.initializers.Constant(beta), name=f"beta_{order}_power")
            for order, beta in enumerate((_BETA_1, self.beta_2), 1)
        ]

    @property
    def state(self) -> Mapping[str, KerasVariable]:
        """The state for a saved run: both moments of each variable, by its number, and the powers of the decays."""
        moments = {
            f"moment_{order}/{number}": variable
            for order, variables in enumerate((self._momentums, self._velocities), 1)
            for number, variable in enumerate(variables)
        }
        return moments | {f"power_{order}": power for order, power in enumerate(self._powers, 1)}

    def apply(self, grads: Sequence[Tensor | None], trainable_variables: Sequence[KerasVariable] | None = None) -> None:
        """Update the variables by one step.

        Keras's own method sums the gradients over the replicas as well, and clips each replica's before.

        Args:
            grads: Of each variable over the whole batch, of its shape, float32, dense or `tf.IndexedSlices`; None for a
                variable that the loss does not depend on, which stays as it is.
            trainable_variables: Those that the optimizer was built with, or is to be built with.
        """
        if trainable_variables is not None:
            self.build(trainable_variables)
        variables = self._trainable_variables if trainable_variables is None else trainable_variables
        found = [
            (gradient, variable) for gradient, variable in zip(grads, variables, strict=True) if gradient is not None
        ]
        gradients = [tf.convert_to_tensor(gradient) for gradient, _ in found]
        if self.global_clipnorm is not None:
            gradients, _ = tf.clip_by_global_norm(gradients, self.global_clipnorm)
        rate = tf.convert_to_tensor(self.learning_rate)
        for gradient, (_, variable) in zip(gradients, found, strict=True):
            self.update_step(gradient, variable, rate)
        for power, beta in zip(self._powers, (_BETA_1, self.beta_2), strict=True):
            power.value.assign(power.value * beta)
        self.iterations.assign_add(1)

    def update_step(self, gradient: Tensor, variable: KerasVariable, learning_rate: Tensor) -> None:
        """Update one variable and its moments.

        Args:
            gradient: Of the variable's shape, float32, dense.
            variable: One that the optimizer was built with.
            learning_rate: () float32.
        """
        number = self._get_variable_index(variable)
        weights = _tf_variable(variable)
        tf.raw_ops.ResourceApplyAdam(
            var=weights.handle,
            m=_tf_variable(self._momentums[number]).handle,
            v=_tf_variable(self._velocities[number]).handle,
            beta1_power=self._powers[0].value,
            beta2_power=self._powers[1].value,
            lr=learning_rate,
            beta1=_BETA_1,
            beta2=self.beta_2,
            epsilon=_EPSILON,
            grad=gradient,
        )
        if self.weight_decay and weights.shape.rank > 1:
            weights.assign_sub(learning_rate * self.weight_decay * weights)

    def get_config(self) -> JsonObject:
        """See `keras.optimizers.Optimizer.get_config`."""
        return {**super().get_config(), "beta_2": self.beta_2}


def _tf_variable(variable: KerasVariable) -> TFVariable:
    return variable.value if isinstance(variable, keras.Variable) else variable
