"""The training step: one batch in, weights updated; and the measuring step, which only evaluates.

The decoder's vectors at the real tokens of a batch are gathered before the projection to the
vocabulary, so that padding, a fifth of the positions, never reaches the most expensive product of
the model. Where the objective chooses among known replies, only the tokens that those have (of a corpus in
memory) are projected to, and most batches have no targets: the decoder is left out.

Each replica takes its share of the rows. Its gradient is that of the sum of its nats over the
tokens of the whole batch, so that the sum over the replicas is the gradient of one device.
Training runs on fused layers where those apply, measuring always on Keras's own.
"""

import warnings
from collections.abc import Callable, Sequence

import numpy as np
import tensorflow as tf

from chatbot.config import EOS, PAD, UNK, ModelConfig
from chatbot.training.data.ragged import Tokens
from chatbot.training.distributed.replicas import Devices
from chatbot.training.models.architecture_layers import layers_of
from chatbot.training.models.encoder_decoder import build_decoder_outputs, build_prompt_outputs
from chatbot.training.objective.base_objective import Objective
from chatbot.training.optimizer.adam import FusedAdam
from chatbot.training.setup.recipe_choice import Recipe
from chatbot.training.type_aliases import KerasModel, KerasVariable, Tensor

_TOKENS = tf.TensorSpec((None, None), tf.int32)
_TEACHER_FORCING = [_TOKENS, _TOKENS, _TOKENS]
#: The label of rows that fill a replica's share.
_NO_LABEL = -1


