"""Reply tokens a second of the training step on the devices that are here, beside PyTorch.

    python benchmarks/devices.py PAIRS.tsv
    python benchmarks/devices.py PAIRS.tsv --pytorch SCRIPT --pytorch-python PYTHON

Both train the same shape: one LSTM each way of 512 units, embeddings of 256, 8,000 pieces, no
attention, about as many tokens a batch. PyTorch's model, tokenizer and batches are those of the
script (`Seq2Seq`, `fit_tokenizer`, `batches`), and its step runs in `benchmarks/pytorch_step.py`, on
`cuda` where there is a GPU, in bfloat16 there. Where TensorFlow sees no GPU, the figures are the
processor's, and the first line says so.

Prints the median time of a step after a warm-up, the reply tokens of a step, and tokens a second.
With TF_CONFIG it is run on every machine of a cluster, and the tokens are those of all together.
"""

import argparse
import os
import subprocess
import sys
import time
from pathlib import Path
from statistics import median

from chatbot.config import ModelShape, TrainingConfig
from chatbot.corpus import Corpus, load_pairs
from chatbot.training.backend import setup_backend

setup_backend()

import keras

from chatbot.training.data.batches import TrainingBatches
from chatbot.training.data.tokenized_pairs import tokenize
from chatbot.training.data.training_data import TrainingData
from chatbot.training.distributed.cluster import read_cluster
from chatbot.training.distributed.replicas import Devices, describe
from chatbot.training.optimizer.training_step import TrainingStep
from chatbot.training.setup.initial_model import new_start
from chatbot.training.setup.recipe_choice import choose_recipe

_SHAPE = ModelShape(embedding_size=256, units=512, bidirectional=False, attention="none")
_VOCABULARY = 8000


def measure(options: argparse.Namespace) -> None:
    """Take steps of this trainer and print what they came to."""
    devices = Devices.find(read_cluster(os.environ))
    if not devices.gpus:
        print("no GPU: these are the figures of the processor")
    keras.utils.set_random_seed(0)
    pairs = load_pairs(options.pairs, lambda problem: print(problem, file=sys.stderr))
    config = TrainingConfig(
        vocabulary_size=_VOCABULARY,
        known_replies=0,
        batch_tokens=options.batch_tokens,
        epochs=1,
        max_seconds=None,
        subword_sampling=0.0,
    )
    start = new_start(Corpus.of(pairs, []), _SHAPE, config)
    training_data = TrainingData.of(tokenize(pairs, start.tokenizer, start.config), len(pairs))
    recipe = choose_recipe(config, start.config, training_data)
    with devices.scope():
        objective = start.objective({})
        step = TrainingStep(
            start.build_model(0.2, training_data.sample, objective), start.config, recipe, devices, objective
        )
    step.seed_dropout_per_replica()
    step.set_learning_rate(1e-3)
    times, tokens = [], []
    for batch in TrainingBatches(training_data, recipe.batch_tokens, 0).batches(1):
        started = time.perf_counter()
        _, learned = (float(value) for value in step.learn(*batch))
        times.append(time.perf_counter() - started)
        tokens.append(learned)
        if len(times) == options.warm_up + options.steps:
            break
    what = f"this trainer, {recipe.precision}, {describe(devices, step.teach)}"
    report(what, times[options.warm_up :], tokens[options.warm_up :])


def report(what: str, times: list[float], tokens: list[float]) -> None:
    """Print a line of the table."""
    speed = sum(tokens) / sum(times)
    print(f"{what}: {len(times)} steps, median {1000 * median(times):.1f} ms, ", end="")
    print(f"{sum(tokens) / len(tokens):,.0f} reply tokens each, {speed:,.0f} reply tokens/s", flush=True)


def main() -> None:
    """Measure both in turn."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("pairs", type=Path)
    parser.add_argument("--steps", type=int, default=100)
    parser.add_argument("--warm-up", type=int, default=20)
    parser.add_argument("--batch-tokens", type=int, default=4600, help="of both sides")
    parser.add_argument("--pytorch", type=Path, help="the reference's script")
    parser.add_argument("--pytorch-python", default=sys.executable, help="an interpreter that has torch")
    options = parser.parse_args()
    measure(options)
    if options.pytorch is not None:
        script = Path(__file__).with_name("pytorch_step.py")
        counts = ["--steps", str(options.steps), "--warm-up", str(options.warm_up)]
        subprocess.run([options.pytorch_python, script, options.pytorch, options.pairs, *counts], check=True)


if __name__ == "__main__":
    main()
