"""Adam as one operation a variable, the gradient clipped by its global norm, and weight decay.

Keras's Adam makes about ten passes over every weight; on a CPU, where each pass is bound by
memory, that is a tenth of a step.

References: Kingma and Ba (2015), "Adam", section 2, in the form before algorithm 1's end (with
the bias correction in the rate); Pascanu, Mikolov and Bengio (2013), "On the difficulty of
training recurrent neural networks", algorithm 1, for the clipping; Loshchilov and Hutter (2019),
"Decoupled Weight Decay Regularization", algorithm 2.

A table of vectors of pieces may learn through their n-grams as well (`chatbot.training.objective.subword_ngrams`).
Were it kept as the sum of two tables, one for pieces and one for n-grams, the gradient would go to
both, Adam would change each, and the sum would change by both changes. That is what happens to it here.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import tensorflow as tf

from chatbot.training.objective.subword_ngrams import SubwordNgrams

_BETA_1 = 0.9
_EPSILON = 1e-8


@dataclass(frozen=True)
class Shared:
    """A table that learns through the n-grams of its pieces.

    Attributes:
        place: Of the table among the variables.
        grams: Of its pieces.
    """

    place: int
    grams: SubwordNgrams


class Adam:
    """State of the optimizer for a fixed list of float32 variables."""

    def __init__(
        self,
        variables: Sequence[Any],
        beta_2: float,
        clip_norm: float,
        weight_decay: float,
        shared: Shared | None = None,
    ) -> None:
        """Begin with moments of zero.

        Args:
            variables: `tf.Variable`s to learn.
            beta_2: Decay of the second moments.
            clip_norm: Largest global norm of the gradient.
            weight_decay: Share of a weight that a step takes off, times the rate; biases stay.
            shared: The variable that learns through n-grams.
        """
        self.rate = tf.Variable(0.0, trainable=False)
        self._variables = list(variables)
        self._shared = shared
        learned = list(variables)
        if shared is not None:
            # Takes the change of a step: zeros before it.
            self._change = tf.Variable(
                tf.zeros((shared.grams.count, *variables[shared.place].shape[1:])), trainable=False
            )
            learned.append(self._change)
        self._moments = [[tf.Variable(tf.zeros_like(v), trainable=False) for v in learned] for _ in range(2)]
        self._powers = [tf.Variable(beta, trainable=False) for beta in (_BETA_1, beta_2)]
        self._betas = (_BETA_1, beta_2)
        self._clip_norm = clip_norm
        self._weight_decay = weight_decay

    @property
    def variables(self) -> dict[str, Any]:
        """The state by name: both moments of each variable, by its number, and the powers of the decays.

        Those of n-grams come behind those of the variables.
        """
        moments = {
            f"moment_{order}/{number}": variable
            for order, variables in enumerate(self._moments, 1)
            for number, variable in enumerate(variables)
        }
        return moments | {f"power_{order}": power for order, power in enumerate(self._powers, 1)}

    def apply(self, gradients: Sequence[Any]) -> None:
        """Change the variables by one step against the gradients, dense or `tf.IndexedSlices`."""
        dense = [tf.convert_to_tensor(gradient) for gradient in gradients]
        learned = list(self._variables)
        if self._shared is not None:
            self._change.assign(tf.zeros_like(self._change))
            learned.append(self._change)
            dense.append(self._shared.grams.gather(dense[self._shared.place]))
        clipped, _ = tf.clip_by_global_norm(dense, self._clip_norm)
        for variable, first, second, gradient in zip(learned, *self._moments, clipped, strict=True):
            tf.raw_ops.ResourceApplyAdam(
                var=variable.handle,
                m=first.handle,
                v=second.handle,
                beta1_power=self._powers[0],
                beta2_power=self._powers[1],
                lr=self.rate,
                beta1=self._betas[0],
                beta2=self._betas[1],
                epsilon=_EPSILON,
                grad=gradient,
            )
            if self._weight_decay and variable.shape.rank > 1:
                variable.assign_sub(self.rate * self._weight_decay * variable)
        if self._shared is not None:
            self._variables[self._shared.place].assign_add(self._shared.grams.spread(self._change))
        for power, beta in zip(self._powers, self._betas, strict=True):
            power.assign(power * beta)
