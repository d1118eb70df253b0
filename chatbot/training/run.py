"""A whole training run: pairs in, bundle out."""

import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from chatbot import bundle
from chatbot.bundle import Bundle
from chatbot.calibration import Calibration, Lengths
from chatbot.config import Architecture, TrainingConfig
from chatbot.corpus import Corpus
from chatbot.errors import BundleError
from chatbot.inference.litert import LiteRTSteps
from chatbot.nearest_neighbour import NearestNeighbour
from chatbot.progress import Observer, Plan
from chatbot.run_folder import Identity, RunFolder
from chatbot.training.backend import keras
from chatbot.training.batches import Lessons, TrainingBatches, ValidationBatches
from chatbot.training.beginning import Beginning, begin, go_on
from chatbot.training.calibration import fit_confidence
from chatbot.training.dataset import Segmenter, tokenize
from chatbot.training.export import Comparison, Parity, Weights, choose_weights, export_steps
from chatbot.training.history import TensorBoard, write_history
from chatbot.training.known_replies import write_known_replies
from chatbot.training.loss_curve import draw_curve
from chatbot.training.recipe import Recipe, choose_recipe, extend, make_plan
from chatbot.training.run_state import RunState
from chatbot.training.samples import choose_samples, sampler
from chatbot.training.saving import Foundation, SavedRun, Saving
from chatbot.training.shards import Dealing, tokenize_corpus
from chatbot.training.step import TrainingStep
from chatbot.training.trainer import Outcome, Trainer, ValidationSet, Watch
from chatbot.versions import versions

#: How often the tokenizing of a large corpus is told.
_TELLINGS = 10


@dataclass(frozen=True)
class Job:
    """What to do, apart from the pairs.

    Attributes:
        checkpoint: Where the bundle goes.
        folder: Where the run is saved; if a state of it is there, the run goes on from that.
        identity: What the folder says of the run from now on.
        corpus_names: File names to remember in the manifest.
        architecture: Of a new model; of no use with `init_from`.
        training: The recipe.
        init_from: A bundle to go on from, with its model and its tokenizer.
        tensorboard: A folder for TensorBoard's logs, or None for none.
        index: Whether the bundle keeps the training prompts, to find the nearest of them.
        int8: Whether the step models get weights of 8 bits if those are nearly as good.
    """

    checkpoint: Path
    folder: RunFolder
    identity: Identity
    corpus_names: tuple[str, ...]
    architecture: Architecture
    training: TrainingConfig
    init_from: Path | None = None
    tensorboard: Path | None = None
    index: bool = True
    int8: bool = True


def train(corpus: Corpus, job: Job, observer: Observer, should_stop: Callable[[], bool]) -> Bundle:
    """Fit a tokenizer and a model, export the step models and write the bundle.

    Args:
        corpus: Normalized pairs; those of a large one are tokenized to disk beside the checkpoint.
        job: What to do with them.
        observer: Told how it goes.
        should_stop: Asked after each step; when it says yes, the best weights so far are
            exported and written as if the run had ended by itself, and the run is kept, so that
            it can go on. It may raise, now or later.

    Raises:
        ChatbotError: The run that was saved cannot be gone on with, the tokenizer cannot be
            fitted, the bundle to go on from cannot be read, the loss diverges at once, the export
            differs from the model, or the disk cannot take the bundle or the tokenized corpus.
    """
    keras.utils.set_random_seed(job.training.seed)
    board = TensorBoard(job.tensorboard) if job.tensorboard is not None else None
    saved = SavedRun.load(job.folder)
    start = _begin(corpus, job, saved, observer)
    dealing = Dealing(job.checkpoint.parent, job.training.seed)
    with tokenize_corpus(corpus, start, dealing, _tokenizing(corpus, observer)) as shards:
        lessons = Lessons(shards, job.training.whole_replies)
        recipe = _choose_recipe(job, start, saved, lessons)
        model = start.build_model(recipe.dropout, lessons.sample)
        plan = make_plan(corpus, start.config, lessons, recipe, model.count_params())
        observer.started(plan)
        step = TrainingStep(model, start.config, recipe)
        state = RunState()
        if saved is not None:
            state = saved.restore(step, recipe, job.folder)
            observer.resumed(state.resumption)
        watch = Watch(observer, board, should_stop, sampler(start, model, choose_samples(corpus)))
        saving = Saving(job.folder, Foundation(start, recipe), step, observer)
        outcome = Trainer(step, recipe, plan, watch, saving).fit(
            state, _passes(start, lessons, recipe), _validation_set(corpus, start)
        )
    observer.stage("exporting and checking the step models")
    lengths, job = Lengths.of(lessons.sample.prompts.lengths), replace(job, training=recipe)
    return _Finish(corpus, job, start, model, plan, outcome, lengths, should_stop).write()


