"""Gradient sharing: none, or that of an embedding whose pieces learn through their n-grams."""

from collections.abc import Sequence

import keras
import tensorflow as tf

from chatbot.training.data.piece_ngrams import SubwordNgrams
from chatbot.training.type_aliases import KerasModel, KerasVariable, Tensor


class GradientSharing:
    """No sharing: the optimizer gets the gradients of the model's variables and nothing else.

    Attributes:
        variables: Further variables for the optimizer, behind those of the model.
    """

    variables: Sequence[KerasVariable] = ()

    def apply(self, optimizer: keras.optimizers.Optimizer, gradients: Sequence[Tensor]) -> None:
        """Update the variables by one step.

        Args:
            optimizer: Built with the model's variables and `variables`.
            gradients: Of the model's variables, of their shapes, dense.
        """
        optimizer.apply(gradients)


class NgramSharing(GradientSharing):
    """Lets an embedding of pieces learn as the sum of two tables, one of pieces and one of their n-grams.

    Were there two tables, the gradient would go to both, Adam would change each of them, and their sum
    would change by both changes. Only the sum is kept. The table of n-grams is zero before each step
    and takes its change, which is then added to the sum.
    """

    def __init__(self, model: KerasModel, embedding: str, ngrams: SubwordNgrams) -> None:
        """Prepare; to be called in the scope of the devices.

        Args:
            model: The training model.
            embedding: Name of its embedding layer, whose table is (pieces, units).
            ngrams: Of its pieces.
        """
        self._ngrams = ngrams
        self._table = model.get_layer(embedding).embeddings
        self._place = next(place for place, v in enumerate(model.trainable_variables) if v is self._table)
        self._change = keras.Variable(tf.zeros((ngrams.count, self._table.shape[1])), name="ngram_change")
        self.variables = (self._change,)

    def apply(self, optimizer: keras.optimizers.Optimizer, gradients: Sequence[Tensor]) -> None:
        """See `GradientSharing.apply`."""
        change = self._change.value
        change.assign(tf.zeros_like(change))
        optimizer.apply([*gradients, self._ngrams.gather(gradients[self._place])])
        self._table.value.assign_add(self._ngrams.spread(change))