class TrainingStep:
    """Adam on the teacher-forced cross-entropy of one model and on its objective, compiled once for all batch shapes.

    Attributes:
        model: The training model.
        devices: The devices that the step runs on.
        optimizer: With the model's variables.
        teach: `learn` of a batch with targets, as a `tf.function`.
        measure: Takes what `learn` does, and changes nothing. Returns nats, target tokens, exact rows and rows.
    """

    def __init__(
        self,
        model: KerasModel,
        shape: ModelConfig,
        recipe: Recipe,
        devices: Devices,
        objective: Objective | None = None,
        warn: Callable[[str], None] = warnings.warn,
        reply_tokens: Tokens | None = None,
    ) -> None:
        """Prepare the step, in the scope of the devices; nothing is compiled yet.

        Args:
            model: From `build_training_model`, built in the same scope.
            shape: Its configuration.
            recipe: The optimizer's hyperparameters, and the precision of the layers' and the projection's products.
            devices: The devices to run on.
            objective: What is learned beside teacher forcing; None for nothing.
            warn: Called if the step will be slower than it could be.
            reply_tokens: (tokens,) int32 in order, those that any target has; None for the whole vocabulary.
        """
        self.model = model
        self.devices = devices
        self._objective = objective or Objective()
        self._plain = build_decoder_outputs(model, shape, lambda layer: layer)
        self._outputs = self._plain  # on a GPU Keras's layers run on cuDNN
        if not devices.gpus:
            self._outputs = build_decoder_outputs(model, shape, layers_of(shape).for_training(recipe.precision, warn))
        self._prompt_outputs: KerasModel = build_prompt_outputs(self._outputs) if shape.known_replies else None
        self._projection = model.get_layer("vocabulary_projection")
        self._reply_tokens = np.arange(shape.vocabulary_size) if reply_tokens is None else reply_tokens
        self._narrow = tf.dtypes.as_dtype(recipe.precision)
        self._word_dropout = recipe.word_dropout
        self._seed = recipe.seed
        # Gradients shrink tenfold once only the choice is left to learn; slow second moments would hold the steps back.
        self.optimizer = FusedAdam(
            beta_2=recipe.beta_2, weight_decay=recipe.weight_decay, global_clipnorm=recipe.clip_norm
        )
        self.optimizer.build(model.trainable_variables)
        signature = [*_TEACHER_FORCING, *self._objective.label_signature]
        self.teach, self.measure = devices.compile(self._teach, signature), devices.compile(self._measure, signature)
        self._choose = devices.compile(self._teach_choice, [_TOKENS, *self._objective.label_signature])

    @property
    def variables(self) -> dict[str, KerasVariable]:
        """Everything that the next step depends on, by name; the model's variables by number, as Keras's names vary."""
        model = {f"model/{number}": variable for number, variable in enumerate(self.model.variables)}
        optimizer = {f"optimizer/{name}": variable for name, variable in self.optimizer.state.items()}
        return {**model, **optimizer, "steps": self.optimizer.iterations}

    def set_learning_rate(self, rate: float) -> None:
        """Set the rate of the next steps."""
        self.optimizer.learning_rate = rate

    def seed_dropout_per_replica(self) -> None:
        """Let each replica drop other vectors; to be called once, at first."""
        generators = [v.value for v in self.model.non_trainable_variables if "seed_generator" in v.path]
        seeds = [generator.numpy() for generator in generators]

        def seed_replica(replica: Tensor) -> None:
            for generator, (seed, count) in zip(generators, seeds, strict=True):
                generator.assign(tf.cast([seed + replica, count], generator.dtype))

        self.devices.on_each(seed_replica)

    def learn(self, prompt: Tokens, decoder_input: Tokens, target: Tokens, *labels: Tokens) -> tuple[Tensor, Tensor]:
        """Take the step on a batch: `teach`, or if it has no targets, a step of the objective alone.

        Args:
            prompt: (rows, prompt length) int32, see `chatbot.training.data.batches`, as for all arguments.
            decoder_input: (rows, reply length) int32.
            target: (rows, reply length) int32.
            labels: (rows,) int32, those of the objective.

        Returns:
            The nats of the targets before the update, and the number of their tokens, both () float32.
        """
        if target.shape[1]:
            return self.teach(prompt, decoder_input, target, *labels)  # type: ignore[no-any-return]  # of TensorFlow
        return self._choose(prompt, *labels)  # type: ignore[no-any-return]  # of TensorFlow

    def _teach(self, prompt: Tensor, decoder_input: Tensor, target: Tensor, *labels: Tensor) -> tuple[Tensor, Tensor]:
        """See `TrainingStep.teach`.

        Args:
            prompt: (rows, prompt length) int32, of the whole batch, as all arguments.
            decoder_input: (rows, reply length) int32.
            target: (rows, reply length) int32.
            labels: (rows,) int32, those of the objective.
        """
        tokens = tf.cast(tf.math.count_nonzero(tf.not_equal(target, PAD)), tf.float32)
        alone = tf.cast(tf.math.count_nonzero(tf.equal(target[:, 0], PAD)), tf.float32)  # rows without a target
        prompt, decoder_input = self.devices.share(self._drop_words(prompt)), self.devices.share(decoder_input)
        target = self.devices.share(target, PAD)
        labels = tuple(self.devices.share(label, _NO_LABEL) for label in labels)
        with tf.GradientTape() as tape:
            outputs = self._outputs([prompt, decoder_input], training=True)
            nats = self._target_nats(outputs["vectors"], target)
            loss = nats / tokens + self._objective.loss(outputs, *labels) / (tokens + alone)
        return self._update(tape.gradient(loss, self.model.trainable_variables), nats), tokens

    def _teach_choice(self, prompt: Tensor, *labels: Tensor) -> tuple[Tensor, Tensor]:
        """See `TrainingStep.learn`, of a batch without targets.

        Args:
            prompt: (rows, prompt length) int32, of the whole batch, as all arguments.
            labels: (rows,) int32, those of the objective.
        """
        rows = tf.cast(tf.shape(prompt)[0], tf.float32)
        prompt = self.devices.share(self._drop_words(prompt))
        labels = tuple(self.devices.share(label, _NO_LABEL) for label in labels)
        with tf.GradientTape() as tape:
            loss = self._objective.loss(self._prompt_outputs(prompt, training=True), *labels) / rows
        # Zero, but NaN of a loss that diverged.
        return self._update(tape.gradient(loss, self.model.trainable_variables), 0.0 * loss), tf.zeros(())

    def _update(self, gradients: Sequence[Tensor | None], nats: Tensor) -> Tensor:
        """Update the weights by the gradients of all replicas. Returns their nats, () float32.

        Args:
            gradients: Of each variable on this replica; None for one that the loss does not depend on.
            nats: () float32, on this replica.
        """
        found = [tf.convert_to_tensor(gradient) for gradient in gradients if gradient is not None]
        *summed, nats = self.devices.total([*found, nats])
        each = iter(summed)
        self.optimizer.apply([None if gradient is None else next(each) for gradient in gradients])
        return nats

    def _drop_words(self, prompt: Tensor) -> Tensor:
        """Replace a share of the prompts' tokens by UNK, so that no single word decides.

        Reference: Iyyer et al. (2015), "Deep Unordered Composition Rivals Syntactic Methods for
        Text Classification", section 3.1.

        Args:
            prompt: (rows, length) int32.

        Returns:
            (rows, length) int32.
        """
        # Of the seed and the step alone, so that a resumed run drops the same words.
        seed = tf.stack([tf.constant(self._seed, tf.int64), tf.cast(self.optimizer.iterations.value, tf.int64)])
        dropped = (tf.random.stateless_uniform(tf.shape(prompt), seed) < self._word_dropout) & (prompt > EOS)
        return tf.where(dropped, UNK, prompt)

    def _target_nats(self, vectors: Tensor, target: Tensor) -> Tensor:
        """The nats of the tokens of targets among the tokens of all replies, () float32.

        Args:
            vectors: (rows, reply length, units) float32, of the decoder.
            target: (rows, reply length) int32.
        """
        real = tf.not_equal(target, PAD)
        kernel, bias = self._projection.kernel, self._projection.bias
        wanted = tf.boolean_mask(target, real)
        if len(self._reply_tokens) < bias.shape[0]:
            kernel, bias = tf.gather(kernel, self._reply_tokens, axis=1), tf.gather(bias, self._reply_tokens)
            wanted = tf.searchsorted(self._reply_tokens, wanted)
        narrow = (tf.cast(each, self._narrow) for each in (tf.boolean_mask(vectors, real), kernel))
        logits = tf.cast(tf.matmul(*narrow), tf.float32) + bias
        return tf.reduce_sum(tf.nn.sparse_softmax_cross_entropy_with_logits(labels=wanted, logits=logits))

    def _measure(
        self, prompt: Tensor, decoder_input: Tensor, target: Tensor, *labels: Tensor
    ) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """See `TrainingStep.measure`.

        A row is exact if the objective says so, which may choose among replies; without one, if every token of its
        target is the most probable: greedy search generates those.

        Args:
            prompt: (rows, prompt length) int32, of the whole batch, as all arguments.
            decoder_input: (rows, reply length) int32.
            target: (rows, reply length) int32.
            labels: (rows,) int32, those of the objective.
        """
        rows, tokens = tf.shape(target)[0], tf.math.count_nonzero(tf.not_equal(target, PAD))
        prompt, decoder_input = self.devices.share(prompt), self.devices.share(decoder_input)
        real = tf.not_equal(target := self.devices.share(target, PAD), PAD)
        outputs = self._plain([prompt, decoder_input], training=False)
        logits = self._projection(tf.boolean_mask(outputs["vectors"], real))
        wanted = tf.boolean_mask(target, real)
        nats = tf.nn.sparse_softmax_cross_entropy_with_logits(labels=wanted, logits=logits)
        labels = tuple(self.devices.share(label, _NO_LABEL) for label in labels)
        exact = self._objective.exact_rows(outputs, _generated(logits, wanted, real), *labels)
        nats, exact = self.devices.total([tf.reduce_sum(nats), tf.math.count_nonzero(exact, dtype=tf.float32)])
        return nats, tokens, exact, rows


def _generated(logits: Tensor, wanted: Tensor, real: Tensor) -> Tensor:
    """Tell for which rows each token of the target is the most probable one.

    Args:
        logits: (tokens, vocabulary) float32.
        wanted: (tokens,) int32, those of the targets.
        real: (rows, reply length) bool, where they are.

    Returns:
        (rows,) bool; false for a row without tokens, which only fills a replica's share.
    """
    found = tf.cast(tf.equal(tf.argmax(logits, axis=-1, output_type=tf.int32), wanted), tf.int32)
    right = tf.math.unsorted_segment_sum(found, tf.where(real)[:, 0], tf.shape(real)[0])
    lengths = tf.math.count_nonzero(real, axis=1, dtype=tf.int32)
    return (lengths > 0) & tf.equal(right, lengths)
