"""A whole training run, from pairs to a bundle."""

import math
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace

import keras

from chatbot.bot.grading import GradedReply
from chatbot.bot.reply.calibration import Lengths
from chatbot.bundle import Bundle
from chatbot.config import TrainingConfig
from chatbot.corpus import Corpus, Pair
from chatbot.corpus.reply_set import is_reply_set
from chatbot.runs.events import Observer, Plan
from chatbot.training.data.batches import TrainingBatches, ValidationBatches
from chatbot.training.data.segmentations import Segmenter
from chatbot.training.data.shuffle_shards import Sharding, tokenize_corpus
from chatbot.training.data.tokenized_pairs import Tokenized
from chatbot.training.data.training_data import TrainingData
from chatbot.training.distributed.replicas import Devices, describe
from chatbot.training.export.bundle_export import BundleExport, metrics_of
from chatbot.training.export.ngram_fitting import add_ngrams
from chatbot.training.loop.metrics_log import TensorBoard
from chatbot.training.loop.samples import choose_samples, sampler
from chatbot.training.loop.trainer import Trainer
from chatbot.training.loop.trainer_protocols import RunMonitor, ValidationSet
from chatbot.training.models.keras_steps import KerasSteps
from chatbot.training.objective.base_objective import Objective
from chatbot.training.optimizer.training_step import TrainingStep
from chatbot.training.resume.run_broadcast import broadcast_run, receive_run, share_state
from chatbot.training.resume.run_state import RunState
from chatbot.training.resume.saved_run import NoSaver, RunSaver, RunSetup, SavedRun
from chatbot.training.setup.initial_model import Start, new_start, start_from_bundle
from chatbot.training.setup.job import TrainingJob
from chatbot.training.setup.recipe_choice import Recipe, choose_recipe, extend
from chatbot.training.setup.run_plan import make_plan
from chatbot.training.setup.word_vector_choice import choose_word_vectors
from chatbot.training.type_aliases import JsonObject

#: How often the progress of tokenizing a large corpus is reported.
_PROGRESS_REPORTS = 10


@dataclass(frozen=True)
class TrainingResult:
    """The result of a run.

    Attributes:
        metrics: Its figures, as in the manifest.
        bundle: The bundle; None if the chief of a cluster writes it.
        graded: The bot's replies to validation prompts, or without any to altered training prompts.
        chooses: Whether the replies of the corpus are a set to choose from.
    """

    metrics: JsonObject
    bundle: Bundle | None = None
    graded: Sequence[GradedReply] = ()
    chooses: bool = False


@dataclass(frozen=True)
class _Run:
    """A run before its first step.

    Attributes:
        corpus: The pairs.
        setup: The immutable part.
        objective: What is learned beside teacher forcing.
        data: The tokenized pairs.
    """

    corpus: Corpus
    setup: RunSetup
    objective: Objective
    data: TrainingData

    def build_step(self, devices: Devices, warn: Callable[[str], None]) -> TrainingStep:
        """Build the model and its training step."""
        start, recipe = self.setup.start, self.setup.recipe
        with devices.scope():
            model = start.build_model(recipe.dropout, self.data.sample, self.objective)
            tokens = self.data.reply_tokens
            return TrainingStep(model, start.config, recipe, devices, self.objective, warn, tokens)

    def plan(self, step: TrainingStep) -> Plan:
        """The plan, with the chief's expectation: it decides when a run is first measured, so all must agree."""
        devices = describe(step.devices, step.teach)
        parameters = sum(math.prod(variable.shape) for variable in step.model.trainable_variables)
        plan = make_plan(self.corpus, self.setup.start.config, self.data, self.setup.recipe, parameters, devices)
        expected, _ = step.devices.agree(plan.expected_seconds, False)
        return replace(plan, expected_seconds=expected)

    def training_batches(self) -> TrainingBatches:
        """The batches of each epoch."""
        start, recipe = self.setup.start, self.setup.recipe
        share = recipe.subword_sampling
        segmenter = Segmenter(start.tokenizer, start.config, share) if share else None
        return TrainingBatches(self.data, recipe.batch_tokens, recipe.seed, segmenter)

    def validation_set(self) -> ValidationSet | None:
        """The held-out pairs, or None."""
        held_out = self.corpus.validation
        if not held_out:
            return None
        data = self.setup.start.tokenize(held_out, self.objective)
        return ValidationSet(ValidationBatches(data), data.reply_bytes, self.corpus.closed, len(held_out))


