"""The objective of a training run: teacher forcing alone, and the interface of the objectives beside it."""

from collections.abc import Mapping, Sequence

import tensorflow as tf

from chatbot.corpus import Pair
from chatbot.training.data.ragged import Tokens
from chatbot.training.data.tokenized_pairs import TokenizedPairs
from chatbot.training.type_aliases import KerasModel, Tensor, TensorSpec


class Objective:
    """Teacher forcing alone: the cross-entropy of the replies' tokens, which the training step computes.

    That is all for open dialogue. A subclass adds a loss to it, with labels of the pairs and layers of
    the model (`chatbot.training.objective.candidate_replies`):

        class Politeness(Objective):
            label_signature = (tf.TensorSpec((None,), tf.int32),)

            def labels(self, pairs):
                return (np.array(["please" in pair.prompt for pair in pairs], np.int32),)

            def loss(self, outputs, *labels):
                logits = outputs["politeness"]
                return tf.reduce_sum(tf.nn.sparse_softmax_cross_entropy_with_logits(labels[0], logits))

    Attributes:
        label_signature: A `tf.TensorSpec` for each array of `labels`.
    """

    label_signature: Sequence[TensorSpec] = ()

    def labels(self, pairs: Sequence[Pair]) -> tuple[Tokens, ...]:
        """Label pairs.

        Args:
            pairs: Of the training set.

        Returns:
            Arrays of (pairs,) int32, which become part of each batch. A replica that gets fewer rows than
            others is filled with rows labelled -1, which must not count in `loss`.
        """
        del pairs
        return ()

    def initialize(self, model: KerasModel, data: TokenizedPairs) -> None:
        """Set the first weights of a new model.

        Args:
            model: The training model.
            data: Training pairs with their labels; a sample of a large corpus.
        """

    def loss(self, outputs: Mapping[str, Tensor], *labels: Tensor) -> Tensor:
        """The loss beside teacher forcing, in nats.

        Args:
            outputs: Of `chatbot.training.models.encoder_decoder.build_decoder_outputs`, or of a batch without targets
                those of `build_prompt_outputs`.
            labels: (rows,) int32 for each array of `labels`.

        Returns:
            () float32, summed over the rows.
        """
        del outputs, labels
        return tf.zeros(())

    def exact_rows(self, outputs: Mapping[str, Tensor], generated: Tensor, *labels: Tensor) -> Tensor:
        """Tell which rows get exactly their reply.

        Args:
            outputs: See `loss`.
            generated: (rows,) bool, for which the decoder alone generates it, token by token.
            labels: See `loss`.

        Returns:
            (rows,) bool.
        """
        del outputs, labels
        return generated
