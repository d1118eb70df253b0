"""The export of a finished run: the files of its bundle, and its manifest."""

import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

from chatbot import bundle
from chatbot.bot.index.nearest_neighbour import NearestNeighbour
from chatbot.bot.reply.calibration import Lengths
from chatbot.bot.reply.confidence import Answer
from chatbot.bundle import Bundle
from chatbot.corpus import Corpus
from chatbot.errors import BundleError, remedy
from chatbot.explain.loss_curve import draw_curve
from chatbot.inference.litert.litert_steps import LiteRTSteps
from chatbot.inference.recorded_prompts import RecordedPrompts
from chatbot.runs.events import Plan
from chatbot.runs.library_versions import versions
from chatbot.runs.run_folder import RunFolder
from chatbot.text import fold
from chatbot.training.export.final_evaluation import FinalEvaluation, evaluate_bot
from chatbot.training.export.litert_export import StepExport
from chatbot.training.export.parity_check import Parity, ParityCheck
from chatbot.training.export.weight_precision import Weights, choose_weights
from chatbot.training.loop.metrics_log import write_history
from chatbot.training.loop.trainer import Outcome
from chatbot.training.models.keras_steps import KerasSteps
from chatbot.training.setup.initial_model import Start
from chatbot.training.setup.job import TrainingJob
from chatbot.training.type_aliases import JsonObject


