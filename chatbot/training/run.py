"""A whole training run: pairs in, bundle out."""

import csv
import math
import platform
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, fields
from importlib.metadata import version
from pathlib import Path
from typing import Any

import chatbot
from chatbot import bundle
from chatbot.bundle import Bundle
from chatbot.config import DecodingConfig, ModelConfig, TrainingConfig
from chatbot.corpus import Corpus
from chatbot.inference.search import complete, spoken
from chatbot.progress import EpochReport, Observer, Plan, Sample
from chatbot.tokenizer import Tokenizer
from chatbot.training import dataset
from chatbot.training.backend import keras
from chatbot.training.export import Parity, check_parity, export_steps
from chatbot.training.keras_steps import KerasSteps
from chatbot.training.model import build_training_model
from chatbot.training.schedule import choose_epochs
from chatbot.training.trainer import Outcome, Trainer, Watch

_SAMPLES = 3
_WRITERS = ("tensorflow", "tensorflow-text", "keras", "ai-edge-litert", "sentencepiece", "numpy")
_COLUMNS = tuple(field.name for field in fields(EpochReport) if field.name not in ("samples", "best"))


@dataclass(frozen=True)
class Job:
    """What to do, apart from the pairs.

    Attributes:
        checkpoint: Where the bundle goes.
        corpus_names: File names to remember in the manifest.
        max_length: Longest prompt and reply in tokens.
        training: The recipe.
    """

    checkpoint: Path
    corpus_names: tuple[str, ...]
    max_length: int
    training: TrainingConfig


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
            exported and written as if the run had ended by itself.

    Raises:
        ChatbotError: The tokenizer cannot be fitted, the loss diverges at once, the export
            differs from the model, or the bundle cannot be written.
    """
    config = job.training
    keras.utils.set_random_seed(config.seed)
    observer.stage("fitting the tokenizer")
    tokenizer = Tokenizer.fit([text for pair in corpus.training for text in pair], config.vocabulary_size)
    model_config = ModelConfig(
        vocabulary_size=tokenizer.vocabulary_size, max_prompt_tokens=job.max_length, max_reply_tokens=job.max_length
    )
    observer.stage("tokenizing the corpus")
    data = dataset.tokenize(corpus.training, tokenizer, model_config)
    held_out = dataset.tokenize(corpus.validation, tokenizer, model_config) if corpus.validation else None
    batch_size = config.batch_size or dataset.choose_batch_size(len(corpus.training))
    steps = dataset.count_batches(data, batch_size)
    model = build_training_model(model_config)
    plan = Plan(
        training_pairs=len(corpus.training),
        validation_pairs=len(corpus.validation),
        truncated_pairs=data.truncated,
        vocabulary_size=tokenizer.vocabulary_size,
        parameters=model.count_params(),
        steps_per_epoch=steps,
        epochs=config.epochs or choose_epochs(steps),
        max_seconds=config.max_seconds,
    )
    observer.started(plan)
    outcome = Trainer(model, config, plan).fit(
        dataset.training_batches(data, batch_size, config.seed),
        dataset.validation_batches(held_out, batch_size) if held_out else None,
        Watch(observer, should_stop, _sampler(model, tokenizer, model_config, _sample_prompts(corpus))),
    )
    observer.stage("exporting and checking the step models")
    parities: list[Parity] = []

    def fill(folder: Path) -> dict[str, Any]:
        (folder / bundle.TOKENIZER).write_bytes(tokenizer.model)
        model.save(folder / bundle.KERAS_MODEL)
        _write_history(folder / bundle.HISTORY, outcome.history)
        export_steps(model, folder)
        parities.append(check_parity(model, folder, corpus.validation or corpus.training, tokenizer, model_config))
        return {"parity": parities[-1].to_json()}

    written = bundle.write(job.checkpoint, _manifest(job, model_config, plan, outcome), fill)
    return Result(written, plan, outcome, parities[-1])


def _sample_prompts(corpus: Corpus) -> list[str]:
    """Three prompts, evenly spread over the held-out ones, or over all where none is held out."""
    prompts = list(dict.fromkeys(pair.prompt for pair in corpus.validation or corpus.training))
    return prompts[:: math.ceil(len(prompts) / _SAMPLES)]


def _sampler(
    model: Any, tokenizer: Tokenizer, config: ModelConfig, prompts: Sequence[str]
) -> Callable[[], Sequence[Sample]]:
    steps = KerasSteps(model)
    ids = [tokenizer.encode(prompt)[: config.max_prompt_tokens] for prompt in prompts]
    decoding = DecodingConfig(max_tokens=min(40, config.max_reply_tokens))

    def say() -> Sequence[Sample]:
        replies = complete(steps, ids, decoding, tokenizer.unspeakable_ids)
        return [Sample(prompt, tokenizer.decode(spoken(reply))) for prompt, reply in zip(prompts, replies, strict=True)]

    return say


def _write_history(path: Path, history: Sequence[EpochReport]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, _COLUMNS, extrasaction="ignore", lineterminator="\n")
        writer.writeheader()
        for report in history:
            writer.writerow({name: _figure(value) for name, value in asdict(report).items()})


def _figure(value: object) -> object:
    return f"{value:.6g}" if isinstance(value, float) else value


def _manifest(job: Job, model: ModelConfig, plan: Plan, outcome: Outcome) -> dict[str, Any]:
    best = outcome.best
    return {
        "created": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        "corpus": list(job.corpus_names),
        "model": model.to_json(),
        "training": job.training.to_json(),
        "sizes": asdict(plan),
        "metrics": {
            "stopped": outcome.stopped,
            "seconds": round(outcome.seconds, 1),
            "epochs": len(outcome.history),
            "best_epoch": best.epoch,
            "train_loss": best.train_loss,
            "valid_loss": best.valid_loss,
            "valid_perplexity": best.valid_perplexity,
        },
        "versions": {
            "chatbot": chatbot.__version__,
            "python": platform.python_version(),
            **{name: version(name) for name in _WRITERS},
        },
    }
