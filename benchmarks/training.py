"""How much three trainers learn in the same minutes: this one, plain Keras, and PyTorch.

    python benchmarks/training.py TRAIN.tsv VALID.tsv --minutes 4
    python benchmarks/training.py TRAIN.tsv VALID.tsv --rounds 3 --pytorch SCRIPT --pytorch-python PYTHON

They run in turn, on the same pairs. Plain Keras is what a tutorial would write: the same
layers with Keras's own initialization, `fit` with Adam at its default rate, batches of 64
padded to 48 tokens, float32. The PyTorch script is run as `SCRIPT TRAIN VALID --minutes M
--bf16` and prints a line of JSON an evaluation, with `steps`, `target_tokens_per_second` and
`bits_per_byte`; its model's sizes are given by --pytorch-shape.

Prints reply tokens a second, what share of the fastest matrix multiplication measured here in
the trainer's precision its own products come to, and held-out bits per byte.
"""

import argparse
import contextlib
import json
import math
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np

from chatbot.bundle import Bundle
from chatbot.config import PRESETS, ModelConfig, ModelShape, TrainingConfig, choose_preset
from chatbot.corpus import Corpus, load_pairs
from chatbot.runs.resource_forecast import epoch_operations
from chatbot.tokenizer import Tokenizer
from chatbot.training.backend import setup_backend

setup_backend()

import keras

from chatbot.training.data import tokenized_pairs
from chatbot.training.data.batches import ValidationBatches
from chatbot.training.distributed.replicas import Devices
from chatbot.training.optimizer.training_step import TrainingStep
from chatbot.training.setup.estimate import tensorflow_speed
from chatbot.training.setup.initial_model import new_start
from chatbot.training.setup.recipe_choice import Recipe

_KERAS_BATCH, _KERAS_LENGTH = 64, 48


@dataclass(frozen=True)
class Figures:
    """What one trainer came to.

    Attributes:
        tokens_per_second: Reply tokens learned from.
        operations_per_second: In the matrix products, padding aside.
        precision: Of those products.
        bits_per_byte: Held out.
        steps: Taken in the time.
    """

    tokens_per_second: float
    operations_per_second: float
    precision: str
    bits_per_byte: float
    steps: int


def read(train: Path, valid: Path) -> Corpus:
    """Both files, as the trainer reads them."""
    training, validation = (
        load_pairs(path, lambda problem: print(problem, file=sys.stderr)) for path in (train, valid)
    )
    return Corpus.of(training, validation)


def operations_per_token(shape: ModelConfig, corpus: Corpus) -> float:
    """Floating-point operations of a training step for each reply token."""
    sample = corpus.sample[:10_000]
    tokenizer = Tokenizer.fit([text for pair in sample for text in pair])
    data = tokenized_pairs.tokenize(sample, tokenizer, replace(shape, vocabulary_size=tokenizer.vocabulary_size))
    pairs, prompts, targets, _ = data.size
    return epoch_operations(shape, pairs, prompts, targets) / targets


def run_chatbot(options: argparse.Namespace) -> Figures:
    """`chatbot train` with default options."""
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder) / "bot"
        arguments = ["train", options.train, "--valid", options.valid, "--max-time", f"{options.minutes * 60:g}s"]
        command = [sys.executable, "-m", "chatbot", *map(str, arguments), "--checkpoint", str(place)]
        subprocess.run(command, check=True, stdout=sys.stderr)
        bundle = Bundle.open(place)
        rows = [line.split(",") for line in (place / "history.csv").read_text().splitlines()]
    speed = median(float(row[-1]) for row in rows[1:])
    metrics = bundle.manifest["metrics"]
    per_token = operations_per_token(bundle.model, read(options.train, options.valid))
    return Figures(
        speed,
        speed * per_token,
        bundle.manifest["training"]["precision"],
        metrics["valid_bits_per_byte"],
        metrics["steps"],
    )


def run_plain_keras(options: argparse.Namespace) -> Figures:
    """In a process of its own, so that nothing of it is left in this one."""
    command = [sys.executable, __file__, str(options.train), str(options.valid), "--minutes", str(options.minutes)]
    done = subprocess.run([*command, "--plain-keras-only"], check=True, stdout=subprocess.PIPE, text=True)
    return Figures(**json.loads(done.stdout.splitlines()[-1]))