def _begin(corpus: Corpus, job: Job, saved: SavedRun | None, observer: Observer) -> Beginning:
    if saved is not None:
        return saved.foundation.start
    if job.init_from is not None:
        observer.stage(f"loading {job.init_from}")
        return go_on(job.init_from)
    of_whole = "" if corpus.in_memory else f" on {len(corpus.sample):,} of {corpus.count:,} pairs"
    observer.stage(f"fitting the tokenizer{of_whole}")
    return begin(corpus, job.architecture, job.training)


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


def _choose_recipe(job: Job, start: Beginning, saved: SavedRun | None, lessons: Lessons) -> Recipe:
    if saved is None:
        return choose_recipe(job.training, start.config, lessons)
    recipe = extend(saved.foundation.recipe, job.training)
    job.folder.note(job.identity)
    return recipe


def _passes(start: Beginning, lessons: Lessons, recipe: Recipe) -> TrainingBatches:
    share = recipe.subword_sampling
    segmenter = Segmenter(start.tokenizer, start.config, share) if share else None
    return TrainingBatches(lessons, recipe.batch_tokens, recipe.seed, segmenter)


def _validation_set(corpus: Corpus, start: Beginning) -> ValidationSet | None:
    if not corpus.validation:
        return None
    held_out = tokenize(corpus.validation, start.tokenizer, start.config)
    return ValidationSet(ValidationBatches(held_out), held_out.reply_bytes, corpus.closed)


@dataclass
class _Finish:
    """What becomes of a trained model; `ask` may raise between the parts, and then nothing is written."""

    corpus: Corpus
    job: Job
    start: Beginning
    model: Any
    plan: Plan
    outcome: Outcome
    lengths: Lengths
    ask: Callable[[], bool]
    weights: Weights = field(init=False)
    calibration: Calibration = field(init=False)

    def write(self) -> Bundle:
        """Write the bundle and forget the run, unless it can still go on."""
        manifest = _manifest(self.job, self.plan, self.outcome) | {bundle.CONTEXT_TURNS: self.corpus.turns}
        try:
            written = bundle.write(self.job.checkpoint, self.start.config, manifest, self._fill)
        except BundleError as error:
            again = (
                "with --resume, which goes on where the run was saved last" if self.job.folder.has_state else "again"
            )
            raise BundleError(f"{error}; free some space and train {again}") from None
        if self.outcome.stopped != "interrupted":
            self.job.folder.remove()
        return written

    def _fill(self, folder: Path) -> dict[str, Any]:
        """Write the files of a bundle into a folder; returns what the manifest says of them."""
        (folder / bundle.TOKENIZER).write_bytes(self.start.tokenizer.model)
        if self.start.known_replies:
            write_known_replies(folder / bundle.REPLIES, self.start.known_replies)
        self.model.save(folder / bundle.KERAS_MODEL)
        write_history(folder / bundle.HISTORY, self.outcome.history)
        curve = draw_curve(self.outcome.history, self.plan.steps_per_epoch, ", ".join(self.job.corpus_names))
        (folder / bundle.CURVE).write_text(curve, encoding="utf-8")
        self.ask()
        parity = self._export(folder)
        self._calibrate(folder)
        return {
            "parity": parity.to_json(),
            "weights": self.weights.to_json(),
            "confidence": self.calibration.to_json(),
        }

    def _export(self, folder: Path) -> Parity:
        config, pairs = self.start.config, self.corpus.validation or self.corpus.sample
        export_steps(self.model, config, folder)
        self.ask()
        comparison = Comparison(self.model, pairs, self.start.tokenizer, config)
        parity = comparison.check_parity(folder)
        self.ask()
        self.weights = Weights("float32", parity.prompts, parity.same_replies)
        if self.job.int8:
            self.weights = choose_weights(self.model, config, folder, comparison, parity)
            self.ask()
        return parity

    def _calibrate(self, folder: Path) -> None:
        index = NearestNeighbour.build(self.corpus.sample) if self.job.index else None
        if index is not None:
            index.save(folder / bundle.INDEX)
        steps = LiteRTSteps(**bundle.step_files(folder, self.start.config))
        self.calibration = fit_confidence(self.corpus, self.start, steps, self.lengths, index, self.job.training.seed)
        self.ask()


def _manifest(job: Job, plan: Plan, outcome: Outcome) -> dict[str, Any]:
    best = outcome.best
    valid = {} if best.valid is None else asdict(best.valid) | {"perplexity": best.valid.perplexity}
    top = best.top_reply
    return {
        "created": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        "corpus": list(job.corpus_names),
        "init_from": None if job.init_from is None else job.init_from.name,
        "training": job.training.to_json(),
        "sizes": asdict(plan),
        "metrics": {
            "stopped": outcome.stopped,
            "seconds": round(outcome.seconds, 1),
            "steps": outcome.step,
            "epochs": outcome.history[-1].epoch,
            "best_epoch": best.epoch,
            "best_step": best.step,
            "train_loss": best.train_loss,
            **{f"valid_{name}": value for name, value in valid.items()},
            "samples": top and {"prompts": top.prompts, "share": top.share, "recorded_share": top.recorded_share},
        },
        "versions": versions(),
    }