def train(
    corpus: Corpus, job: TrainingJob, devices: Devices, observer: Observer, should_stop: Callable[[], bool]
) -> TrainingResult:
    """Fit a tokenizer and a model, export the step models and write the bundle.

    `chatbot.training.backend.setup_backend` must have been called.

    Args:
        corpus: Normalized pairs; those of a large one are tokenized to disk beside the bundle.
        job: The settings; in a cluster, those of the chief count.
        devices: The devices to train on.
        observer: Receives the events of the run.
        should_stop: Called after each step. If it returns True, the best weights so far are exported and written as if
            the run had ended by itself, and the run is saved, so that it can be resumed. It may raise, then or later.

    Returns:
        The bundle, and the figures of the run.

    Raises:
        ChatbotError: The saved run cannot be resumed, the tokenizer cannot be fitted, the bundle to fine-tune cannot be
            read, the loss diverges at once, the export differs from the model, the disk cannot take the bundle or the
            tokenized corpus, a machine of the cluster is lost or has other pairs, memory is used up, or a device fails.
    """
    with devices.reporting_faults():
        keras.utils.set_random_seed(job.training.seed)
        board = TensorBoard(job.tensorboard, observer.warned) if job.tensorboard is not None else None
        saved = None if job.folder is None else SavedRun.load(job.folder)
        vectors = choose_word_vectors(corpus, job, observer)
        with _prepared(corpus, job, saved, devices, observer) as run:
            start, recipe = run.setup.start, run.setup.recipe
            step = run.build_step(devices, observer.warned)
            plan = run.plan(step)
            observer.started(plan)
            state = RunState()
            if saved is not None and job.folder is not None:
                state = saved.restore(step, recipe, job.folder)
            state = share_state(devices, run.setup, step, state)
            if state.step or saved is not None:
                observer.resumed(state.resumption)
            inference = KerasSteps(step.model, start.config)
            samples = sampler(start.with_topics(corpus.topics), inference, choose_samples(corpus))
            monitor = RunMonitor(observer, board, should_stop, samples)
            saver = NoSaver() if job.folder is None else RunSaver(job.folder, run.setup, step, observer)
            trainer = Trainer(step, recipe, plan, monitor, saver)
            outcome = trainer.fit(state, run.training_batches(), run.validation_set())
        folder = job.folder
        if folder is None:
            return TrainingResult(metrics_of(outcome))
        start = start.with_topics(corpus.topics)
        start, inference, left_out = add_ngrams(step.model, start, corpus, job.training.seed, vectors, observer)
        observer.stage("exporting and checking the step models")
        lengths = Lengths.of(run.data.sample.prompts.lengths)
        job = replace(job, training=recipe)
        warn = observer.warned
        export = BundleExport(corpus, job, start, inference, plan, outcome, lengths, should_stop, warn, left_out)
        written = export.write(folder)
        chooses = is_reply_set(len({pair.reply for pair in corpus.sample}), len(corpus.sample))
        return TrainingResult(metrics_of(outcome), written, export.evaluation.graded, chooses)


@contextmanager
def _prepared(
    corpus: Corpus, job: TrainingJob, saved: SavedRun | None, devices: Devices, observer: Observer
) -> Iterator[_Run]:
    """The run before its first step, the same in every process of a cluster."""
    if devices.chief:
        start = _choose_start(corpus, job, saved, observer)
        with _tokenized(corpus, job, start, job.training, observer) as (objective, data):
            setup = RunSetup(start, _choose_recipe(job, start, saved, data))
            broadcast_run(devices, corpus, setup)
            yield _Run(corpus, setup, objective, data)
        return
    observer.stage("waiting for the chief's tokenizer")
    setup = receive_run(devices, corpus)
    with _tokenized(corpus, job, setup.start, setup.recipe, observer) as (objective, data):
        yield _Run(corpus, setup, objective, data)


def _choose_start(corpus: Corpus, job: TrainingJob, saved: SavedRun | None, observer: Observer) -> Start:
    if saved is not None:
        start = saved.setup.start
        return start if job.init_from is None else start.going_on_from(Bundle.open(job.init_from))
    if job.init_from is not None:
        observer.stage(f"loading {job.init_from}")
        return start_from_bundle(job.init_from, corpus)
    of_whole = "" if corpus.in_memory else f" on {len(corpus.sample):,} of {corpus.count:,} pairs"
    observer.stage(f"fitting the tokenizer{of_whole}")
    start = new_start(corpus, job.shape, job.training, job.base)
    if start.base is not None:
        start.base.tell(f"{job.base}", observer)
    asked, fitted = job.training.vocabulary_size, start.tokenizer.vocabulary_size
    if asked is not None and fitted < asked:
        observer.warned(f"the corpus gives a vocabulary of {fitted:,} tokens, fewer than the {asked:,} asked for")
    return start


@contextmanager
def _tokenized(
    corpus: Corpus, job: TrainingJob, start: Start, training: TrainingConfig, observer: Observer
) -> Iterator[tuple[Objective, TrainingData]]:
    """The objective of a run, and its pairs, tokenized and labelled for it."""
    objective = start.objective(corpus.topics)
    sharding = Sharding(job.checkpoint.parent, training.seed, start.config.vocabulary_size)

    def tokenize_block(pairs: Sequence[Pair]) -> Tokenized:
        return start.tokenize(pairs, objective)

    with tokenize_corpus(corpus, tokenize_block, sharding, _tokenizing_progress(corpus, observer)) as shards:
        yield objective, TrainingData(shards, training.whole_replies, chosen=bool(start.known_replies))


def _tokenizing_progress(corpus: Corpus, observer: Observer) -> Callable[[int], None]:
    """Announce the tokenizing; returns a function that reports each tenth of the pairs."""
    observer.stage("tokenizing the corpus")
    reported = 0

    def on_progress(done: int) -> None:
        nonlocal reported
        if _PROGRESS_REPORTS * done // corpus.count > reported:
            reported = _PROGRESS_REPORTS * done // corpus.count
            observer.stage(f"tokenizing the corpus: {done:,} of {corpus.count:,} pairs")

    return on_progress


def _choose_recipe(job: TrainingJob, start: Start, saved: SavedRun | None, data: TrainingData) -> Recipe:
    if saved is None:
        return choose_recipe(job.training, start.config, data)
    recipe = extend(saved.setup.recipe, job.training)
    if job.folder is not None and job.identity is not None:
        job.folder.note(job.identity)
    return recipe
