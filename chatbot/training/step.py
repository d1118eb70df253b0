"""The training step: one batch in, weights changed; and the same sums without learning.

The decoder's vectors at the real tokens of a batch are gathered before the projection to the
vocabulary, so that padding, a fifth of the positions, never reaches the most expensive product of
the model.

Where replies are known, the reply memory learns beside that which of them is the recorded one.
"""

from typing import Any

from chatbot.config import EOS, PAD, UNK, ModelConfig
from chatbot.training.adam import Adam
from chatbot.training.backend import tf
from chatbot.training.fused_lstm import fuse
from chatbot.training.model import build_decoder_outputs
from chatbot.training.recipe import Recipe

_TOKENS = tf.TensorSpec((None, None), tf.int32)
_BATCH = [_TOKENS, _TOKENS, _TOKENS, tf.TensorSpec((None,), tf.int32)]


class TrainingStep:
    """Adam on the teacher-forced cross-entropy of one model, compiled once for all batch shapes."""

    def __init__(self, model: Any, shape: ModelConfig, recipe: Recipe) -> None:
        """Prepare the step; nothing is compiled before the first one.

        Args:
            model: From `build_training_model`.
            shape: Its configuration.
            recipe: Of the optimizer, and the precision of the LSTMs' and the projection's products.
        """
        self.model = model
        self._plain = build_decoder_outputs(model, shape, lambda layer: layer)
        self._outputs = build_decoder_outputs(model, shape, lambda layer: fuse(layer, recipe.precision))
        self._projection = model.get_layer("vocabulary_projection")
        self._narrow = tf.dtypes.as_dtype(recipe.precision)
        self._word_dropout = recipe.word_dropout
        # Gradients shrink tenfold once the replies are known and only the choice among them is
        # left to learn; second moments that forget slowly would hold the steps back until then.
        self._optimizer = Adam(
            [v.value for v in model.trainable_variables], recipe.beta_2, recipe.clip_norm, recipe.weight_decay
        )
        self.learn = tf.function(self._learn, input_signature=_BATCH)
        self.measure = tf.function(self._measure, input_signature=_BATCH)

    def set_learning_rate(self, rate: float) -> None:
        """Of the steps from now on."""
        self._optimizer.rate.assign(rate)

    def _learn(self, prompt: Any, decoder_input: Any, target: Any, known: Any) -> tuple[Any, Any]:
        with tf.GradientTape() as tape:
            outputs = self._outputs([self._drop_words(prompt), decoder_input], training=True)
            real = tf.not_equal(target, PAD)
            logits = self._project(tf.boolean_mask(outputs["vectors"], real))
            nats = tf.nn.sparse_softmax_cross_entropy_with_logits(labels=tf.boolean_mask(target, real), logits=logits)
            loss = tf.reduce_mean(nats)
            if "scores" in outputs:
                # A reply counts as much as a token does.
                loss += tf.reduce_sum(_recall_nats(outputs["scores"], known)) / tf.cast(tf.size(nats), tf.float32)
        self._optimizer.apply(tape.gradient(loss, self.model.trainable_variables))
        return tf.reduce_sum(nats), tf.cast(tf.size(nats), tf.float32)

    def _drop_words(self, prompt: Any) -> Any:
        """Read a share of the tokens as UNK, so that no single word decides.

        Reference: Iyyer et al. (2015), "Deep Unordered Composition Rivals Syntactic Methods for
        Text Classification", section 3.1.
        """
        dropped = (tf.random.uniform(tf.shape(prompt)) < self._word_dropout) & (prompt > EOS)
        return tf.where(dropped, UNK, prompt)

    def _project(self, vectors: Any) -> Any:
        kernel = tf.cast(self._projection.kernel, self._narrow)
        return tf.cast(tf.matmul(tf.cast(vectors, self._narrow), kernel), tf.float32) + self._projection.bias

    def _measure(self, prompt: Any, decoder_input: Any, target: Any, known: Any) -> tuple[Any, Any, Any, Any]:
        """Nats, tokens, rows of which every token is the most probable one, and rows.

        Greedy search would say those replies: with the right tokens before it, each is chosen.
        """
        del known
        real = tf.not_equal(target, PAD)
        vectors = self._plain([prompt, decoder_input], training=False)["vectors"]
        logits = self._projection(tf.boolean_mask(vectors, real))
        wanted = tf.boolean_mask(target, real)
        nats = tf.nn.sparse_softmax_cross_entropy_with_logits(labels=wanted, logits=logits)
        wrong = tf.not_equal(tf.argmax(logits, axis=-1, output_type=tf.int32), wanted)
        rows = tf.shape(target)[0]
        wrong_of_row = tf.math.unsorted_segment_sum(tf.cast(wrong, tf.int32), tf.where(real)[:, 0], rows)
        exact = tf.math.count_nonzero(tf.equal(wrong_of_row, 0))
        return tf.reduce_sum(nats), tf.size(nats), exact, rows


def _recall_nats(scores: Any, known: Any) -> Any:
    """Nats of the recorded reply among the known ones, of the rows where it is one of them."""
    is_known = known >= 0
    return tf.nn.sparse_softmax_cross_entropy_with_logits(
        labels=tf.boolean_mask(known, is_known), logits=tf.boolean_mask(scores, is_known)
    )
