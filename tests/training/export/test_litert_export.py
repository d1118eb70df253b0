import keras
import numpy as np
import pytest

from chatbot import bundle
from chatbot.config import ModelConfig
from chatbot.inference.litert_steps import LiteRTSteps
from chatbot.inference.tflite.tflite_verification import verify
from chatbot.training.export.litert_export import StepExport
from chatbot.training.models.encoder_decoder import build_training_model
from chatbot.training.models.keras_steps import KerasSteps


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
@pytest.mark.parametrize(
    "shape",
    [
        {"attention": "none"},
        {"attention": "dot", "layers": 2, "known_replies": 3},
        {"attention": "additive", "layers": 2, "bidirectional": True, "known_replies": 7},
    ],
)
def test_the_step_models_of_every_shape_hold_before_the_verification_of_what_answers(tmp_path, shape, int8):
    config = ModelConfig(vocabulary_size=300, embedding_size=8, units=8, **shape)
    export = StepExport(KerasSteps(build_training_model(config, 0.0), config), config)
    export.write(tmp_path, int8=int8)
    for file in tmp_path.glob("*.tflite"):
        verify(file.read_bytes())
