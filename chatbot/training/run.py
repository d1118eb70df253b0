"""A whole training run: pairs in, bundle out."""

import platform
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field, replace
from importlib.metadata import version
from pathlib import Path
from typing import Any

import chatbot
from chatbot import bundle
from chatbot.bundle import Bundle
from chatbot.calibration import Calibration, Lengths
from chatbot.config import Architecture, TrainingConfig
from chatbot.corpus import Corpus, context_turns
from chatbot.inference.litert import LiteRTSteps
from chatbot.nearest_neighbour import NearestNeighbour
from chatbot.progress import Observer, Plan
from chatbot.training import dataset
from chatbot.training.backend import keras
from chatbot.training.beginning import Beginning, begin, resume
from chatbot.training.calibration import fit_confidence
from chatbot.training.dataset import Lessons, TokenizedPairs
from chatbot.training.export import Comparison, Parity, Weights, choose_weights, export_steps
from chatbot.training.history import TensorBoard, write_history
from chatbot.training.known_replies import write_known_replies
from chatbot.training.loss_curve import draw_curve
from chatbot.training.recipe import choose_recipe, make_plan
from chatbot.training.samples import choose_samples, sampler
from chatbot.training.step import TrainingStep
from chatbot.training.trainer import Outcome, Trainer, ValidationSet, Watch

_WRITERS = ("tensorflow", "tensorflow-text", "keras", "ai-edge-litert", "sentencepiece", "numpy")


@dataclass(frozen=True)
class Job:
    """What to do, apart from the pairs.

    Attributes:
        checkpoint: Where the bundle goes.
        corpus_names: File names to remember in the manifest.
        architecture: Of a new model; of no use with `init_from`.
        training: The recipe.
        init_from: A bundle to go on from, with its model and its tokenizer.
        tensorboard: A folder for TensorBoard's logs, or None for none.
        index: Whether the bundle keeps the training prompts, to find the nearest of them.
        int8: Whether the step models get weights of 8 bits if those are nearly as good.
    """

    checkpoint: Path
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
        corpus: Normalized pairs.
        job: What to do with them.
        observer: Told how it goes.
        should_stop: Asked after each step; when it says yes, the best weights so far are
            exported and written as if the run had ended by itself. It may raise, now or later.

    Raises:
        ChatbotError: The tokenizer cannot be fitted, the bundle to go on from cannot be read,
            the loss diverges at once, the export differs from the model, or the bundle cannot
            be written.
    """
    keras.utils.set_random_seed(job.training.seed)
    board = TensorBoard(job.tensorboard) if job.tensorboard is not None else None
    if job.init_from is not None:
        observer.stage(f"loading {job.init_from}")
        start = resume(job.init_from)
    else:
        observer.stage("fitting the tokenizer")
        start = begin(corpus.training, job.architecture, job.training)
    observer.stage("tokenizing the corpus")
    data = dataset.tokenize(corpus.training, start.tokenizer, start.config, start.known_replies)
    held_out = dataset.tokenize(corpus.validation, start.tokenizer, start.config) if corpus.validation else None
    lessons = Lessons.of(data, job.training.whole_replies)
    recipe = choose_recipe(job.training, start.config, lessons)
    share = recipe.subword_sampling
    ways = dataset.segment(corpus.training, start.tokenizer, start.config, share) if share else None
    model = start.build_model(recipe.dropout, data)
    plan = make_plan(corpus, start.config, lessons, recipe, model.count_params())
    observer.started(plan)
    step = TrainingStep(model, start.config, recipe)
    watch = Watch(observer, board, should_stop, sampler(start, model, choose_samples(corpus)))
    outcome = Trainer(step, recipe, plan, watch).fit(
        dataset.training_batches(lessons, recipe.batch_tokens, recipe.seed, ways),
        _validation_set(corpus, held_out) if held_out is not None else None,
    )
    observer.stage("exporting and checking the step models")
    lengths, job = Lengths.of(data.prompt_lengths), replace(job, training=recipe)
    finish = _Finish(corpus, job, start, model, outcome, plan.steps_per_epoch, lengths, should_stop)
    manifest = _manifest(job, plan, outcome) | {bundle.CONTEXT_TURNS: context_turns(corpus.training)}
    return bundle.write(job.checkpoint, start.config, manifest, finish.fill)


def _validation_set(corpus: Corpus, held_out: TokenizedPairs) -> ValidationSet:
    known = {pair.reply for pair in corpus.training}
    closed = 2 * sum(pair.reply in known for pair in corpus.validation) >= len(corpus.validation)
    return ValidationSet(dataset.validation_batches(held_out), held_out.reply_bytes, closed)


@dataclass
class _Finish:
    """What becomes of a trained model; `ask` may raise between the parts, and then nothing is written."""

    corpus: Corpus
    job: Job
    start: Beginning
    model: Any
    outcome: Outcome
    steps_per_epoch: int
    lengths: Lengths
    ask: Callable[[], bool]
    weights: Weights = field(init=False)
    calibration: Calibration = field(init=False)

    def fill(self, folder: Path) -> dict[str, Any]:
        """Write the files of a bundle into a folder; returns what the manifest says of them."""
        (folder / bundle.TOKENIZER).write_bytes(self.start.tokenizer.model)
        if self.start.known_replies:
            write_known_replies(folder / bundle.REPLIES, self.start.known_replies)
        self.model.save(folder / bundle.KERAS_MODEL)
        write_history(folder / bundle.HISTORY, self.outcome.history)
        curve = draw_curve(self.outcome.history, self.steps_per_epoch, ", ".join(self.job.corpus_names))
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
        config, pairs = self.start.config, self.corpus.validation or self.corpus.training
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
        index = NearestNeighbour.build(self.corpus.training) if self.job.index else None
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
        "versions": {
            "chatbot": chatbot.__version__,
            "python": platform.python_version(),
            **{name: version(name) for name in _WRITERS},
        },
    }
