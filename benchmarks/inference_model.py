"""Make an untrained bot of a given size whose every reply goes on until it is cut.

    python benchmarks/inference_model.py DIR
    python benchmarks/inference_model.py DIR --architecture transformer

For `inference.py` and `architecture_speed.py`, since how long a step takes does not depend on what the weights have
learned.
The words are made up; the vocabulary has 8,000 pieces; EOS is so improbable that a reply ends at
`--max-tokens` alone. The shape is the preset `large`, with `--plain` the same without attention and reading one way,
or that of another architecture with as many parameters.
"""

import argparse
import time
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from architecture_corpora import equal_shapes_of
from made_up import make_sentences

from chatbot import bundle
from chatbot.config import EOS, ModelConfig
from chatbot.config.architectures import ARCHITECTURES
from chatbot.tokenizer import Tokenizer
from chatbot.training.backend import setup_backend

setup_backend()

from chatbot.training.export.litert_export import StepExport
from chatbot.training.models.encoder_decoder import build_training_model
from chatbot.training.models.keras_steps import KerasSteps

_VOCABULARY = 8_000
_SENTENCES = 40_000


def make_bundle(place: Path, architecture: str, *, plain: bool, int8: bool) -> None:
    """Write the bundle."""
    tokenizer = Tokenizer.fit(list(make_sentences(_SENTENCES)), _VOCABULARY)
    config: ModelConfig = equal_shapes_of("large", tokenizer.vocabulary_size, 0)[architecture]
    if plain:
        config = replace(config, attention="none", bidirectional=False)
    model = build_training_model(config)
    bias = np.random.default_rng(0).normal(size=config.vocabulary_size).astype(np.float32)
    bias[EOS] = -1000
    model.get_layer("vocabulary_projection").bias.assign(bias)

    def fill(folder: Path) -> Mapping[str, Any]:
        (folder / bundle.TOKENIZER).write_bytes(tokenizer.model)
        (folder / bundle.HISTORY).write_bytes(b"")
        model.save(folder / bundle.KERAS_MODEL)
        StepExport(KerasSteps(model, config), config).write(folder, int8=int8)
        return {}

    bundle.check_place(place)
    created = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
    bundle.write(place, config, {"created": created, "corpus": ["made-up words"]}, fill)


def main() -> None:
    """Read the options and make it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("place", type=Path, metavar="DIR")
    parser.add_argument("--architecture", choices=list(ARCHITECTURES), default="lstm")
    parser.add_argument("--plain", action="store_true")
    parser.add_argument("--float", action="store_true", help="float32 weights instead of int8")
    options = parser.parse_args()
    make_bundle(options.place, options.architecture, plain=options.plain, int8=not options.float)


if __name__ == "__main__":
    main()
