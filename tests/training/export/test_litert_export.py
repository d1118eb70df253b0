import functools
import re

import keras
import numpy as np
import pytest
from ai_edge_litert.interpreter import Interpreter

from chatbot import bundle
from chatbot.config import ModelConfig
from chatbot.inference.litert.litert_steps import LiteRTSteps
from chatbot.inference.tflite.tflite_verification import verify
from chatbot.training.export.litert_export import StepExport
from chatbot.training.models.encoder_decoder import build_training_model
from chatbot.training.models.keras_steps import KerasSteps
from tests.conftest import ROOT


@functools.cache
def step_export(config):
    """The step models of an untrained model, traced once for both kinds of weights."""
    return StepExport(KerasSteps(build_training_model(config), config), config)


def first_logits(folder, config):
    steps = LiteRTSteps(config, bundle.step_files(folder, config))
    return steps.step(np.array([2], np.int32), steps.encode([[5, 6]]))[0]


def test_each_file_has_the_weights_of_the_moment_in_which_it_is_written(tmp_path):
    config = ModelConfig(vocabulary_size=400, embedding_size=16, units=16)
    keras.utils.set_random_seed(1)
    model = build_training_model(config)
    export = StepExport(KerasSteps(model, config), config)
    before, after, int8 = (tmp_path / name for name in ("before", "after", "int8"))
    for folder in (before, after, int8):
        folder.mkdir()
    export.write(before)
    model.get_layer("vocabulary_projection").bias.assign_add(np.ones(400, np.float32))
    export.write(after)
    export.write(int8, int8=True)
    old, new, rounded = (first_logits(folder, config) for folder in (before, after, int8))
    np.testing.assert_allclose(new, old + 1, atol=1e-5)
    np.testing.assert_allclose(rounded, new, atol=0.05)
    assert not np.array_equal(rounded, new)


@pytest.mark.parametrize("int8", [False, True])
def test_the_step_models_of_additive_attention_hold_before_the_verification_of_what_answers(tmp_path, int8):
    shape = {"attention": "additive", "layers": 2, "bidirectional": True, "known_replies": 7}
    config = ModelConfig(vocabulary_size=300, embedding_size=8, units=8, **shape)
    step_export(config).write(tmp_path, int8=int8)
    for file in tmp_path.glob("*.tflite"):
        verify(file.read_bytes())


PAGE = ROOT / "docs" / "reference" / "step-models.md"


def written_arrays(heading, sizes):
    """What the page says of files: {(file, "in" or "out", array): (shape, type)}, with 1 where any size will do."""
    section = PAGE.read_text(encoding="utf-8").split(f"## {heading}\n")[1].split("\n## ")[0]
    found, file = {}, ""
    for line in section.splitlines():
        if line.startswith("| ") and not line.startswith("| file"):
            names, directions, arrays, shape, _ = (cell.strip() for cell in line.strip("|").split("|"))
            file = names.strip("`") or file
            whole = tuple(sizes[size.strip()] for size in shape.split(","))
            for direction in directions.split(", "):
                for name in re.findall("`(.+?)`", arrays):
                    kind = np.int32 if name in {"token", "tokens", "position"} else np.float32
                    found[file, direction, name] = (whole, kind)
    return found


def exported_arrays(folder):
    """The same of the files in a folder."""
    found = {}
    for file in folder.glob("*.tflite"):
        runner = Interpreter(str(file)).get_signature_runner("serving_default")
        for direction, details in (("in", runner.get_input_details()), ("out", runner.get_output_details())):
            for name, detail in details.items():
                found[file.name, direction, name] = (tuple(map(int, detail["shape"])), detail["dtype"])
    return found


UNKNOWN = dict.fromkeys(["rows", "L", "C"], 1)


@pytest.mark.parametrize("int8", [False, True])
@pytest.mark.parametrize(
    ("heading", "shape", "sizes"),
    [
        (
            "Carried states",
            {"layers": 2, "bidirectional": True, "attention": "dot", "embedding_size": 8, "units": 64},
            {"U": 64, "U/2": 32},
        ),
        (
            "A cache of keys and values",
            {"architecture": "transformer", "layers": 3, "embedding_size": 64, "units": 64},
            {"U": 64, "U/H": 32, "2·B·H": 2 * 3 * 2},
        ),
    ],
)
def test_the_page_of_step_models_has_each_array_with_its_shape_and_type(tmp_path, heading, shape, sizes, int8):
    config = ModelConfig(vocabulary_size=300, known_replies=5, **shape)
    step_export(config).write(tmp_path, int8=int8)
    assert exported_arrays(tmp_path) == written_arrays(heading, {"V": 300, "K": 5, **UNKNOWN, **sizes})
