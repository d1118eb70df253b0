"""A whole training run: pairs in, bundle out."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from chatbot.bundle import Bundle
from chatbot.calibration import Lengths
from chatbot.corpus import Corpus
from chatbot.progress import Observer, Plan
from chatbot.training import dataset
from chatbot.training.backend import keras
from chatbot.training.beginning import Beginning, begin, go_on
from chatbot.training.dataset import Lessons
from chatbot.training.distribution import Devices, describe
from chatbot.training.finish import Finish, metrics_of
from chatbot.training.history import TensorBoard
from chatbot.training.job import Job
from chatbot.training.joining import hear_foundation, share_state, tell_foundation
from chatbot.training.recipe import Recipe, choose_recipe, extend, make_plan
from chatbot.training.run_state import RunState
from chatbot.training.samples import choose_samples, sampler
from chatbot.training.saving import Foundation, NoSaving, SavedRun, Saving
from chatbot.training.step import TrainingStep
from chatbot.training.trainer import Trainer, ValidationSet, Watch


@dataclass(frozen=True)
class Trained:
    """What a run came to.

    Attributes:
        metrics: How it went, as in the manifest.
        bundle: What was written; None where the chief of a cluster writes it.
    """

    metrics: Mapping[str, Any]
    bundle: Bundle | None


def train(corpus: Corpus, job: Job, devices: Devices, observer: Observer, should_stop: Callable[[], bool]) -> Trained:
    """Fit a tokenizer and a model, export the step models and write the bundle.

    Args:
        corpus: Normalized pairs.
        job: What to do with them; in a cluster, the chief's counts.
        devices: What to do it on.
        observer: Told how it goes.
        should_stop: Asked after each step; when it says yes, the best weights so far are
            exported and written as if the run had ended by itself, and the run is kept, so that
            it can go on. It may raise, now or later.

    Raises:
        ChatbotError: The run that was saved cannot be gone on with, the tokenizer cannot be
            fitted, the bundle to go on from cannot be read, the loss diverges at once, the export
            differs from the model, the bundle cannot be written, or a machine of the cluster is
            gone or has other pairs.
    """
    with devices.together():
        keras.utils.set_random_seed(job.training.seed)
        board = TensorBoard(job.tensorboard) if job.tensorboard is not None else None
        saved = None if job.folder is None else SavedRun.load(job.folder)
        start, recipe, lessons = _found(corpus, job, saved, devices, observer)
        with devices.scope():
            model = start.build_model(recipe.dropout, lessons.data)
            step = TrainingStep(model, start.config, recipe, devices)
        plan = _plan(corpus, start, recipe, lessons, step)
        observer.started(plan)
        foundation = Foundation(start, recipe)
        state = RunState()
        if saved is not None and job.folder is not None:
            state = saved.restore(step, recipe, job.folder)
        state = share_state(devices, foundation, step, state)
        if state.step:
            observer.resumed(state.resumption)
        watch = Watch(observer, board, should_stop, sampler(start, model, choose_samples(corpus)))
        keeper = NoSaving() if job.folder is None else Saving(job.folder, foundation, step, observer)
        outcome = Trainer(step, recipe, plan, watch, keeper).fit(
            state, _passes(corpus, start, recipe, lessons), _validation_set(corpus, start)
        )
    folder = job.folder
    if folder is None:
        return Trained(metrics_of(outcome), None)
    observer.stage("exporting and checking the step models")
    lengths, job = Lengths.of(lessons.data.prompt_lengths), replace(job, training=recipe)
    written = Finish(corpus, job, folder, start, model, plan, outcome, lengths, should_stop).write()
    return Trained(metrics_of(outcome), written)


def _found(
    corpus: Corpus, job: Job, saved: SavedRun | None, devices: Devices, observer: Observer
) -> tuple[Beginning, Recipe, Lessons]:
    """What to start from, how to learn, and the pairs as they are learned."""
    if not devices.chief:
        observer.stage("waiting for the chief's tokenizer")
        heard = hear_foundation(devices, corpus)
        return heard.start, heard.recipe, _lessons(corpus, heard.start, heard.recipe.whole_replies, observer)
    start = _begin(corpus, job, saved, observer)
    lessons = _lessons(corpus, start, job.training.whole_replies, observer)
    recipe = _choose_recipe(job, start, saved, lessons)
    tell_foundation(devices, corpus, Foundation(start, recipe))
    return start, recipe, lessons


def _begin(corpus: Corpus, job: Job, saved: SavedRun | None, observer: Observer) -> Beginning:
    if saved is not None:
        return saved.foundation.start
    if job.init_from is not None:
        observer.stage(f"loading {job.init_from}")
        return go_on(job.init_from)
    observer.stage("fitting the tokenizer")
    return begin(corpus.training, job.architecture, job.training)


def _choose_recipe(job: Job, start: Beginning, saved: SavedRun | None, lessons: Lessons) -> Recipe:
    if saved is None:
        return choose_recipe(job.training, start.config, lessons)
    recipe = extend(saved.foundation.recipe, job.training)
    if job.folder is not None and job.identity is not None:
        job.folder.note(job.identity)
    return recipe


def _lessons(corpus: Corpus, start: Beginning, whole_replies: int, observer: Observer) -> Lessons:
    observer.stage("tokenizing the corpus")
    return Lessons.of(
        dataset.tokenize(corpus.training, start.tokenizer, start.config, start.known_replies), whole_replies
    )


def _plan(corpus: Corpus, start: Beginning, recipe: Recipe, lessons: Lessons, step: TrainingStep) -> Plan:
    devices = describe(step.devices, step.learn)
    plan = make_plan(corpus, start.config, lessons, recipe, step.model.count_params(), devices)
    # What is expected decides when a run is measured first, so the chief's machine speaks for all.
    expected, _ = step.devices.agree(plan.expected_seconds, False)
    return replace(plan, expected_seconds=expected)


def _passes(corpus: Corpus, start: Beginning, recipe: Recipe, lessons: Lessons) -> dataset.TrainingBatches:
    share = recipe.subword_sampling
    ways = dataset.segment(corpus.training, start.tokenizer, start.config, share) if share else None
    return dataset.TrainingBatches(lessons, recipe.batch_tokens, recipe.seed, ways)


def _validation_set(corpus: Corpus, start: Beginning) -> ValidationSet | None:
    if not corpus.validation:
        return None
    held_out = dataset.tokenize(corpus.validation, start.tokenizer, start.config)
    known = {pair.reply for pair in corpus.training}
    closed = 2 * sum(pair.reply in known for pair in corpus.validation) >= len(corpus.validation)
    return ValidationSet(dataset.ValidationBatches(held_out), held_out.reply_bytes, closed)
