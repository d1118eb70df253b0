"""A whole training run: pairs in, bundle out."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import keras

from chatbot.bot.calibration import Lengths
from chatbot.bundle import Bundle
from chatbot.config import TrainingConfig
from chatbot.corpus import Corpus, Pair
from chatbot.metrics import GradedReply
from chatbot.runs.events import Observer, Plan
from chatbot.training.data.batches import TrainingBatches, TrainingData, ValidationBatches
from chatbot.training.data.shards import Sharding, tokenize_corpus
from chatbot.training.data.tokenized_pairs import Segmenter, tokenize
from chatbot.training.distributed.devices import Devices, describe
from chatbot.training.export.bundle_export import BundleExport, metrics_of
from chatbot.training.loop.metrics_log import TensorBoard
from chatbot.training.loop.samples import choose_samples, sampler
from chatbot.training.loop.trainer import RunMonitor, Trainer, ValidationSet
from chatbot.training.objective.shared_features import SharedFeatures
from chatbot.training.optimizer.training_step import TrainingStep
from chatbot.training.resume.broadcast import broadcast_run, receive_run, share_state
from chatbot.training.resume.run_state import RunState
from chatbot.training.resume.saving import NoSaver, RunSaver, RunSetup, SavedRun
from chatbot.training.setup.job import TrainingJob
from chatbot.training.setup.recipe import Recipe, choose_recipe, extend, make_plan
from chatbot.training.setup.start import Start, new_start, start_from_bundle

#: How often the tokenizing of a large corpus is told.
_TELLINGS = 10


@dataclass(frozen=True)
class TrainingResult:
    """What a run came to.

    Attributes:
        metrics: How it went, as in the manifest.
        bundle: What was written; None where the chief of a cluster writes it.
        graded: What the bot said to held-out prompts, or where none were held out to altered training prompts.
        phrasings: Prompts for each different reply of the corpus.
    """

    metrics: Mapping[str, Any]
    bundle: Bundle | None = None
    graded: Sequence[GradedReply] = ()
    phrasings: float = 1.0


def train(
    corpus: Corpus, job: TrainingJob, devices: Devices, observer: Observer, should_stop: Callable[[], bool]
) -> TrainingResult:
    """Fit a tokenizer and a model, export the step models and write the bundle.

    Args:
        corpus: Normalized pairs; those of a large one are tokenized to disk beside the checkpoint.
        job: What to do with them; in a cluster, the chief's counts.
        devices: What to do it on.
        observer: Told how it goes.
        should_stop: Asked after each step; when it says yes, the best weights so far are
            exported and written as if the run had ended by itself, and the run is kept, so that
            it can go on. It may raise, now or later.

    Raises:
        ChatbotError: The run that was saved cannot be gone on with, the tokenizer cannot be
            fitted, the bundle to go on from cannot be read, the loss diverges at once, the export
            differs from the model, the disk cannot take the bundle or the tokenized corpus, or a
            machine of the cluster is gone or has other pairs, memory is used up, or a device fails.
    """
    with devices.reporting_faults():
        keras.utils.set_random_seed(job.training.seed)
        board = TensorBoard(job.tensorboard, observer.warned) if job.tensorboard is not None else None
        saved = None if job.folder is None else SavedRun.load(job.folder)
        with _found(corpus, job, saved, devices, observer) as (setup, training_data):
            start, recipe = setup.start, setup.recipe
            with devices.scope():
                features = SharedFeatures.of(start.tokenizer, start.known_replies, corpus.topics)
                model = start.build_model(recipe.dropout, training_data.sample, features)
                step = TrainingStep(model, start.config, recipe, devices, features)
            plan = _plan(corpus, start, recipe, training_data, step)
            observer.started(plan)
            state = RunState()
            if saved is not None and job.folder is not None:
                state = saved.restore(step, recipe, job.folder)
            state = share_state(devices, setup, step, state)
            if state.step or saved is not None:
                observer.resumed(state.resumption)
            monitor = RunMonitor(observer, board, should_stop, sampler(start, model, choose_samples(corpus)))
            saver = NoSaver() if job.folder is None else RunSaver(job.folder, setup, step, observer)
            outcome = Trainer(step, recipe, plan, monitor, saver).fit(
                state, _training_batches(start, training_data, recipe), _validation_set(corpus, start)
            )
        folder = job.folder
        if folder is None:
            return TrainingResult(metrics_of(outcome))
        observer.stage("exporting and checking the step models")
        lengths = Lengths.of(training_data.sample.prompts.lengths)
        job = replace(job, training=recipe)
        finish = BundleExport(corpus, job, folder, start, model, plan, outcome, lengths, should_stop, observer.warned)
        written = finish.write()
        return TrainingResult(metrics_of(outcome), written, finish.examination.graded, count_phrasings(corpus.sample))


def count_phrasings(pairs: Sequence[Pair]) -> float:
    """How many prompts there are for each different reply of some pairs, one at least."""
    return len(pairs) / len({pair.reply for pair in pairs})


@contextmanager
def _found(
    corpus: Corpus, job: TrainingJob, saved: SavedRun | None, devices: Devices, observer: Observer
) -> Iterator[tuple[RunSetup, TrainingData]]:
    """What to start from and how to learn, and the pairs as they are learned."""
    scratch = job.checkpoint.parent
    if not devices.chief:
        observer.stage("waiting for the chief's tokenizer")
        heard = receive_run(devices, corpus)
        with _tokenized(corpus, heard.start, heard.recipe, scratch, observer) as training_data:
            yield heard, training_data
        return
    start = _begin(corpus, job, saved, observer)
    with _tokenized(corpus, start, job.training, scratch, observer) as training_data:
        setup = RunSetup(start, _choose_recipe(job, start, saved, training_data))
        broadcast_run(devices, corpus, setup)
        yield setup, training_data


def _begin(corpus: Corpus, job: TrainingJob, saved: SavedRun | None, observer: Observer) -> Start:
    if saved is not None:
        return saved.setup.start
    if job.init_from is not None:
        observer.stage(f"loading {job.init_from}")
        return start_from_bundle(job.init_from)
    of_whole = "" if corpus.in_memory else f" on {len(corpus.sample):,} of {corpus.count:,} pairs"
    observer.stage(f"fitting the tokenizer{of_whole}")
    start = new_start(corpus, job.architecture, job.training)
    asked, fitted = job.training.vocabulary_size, start.tokenizer.vocabulary_size
    if asked is not None and fitted < asked:
        observer.warned(f"the corpus gives a vocabulary of {fitted:,} tokens, fewer than the {asked:,} asked for")
    return start


@contextmanager
def _tokenized(
    corpus: Corpus, start: Start, training: TrainingConfig, scratch: Path, observer: Observer
) -> Iterator[TrainingData]:
    sharding = Sharding(scratch, training.seed, start.config.vocabulary_size)
    with tokenize_corpus(corpus, start.tokenize, sharding, _tokenizing(corpus, observer)) as shards:
        yield TrainingData(shards, training.whole_replies)


def _tokenizing(corpus: Corpus, observer: Observer) -> Callable[[int], None]:
    """Announce the tokenizing; returns what says at each tenth of it how many pairs are done."""
    observer.stage("tokenizing the corpus")
    said = 0

    def on_progress(done: int) -> None:
        nonlocal said
        if _TELLINGS * done // corpus.count > said:
            said = _TELLINGS * done // corpus.count
            observer.stage(f"tokenizing the corpus: {done:,} of {corpus.count:,} pairs")

    return on_progress


def _choose_recipe(job: TrainingJob, start: Start, saved: SavedRun | None, training_data: TrainingData) -> Recipe:
    if saved is None:
        return choose_recipe(job.training, start.config, training_data)
    recipe = extend(saved.setup.recipe, job.training)
    if job.folder is not None and job.identity is not None:
        job.folder.note(job.identity)
    return recipe


def _plan(corpus: Corpus, start: Start, recipe: Recipe, training_data: TrainingData, step: TrainingStep) -> Plan:
    devices = describe(step.devices, step.learn)
    plan = make_plan(corpus, start.config, training_data, recipe, step.model.count_params(), devices)
    # What is expected decides when a run is measured first, so the chief's machine speaks for all.
    expected, _ = step.devices.agree(plan.expected_seconds, False)
    return replace(plan, expected_seconds=expected)


def _training_batches(start: Start, training_data: TrainingData, recipe: Recipe) -> TrainingBatches:
    share = recipe.subword_sampling
    segmenter = Segmenter(start.tokenizer, start.config, share) if share else None
    return TrainingBatches(training_data, recipe.batch_tokens, recipe.seed, segmenter)


def _validation_set(corpus: Corpus, start: Start) -> ValidationSet | None:
    if not corpus.validation:
        return None
    held_out = tokenize(corpus.validation, start.tokenizer, start.config)
    return ValidationSet(ValidationBatches(held_out), held_out.reply_bytes, corpus.closed)
