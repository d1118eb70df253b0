"""The training step: one batch in, weights changed; and the same sums without learning.

The decoder's vectors at the real tokens of a batch are gathered before the projection to the
vocabulary, so that padding, a fifth of the positions, never reaches the most expensive product of
the model.

Each replica takes its share of the rows. Its gradient is that of the sum of its nats over the
tokens of the whole batch, so that the sum over the replicas is what one device would find.

Where replies are known, the reply memory learns beside that which of them is the recorded one, and
where those have topics, which topic that is of.
"""

from typing import Any

import tensorflow as tf

from chatbot.config import EOS, PAD, UNK, ModelConfig
from chatbot.training.data.candidate_replies import UNKNOWN
from chatbot.training.data.ragged import Tokens
from chatbot.training.distributed.devices import Devices
from chatbot.training.models.encoder_decoder import build_decoder_outputs
from chatbot.training.models.fused_lstm import fuse
from chatbot.training.objective.shared_features import SharedFeatures
from chatbot.training.optimizer.adam import Adam, Shared
from chatbot.training.setup.recipe import Recipe

_TOKENS = tf.TensorSpec((None, None), tf.int32)
_BATCH = [_TOKENS, _TOKENS, _TOKENS, tf.TensorSpec((None,), tf.int32)]


class TrainingStep:
    """Adam on the teacher-forced cross-entropy of one model, compiled once for all batch shapes."""

    def __init__(
        self, model: Any, shape: ModelConfig, recipe: Recipe, devices: Devices, features: SharedFeatures | None = None
    ) -> None:
        """Prepare the step, in the scope of the devices; nothing is compiled before the first one.

        Args:
            model: From `build_training_model`, made in the same scope.
            shape: Its configuration.
            recipe: Of the optimizer, and the precision of the LSTMs' and the projection's products.
            devices: What it runs on.
            features: What is known of pieces and replies.
        """
        features = features or SharedFeatures()
        self.model = model
        self._topics = features.topics
        self.devices = devices
        self._plain = build_decoder_outputs(model, shape, lambda layer: layer)
        self._outputs = self._plain  # on a GPU Keras's layers run on cuDNN
        if not devices.gpus:
            self._outputs = build_decoder_outputs(model, shape, lambda layer: fuse(layer, recipe.precision))
        self._projection = model.get_layer("vocabulary_projection")
        self._narrow = tf.dtypes.as_dtype(recipe.precision)
        self._word_dropout = recipe.word_dropout
        self._seed = recipe.seed
        self._steps = tf.Variable(0, trainable=False, dtype=tf.int64)
        # Gradients shrink tenfold once the replies are known and only the choice among them is
        # left to learn; second moments that forget slowly would hold the steps back until then.
        self._optimizer = Adam(
            [v.value for v in model.trainable_variables],
            recipe.beta_2,
            recipe.clip_norm,
            recipe.weight_decay,
            _shared(model, features),
        )
        self.learn = devices.compile(self._learn, _BATCH)
        self.measure = devices.compile(self._measure, _BATCH)

    @property
    def variables(self) -> dict[str, Any]:
        """By name, all that decides what the next step does: weights, random state, optimizer.

        Those of the model go by their numbers: Keras names generators by how many there were before.
        """
        model = {f"model/{number}": variable.value for number, variable in enumerate(self.model.variables)}
        optimizer = {f"optimizer/{name}": variable for name, variable in self._optimizer.variables.items()}
        return {**model, **optimizer, "steps": self._steps}

    def set_learning_rate(self, rate: float) -> None:
        """Of the steps from now on."""
        self._optimizer.rate.assign(rate)

    def seed_dropout_per_replica(self) -> None:
        """Let each replica drop other vectors; to be called once, before the first step."""
        generators = [v.value for v in self.model.non_trainable_variables if "seed_generator" in v.path]
        seeds = [generator.numpy() for generator in generators]

        def part(replica: Any) -> None:
            for generator, (seed, count) in zip(generators, seeds, strict=True):
                generator.assign(tf.cast([seed + replica, count], generator.dtype))

        self.devices.on_each(part)

    def _learn(self, prompt: Any, decoder_input: Any, target: Any, known: Any) -> tuple[Any, Any]:
        """Nats before the step, and tokens, of the whole batch."""
        tokens = tf.cast(tf.math.count_nonzero(tf.not_equal(target, PAD)), tf.float32)
        prompt, decoder_input = self.devices.share(self._drop_words(prompt)), self.devices.share(decoder_input)
        target, known = self.devices.share(target, PAD), self.devices.share(known, UNKNOWN)
        with tf.GradientTape() as tape:
            outputs = self._outputs([prompt, decoder_input], training=True)
            real = tf.not_equal(target, PAD)
            logits = self._project(tf.boolean_mask(outputs["vectors"], real))
            nats = tf.reduce_sum(
                tf.nn.sparse_softmax_cross_entropy_with_logits(labels=tf.boolean_mask(target, real), logits=logits)
            )
            loss = nats / tokens
            if "scores" in outputs:
                # A reply counts as much as a token does, and so does a topic.
                recalled = [tf.reduce_sum(_recall_nats(scores, known, self._topics)) for scores in outputs["scores"]]
                loss += tf.add_n(recalled) / tokens
        gradients = tape.gradient(loss, self.model.trainable_variables)
        *gradients, nats = self.devices.total([*map(tf.convert_to_tensor, gradients), nats])
        self._steps.assign_add(1)
        self._optimizer.apply(gradients)
        return nats, tokens

    def _drop_words(self, prompt: Any) -> Any:
        """Read a share of the tokens as UNK, so that no single word decides.

        Reference: Iyyer et al. (2015), "Deep Unordered Composition Rivals Syntactic Methods for
        Text Classification", section 3.1.
        """
        # Of the seed and the step alone, so that a run that is resumed drops the same words.
        seed = tf.stack([tf.constant(self._seed, tf.int64), self._steps])
        dropped = (tf.random.stateless_uniform(tf.shape(prompt), seed) < self._word_dropout) & (prompt > EOS)
        return tf.where(dropped, UNK, prompt)

    def _project(self, vectors: Any) -> Any:
        kernel = tf.cast(self._projection.kernel, self._narrow)
        return tf.cast(tf.matmul(tf.cast(vectors, self._narrow), kernel), tf.float32) + self._projection.bias

    def _measure(self, prompt: Any, decoder_input: Any, target: Any, known: Any) -> tuple[Any, Any, Any, Any]:
        """Nats, tokens, rows of which every token is the most probable one, and rows.

        Greedy search would say those replies: with the right tokens before it, each is chosen.
        """
        del known
        rows, tokens = tf.shape(target)[0], tf.math.count_nonzero(tf.not_equal(target, PAD))
        prompt, decoder_input = self.devices.share(prompt), self.devices.share(decoder_input)
        target = self.devices.share(target, PAD)
        real = tf.not_equal(target, PAD)
        vectors = self._plain([prompt, decoder_input], training=False)["vectors"]
        logits = self._projection(tf.boolean_mask(vectors, real))
        wanted = tf.boolean_mask(target, real)
        nats = tf.nn.sparse_softmax_cross_entropy_with_logits(labels=wanted, logits=logits)
        wrong = tf.not_equal(tf.argmax(logits, axis=-1, output_type=tf.int32), wanted)
        wrong_of_row = tf.math.unsorted_segment_sum(tf.cast(wrong, tf.int32), tf.where(real)[:, 0], tf.shape(target)[0])
        wrong_rows = tf.math.count_nonzero(wrong_of_row, dtype=tf.int32)
        nats, wrong_rows = self.devices.total([tf.reduce_sum(nats), tf.cast(wrong_rows, tf.float32)])
        return nats, tokens, tf.cast(rows, tf.float32) - wrong_rows, rows


def _shared(model: Any, features: SharedFeatures) -> Shared | None:
    """The table of the reply memory's bag, if pieces are alike."""
    if features.pieces is None:
        return None
    table = model.get_layer("bag_embedding").embeddings
    return Shared(next(place for place, v in enumerate(model.trainable_variables) if v is table), features.pieces)


def _recall_nats(scores: Any, known: Any, topics: Tokens | None) -> Any:
    """Nats of the recorded reply among the known ones, and of its topic, of the rows where it is one of them.

    Args:
        scores: (rows, known replies) logits.
        known: (rows,) the recorded ones.
        topics: See `SharedFeatures.topics`.
    """
    is_known = known >= 0
    scores, known = tf.boolean_mask(scores, is_known), tf.boolean_mask(known, is_known)
    nats = tf.nn.sparse_softmax_cross_entropy_with_logits(labels=known, logits=scores)
    if topics is None:
        return nats
    # The probability of a topic is that of all its replies.
    same = tf.equal(tf.gather(topics, known)[:, None], topics)
    of_topic = tf.reduce_logsumexp(tf.where(same, scores, scores.dtype.min), axis=-1)
    return nats + tf.reduce_logsumexp(scores, axis=-1) - of_topic