@dataclass
class BundleExport:
    """Writes the bundle of a run.

    Attributes:
        corpus: The pairs.
        job: The settings, with the recipe.
        start: The tokenizer and the shape of the model.
        keras: The trained model, and its inference models.
        plan: The figures known before the run.
        outcome: The end of the run.
        lengths: Of the training prompts, in tokens.
        should_stop: Called between the parts; it may raise, and then nothing is written.
        warn: Called with warnings.
        left_out: Answers to prompts of a small corpus that the confidence is fitted to, see `FittedView`.
        weights: The weights of the step models, after `write`.
        evaluation: The final evaluation, after `write`.
    """

    corpus: Corpus
    job: TrainingJob
    start: Start
    keras: KerasSteps
    plan: Plan
    outcome: Outcome
    lengths: Lengths
    should_stop: Callable[[], bool]
    warn: Callable[[str], None]
    left_out: Sequence[Answer] = ()
    weights: Weights = field(init=False)
    evaluation: FinalEvaluation = field(init=False)

    def write(self, folder: RunFolder) -> Bundle:
        """Write the bundle, and remove the saved run unless it can be resumed.

        Args:
            folder: Of the run.

        Returns:
            The bundle.

        Raises:
            BundleError: The bundle cannot be written.
            TrainingError: The exported model differs from the trained one.
        """
        manifest = _manifest(self.job, self.plan, self.outcome) | {
            bundle.CONTEXT_TURNS: self.corpus.turns,
            bundle.FALLBACKS: list(self.job.fallbacks),
        }
        try:
            written = bundle.write(self.job.checkpoint, self.start.config, manifest, self._fill, self.warn)
        except BundleError as error:
            if not isinstance(error.__cause__, OSError):
                raise
            again = "the same command with --resume finishes it" if folder.has_state else "train again"
            raise BundleError(f"{error}; {remedy(error.__cause__)}, then {again}") from None
        if self.outcome.stopped != "interrupted":
            folder.remove()
        return written

    def _fill(self, folder: Path) -> JsonObject:
        """Write the files of a bundle into a folder; returns their entries of the manifest."""
        (folder / bundle.TOKENIZER).write_bytes(self.start.tokenizer.model)
        if self.start.known_replies:
            bundle.write_known_replies(folder / bundle.REPLIES, self.start.known_replies, self.start.topics)
            self.start.corrections.write(folder)
        self.keras.network.save(folder / bundle.KERAS_MODEL)
        write_history(folder / bundle.HISTORY, self.outcome.history)
        end = (self.outcome.epoch, self.outcome.step, self.outcome.seconds)
        curve = draw_curve(self.outcome.history, self.plan.steps_per_epoch, ", ".join(self.job.corpus_names), end)
        (folder / bundle.CURVE).write_text(curve, encoding="utf-8")
        self.should_stop()
        export = StepExport(self.keras, self.start.config)
        export.write(folder)
        self.should_stop()
        self._evaluate(folder)
        if self.keras.view is not None:
            self.keras.view.learn_all()
            export.write_recall(folder)
        if self.start.known_replies:
            self._recorded_prompts().save(folder / bundle.PROMPTS)
        parity, quality = self._check(export, folder), self.evaluation.quality
        return {
            "parity": parity.to_json(),
            "weights": self.weights.to_json(),
            "confidence": self.evaluation.calibration.to_json(),
            "quality": quality and asdict(quality),
        }

    def _recorded_prompts(self) -> RecordedPrompts:
        """All prompts of the corpus, those that were held out included, and those that the bot knew before."""
        numbers = {reply: number for number, reply in enumerate(self.start.known_replies)}
        now = (*self.corpus.sample, *self.corpus.validation)
        said = {fold(pair.prompt) for pair in now}
        before = (pair for pair in self.start.recorded or () if pair.prompt not in said)
        window = self.start.config.prompt_window
        return RecordedPrompts.of(
            (self.start.tokenizer.encode(fold(pair.prompt))[window], numbers[pair.reply])
            for pair in (*now, *before)
            if pair.reply in numbers
        )

    def _check(self, export: StepExport, folder: Path) -> Parity:
        """Compare the step models in a folder with Keras, and make them smaller if that is as good."""
        config, pairs = self.start.config, self.corpus.validation or self.corpus.sample
        check = ParityCheck(self.keras, pairs, self.start.tokenizer, config, self.start.candidates)
        parity = check.check_parity(folder)
        self.should_stop()
        self.weights = Weights("float32", parity.prompts, parity.same_replies)
        if self.job.int8:
            self.weights = choose_weights(export, config, folder, check, parity)
            self.should_stop()
        return parity

    def _evaluate(self, folder: Path) -> None:
        index = NearestNeighbour.build(self.corpus.sample, self.corpus.origins) if self.job.index else None
        if index is not None:
            index.save(folder / bundle.INDEX)
        steps = LiteRTSteps(
            self.start.config, bundle.step_files(folder, self.start.config), self.start.tokenizer.decode
        )
        seed, wrong_cost = self.job.training.seed, self.job.wrong_cost
        self.evaluation = evaluate_bot(
            self.corpus, self.start, steps, self.lengths, index, seed, wrong_cost, self.left_out
        )
        self.should_stop()


def _manifest(job: TrainingJob, plan: Plan, outcome: Outcome) -> JsonObject:
    manifest: JsonObject = {
        "created": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        "corpus": list(job.corpus_names),
        "init_from": None if job.init_from is None else job.init_from.name,
        "base": None if job.base is None else job.base.name,
        bundle.OPTIONS: dict(job.options),
        "training": job.training.to_json(),
        "sizes": asdict(plan),
        "metrics": metrics_of(outcome),
        "versions": versions(),
    }
    return manifest if job.identity is None else manifest | {bundle.PAIRS: job.identity.corpus}


def metrics_of(outcome: Outcome) -> JsonObject:
    """The figures of the outcome of a run, for the manifest and the summary."""
    best = outcome.best
    valid = {} if best.valid is None else asdict(best.valid) | {"perplexity": best.valid.perplexity}
    top = best.top_reply
    return {
        "stopped": outcome.stopped,
        "seconds": round(outcome.seconds, 1),
        "steps": outcome.step,
        "epochs": outcome.epoch,
        "best_epoch": best.epoch,
        "best_step": best.step,
        "train_loss": best.train_loss,
        **{f"valid_{name}": value for name, value in valid.items()},
        "samples": top and {name: value for name, value in asdict(top).items() if name != "text"},
        "weights_digest": outcome.weights_digest,
    }
