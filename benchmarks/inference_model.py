"""Make an untrained bot of a given size whose every reply goes on until it is cut.

    python benchmarks/inference_model.py DIR

For `inference.py`, since how long a step takes does not depend on what the weights have learned.
The words are made up; the vocabulary has 8,000 pieces; EOS is so improbable that a reply ends at
`--max-tokens` alone. The architecture is the preset `large`, or with `--plain` the same without
attention and reading one way.
"""

import argparse
import time
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from made_up import make_sentences

from chatbot import bundle
from chatbot.config import EOS, PRESETS, ModelConfig
from chatbot.tokenizer import Tokenizer
from chatbot.training.backend import setup_backend

setup_backend()

from chatbot.training.export.litert_export import StepExport
from chatbot.training.models.encoder_decoder import build_training_model

_VOCABULARY = 8_000
_SENTENCES = 40_000


def make_bundle(place: Path, *, plain: bool, int8: bool) -> None:
    """Write the bundle."""
    tokenizer = Tokenizer.fit(list(make_sentences(_SENTENCES)), _VOCABULARY)
    architecture = PRESETS["large"]
    if plain:
        architecture = replace(architecture, attention="none", bidirectional=False)
    config = ModelConfig.of(architecture, tokenizer.vocabulary_size)
    model = build_training_model(config)
    bias = np.random.default_rng(0).normal(size=config.vocabulary_size).astype(np.float32)
    bias[EOS] = -1000
    model.get_layer("vocabulary_projection").bias.assign(bias)

    def fill(folder: Path) -> Mapping[str, Any]:
        (folder / bundle.TOKENIZER).write_bytes(tokenizer.model)
        (folder / bundle.HISTORY).write_bytes(b"")
        model.save(folder / bundle.KERAS_MODEL)
        StepExport(model, config).write(folder, int8=int8)
        return {}

    bundle.check_place(place)
    created = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
    bundle.write(place, config, {"created": created, "corpus": ["made-up words"]}, fill)


def main() -> None:
    """Read the options and make it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("place", type=Path, metavar="DIR")
    parser.add_argument("--plain", action="store_true")
    parser.add_argument("--float", action="store_true", help="float32 weights instead of int8")
    options = parser.parse_args()
    make_bundle(options.place, plain=options.plain, int8=not options.float)


if __name__ == "__main__":
    main()
