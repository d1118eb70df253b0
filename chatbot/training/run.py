"""A whole training run: pairs in, bundle out."""

import platform
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from importlib.metadata import version
from pathlib import Path
from typing import Any

import chatbot
from chatbot import bundle
from chatbot.bundle import Bundle
from chatbot.config import Architecture, DecodingConfig, TrainingConfig
from chatbot.corpus import Corpus, context_turns
from chatbot.inference.search import complete, spoken
from chatbot.progress import Observer, Plan, Sample
from chatbot.text import fold
from chatbot.training import dataset
from chatbot.training.backend import keras
from chatbot.training.beginning import Beginning, begin, resume
from chatbot.training.dataset import TokenizedPairs
from chatbot.training.export import Parity, check_parity, export_steps
from chatbot.training.history import TensorBoard, write_history
from chatbot.training.keras_steps import KerasSteps
from chatbot.training.recipe import choose_recipe, make_plan
from chatbot.training.step import TrainingStep
from chatbot.training.trainer import Outcome, Trainer, ValidationSet, Watch

_SAMPLES = 3
_LONGEST_SAMPLE = 40
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
    """

    checkpoint: Path
    corpus_names: tuple[str, ...]
    architecture: Architecture
    training: TrainingConfig
    init_from: Path | None = None
    tensorboard: Path | None = None


@dataclass(frozen=True)
class Result:
    """What a run left behind."""

    bundle: Bundle
    plan: Plan
    outcome: Outcome
    parity: Parity


def train(corpus: Corpus, job: Job, observer: Observer, should_stop: Callable[[], bool]) -> Result:
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
        start = begin(corpus.training, job.architecture, job.training.vocabulary_size)
    observer.stage("tokenizing the corpus")
    data = dataset.tokenize(corpus.training, start.tokenizer, start.config)
    held_out = dataset.tokenize(corpus.validation, start.tokenizer, start.config) if corpus.validation else None
    recipe = choose_recipe(job.training, start.config, data)
    share = recipe.subword_sampling
    ways = dataset.segment(corpus.training, start.tokenizer, start.config, share) if share else None
    model = start.build_model(recipe.dropout, data)
    plan = make_plan(corpus, start.config, data, recipe, model.count_params())
    observer.started(plan)
    step = TrainingStep(model, start.config, recipe)
    watch = Watch(observer, board, should_stop, _sampler(start, model, _sample_prompts(corpus)))
    outcome = Trainer(step, recipe, plan, watch).fit(
        dataset.training_batches(data, recipe.batch_tokens, recipe.seed, ways),
        _validation_set(corpus, held_out) if held_out is not None else None,
    )
    observer.stage("exporting and checking the step models")
    return _write(corpus, replace(job, training=recipe), start, model, plan, outcome, should_stop)


def _validation_set(corpus: Corpus, held_out: TokenizedPairs) -> ValidationSet:
    known = {pair.reply for pair in corpus.training}
    closed = 2 * sum(pair.reply in known for pair in corpus.validation) >= len(corpus.validation)
    return ValidationSet(dataset.validation_batches(held_out), held_out.reply_bytes, closed)


def _sample_prompts(corpus: Corpus) -> list[str]:
    """Three prompts, evenly spread over the held-out ones, or over all where none is held out."""
    prompts = list(dict.fromkeys(pair.prompt for pair in corpus.validation or corpus.training))
    return [prompts[number * len(prompts) // _SAMPLES] for number in range(min(_SAMPLES, len(prompts)))]


def _sampler(start: Beginning, model: Any, prompts: Sequence[str]) -> Callable[[], Sequence[Sample]]:
    tokenizer, config = start.tokenizer, start.config
    steps = KerasSteps(model, config)
    ids = [tokenizer.encode(fold(prompt))[config.prompt_window] for prompt in prompts]
    decoding = DecodingConfig(max_tokens=min(_LONGEST_SAMPLE, config.max_reply_tokens))

    def say() -> Sequence[Sample]:
        replies = complete(steps, ids, decoding, tokenizer.unspeakable_ids)
        return [Sample(prompt, tokenizer.decode(spoken(reply))) for prompt, reply in zip(prompts, replies, strict=True)]

    return say


def _write(
    corpus: Corpus,
    job: Job,
    start: Beginning,
    model: Any,
    plan: Plan,
    outcome: Outcome,
    ask: Callable[[], bool],
) -> Result:
    """Write the bundle; `ask` may raise between its parts, and then nothing is written."""
    parities: list[Parity] = []

    def fill(folder: Path) -> dict[str, Any]:
        (folder / bundle.TOKENIZER).write_bytes(start.tokenizer.model)
        model.save(folder / bundle.KERAS_MODEL)
        write_history(folder / bundle.HISTORY, outcome.history)
        ask()
        export_steps(model, start.config, folder)
        ask()
        pairs = corpus.validation or corpus.training
        parities.append(check_parity(model, folder, pairs, start.tokenizer, start.config))
        ask()
        return {"parity": parities[-1].to_json()}

    manifest = _manifest(job, plan, outcome) | {bundle.CONTEXT_TURNS: context_turns(corpus.training)}
    written = bundle.write(job.checkpoint, start.config, manifest, fill)
    return Result(written, plan, outcome, parities[-1])


def _manifest(job: Job, plan: Plan, outcome: Outcome) -> dict[str, Any]:
    best = outcome.best
    valid = {} if best.valid is None else asdict(best.valid) | {"perplexity": best.valid.perplexity}
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
        },
        "versions": {
            "chatbot": chatbot.__version__,
            "python": platform.python_version(),
            **{name: version(name) for name in _WRITERS},
        },
    }