def fit_plain_keras(options: argparse.Namespace) -> Figures:
    """The tutorial's program."""
    keras.utils.set_random_seed(0)
    corpus = read(options.train, options.valid)
    start = new_start(corpus, PRESETS[choose_preset(corpus.count)], TrainingConfig(known_replies=0))
    data = tokenized_pairs.tokenize(corpus.sample, start.tokenizer, start.config)
    shape = replace(start.config, bidirectional=False, attention="none")
    model = _plain_model(shape)
    everything = np.arange(corpus.count)
    prompts, targets = (side.padded(everything, side.lengths.clip(max=_KERAS_LENGTH)) for side in data.sides)
    inputs = np.concatenate([np.full((len(targets), 1), 2, np.int32), targets[:, :-1]], axis=1)
    steps = [0]

    class Clock(keras.callbacks.Callback):  # type: ignore[misc]  # Keras ships no types
        def on_train_batch_end(self, batch: int, logs: object = None) -> None:
            del batch, logs
            steps[0] += 1
            if time.perf_counter() - started >= options.minutes * 60:
                self.model.stop_training = True
                raise StopIteration

    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True, ignore_class=0)
    model.compile(keras.optimizers.Adam(), loss)
    started = time.perf_counter()
    with contextlib.suppress(StopIteration):
        model.fit([prompts, inputs], targets, batch_size=_KERAS_BATCH, epochs=1000, verbose=0, callbacks=[Clock()])
    seconds = time.perf_counter() - started
    held_out = tokenized_pairs.tokenize(corpus.validation, start.tokenizer, start.config)
    measure = TrainingStep(model, shape, Recipe(precision="float32"), Devices()).measure
    nats = sum(float(measure(*batch)[0]) for batch in ValidationBatches(held_out))
    speed = steps[0] * _KERAS_BATCH * float(data.targets.lengths.clip(max=_KERAS_LENGTH).mean()) / seconds
    bits = nats / math.log(2) / held_out.reply_bytes
    return Figures(speed, speed * operations_per_token(shape, corpus), "float32", bits, steps[0])


def _plain_model(config: ModelConfig) -> Any:
    """The plain sentence-vector model with the names of `build_training_model` and Keras's own initialization."""
    layers = keras.layers
    prompt = keras.Input((None,), dtype="int32", name="prompt_tokens")
    reply = keras.Input((None,), dtype="int32", name="decoder_tokens")
    embedding = layers.Embedding(config.vocabulary_size, config.embedding_size, name="token_embedding")
    encoder = layers.LSTM(config.units, return_sequences=True, return_state=True, name="encoder_lstm_1")
    decoder = layers.LSTM(config.units, return_sequences=True, return_state=True, name="decoder_lstm_1")
    dropouts = {name: layers.Dropout(0.2, name=f"{name}_dropout") for name in ("prompt", "reply", "output")}
    _, *state = encoder(dropouts["prompt"](embedding(prompt)), mask=keras.ops.not_equal(prompt, 0))
    outputs, *_ = decoder(dropouts["reply"](embedding(reply)), initial_state=state)
    logits = layers.Dense(config.vocabulary_size, name="vocabulary_projection")(dropouts["output"](outputs))
    return keras.Model([prompt, reply], logits)


def run_pytorch(options: argparse.Namespace) -> Figures:
    """The reference, from outside the project."""
    command = [options.pytorch_python, options.pytorch, options.train, options.valid]
    arguments = [*map(str, command), "--minutes", str(options.minutes), "--bf16"]
    done = subprocess.run(arguments, check=True, stdout=subprocess.PIPE, text=True)
    said = json.loads(done.stdout.splitlines()[-1])
    embedding, units, vocabulary = options.pytorch_shape
    shape = ModelConfig.of(ModelShape(embedding_size=embedding, units=units), vocabulary)
    speed = float(said["target_tokens_per_second"])
    per_token = operations_per_token(shape, read(options.train, options.valid))
    return Figures(speed, speed * per_token, "bfloat16", float(said["bits_per_byte"]), int(said["steps"]))


def main() -> None:
    """Run them in turn and print a table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("train", type=Path)
    parser.add_argument("valid", type=Path)
    parser.add_argument("--minutes", type=float, default=4)
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--pytorch", type=Path, help="the reference's script")
    parser.add_argument("--pytorch-python", default=sys.executable, help="an interpreter that has torch")
    parser.add_argument("--pytorch-shape", type=int, nargs=3, default=(256, 512, 8000), metavar="N")
    parser.add_argument("--without-plain-keras", action="store_true")
    parser.add_argument("--plain-keras-only", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.plain_keras_only:
        print(json.dumps(fit_plain_keras(options).__dict__))
        return
    trainers = {"chatbot train": run_chatbot}
    if not options.without_plain_keras:
        trainers["plain Keras, fit"] = run_plain_keras
    if options.pytorch is not None:
        trainers["PyTorch reference"] = run_pytorch
    peaks = {precision: tensorflow_speed(precision, 2048) for precision in ("float32", "bfloat16")}
    print(", ".join(f"{name} peak {peak / 1e9:,.0f} GFLOP/s" for name, peak in peaks.items()))
    print(f"{'':<20}{'round':>6}{'steps':>8}{'tokens/s':>10}{'of peak':>9}{'bits/byte':>11}")
    for number in range(1, options.rounds + 1):
        for name, run in trainers.items():
            figures = run(options)
            share = figures.operations_per_second / peaks[figures.precision]
            print(
                f"{name:<20}{number:>6}{figures.steps:>8,}{figures.tokens_per_second:>10,.0f}{share:>9.1%}"
                f"{figures.bits_per_byte:>11.4f}",
                flush=True,
            )


if __name__ == "__main__":
    main()
