from importlib.metadata import version

import keras
import pytest

from chatbot.config import ModelConfig
from chatbot.training.distributed.replicas import Devices
from chatbot.training.models.encoder_decoder import build_training_model
from chatbot.training.models.fused_lstm import FusedLSTM, choose_lstm, is_tested
from chatbot.training.optimizer.training_step import TrainingStep
from chatbot.training.setup.recipe_choice import Recipe


def refuse(warning):
    raise AssertionError(warning)


def built_lstm():
    layer = keras.layers.LSTM(4, return_sequences=True, return_state=True)
    layer.build((None, None, 3))
    return layer


def test_the_version_that_runs_is_a_tested_one():
    assert is_tested(version("keras"))


@pytest.mark.parametrize("other", ["3.12.9", "3.16.0", "4.0.0", "2.15.0", "nightly"])
def test_any_other_version_is_not(other):
    assert not is_tested(other)


def test_with_a_tested_version_the_step_trains_on_the_fused_layer():
    layer = built_lstm()
    fused = choose_lstm("float32", refuse)(layer)
    assert isinstance(fused, FusedLSTM)
    assert fused.cell is layer.cell


def test_with_any_other_version_kerass_own_layer_stays_with_one_warning():
    warnings, layers = [], [built_lstm(), built_lstm()]
    choose = choose_lstm("bfloat16", warnings.append, version="3.99.1")
    assert [choose(layer) for layer in layers] == layers
    assert warnings == [
        "Keras 3.99.1 is not among the versions 3.13 to 3.15 that the faster LSTM is tested with; training uses Keras's"
        " own, which is slower"
    ]


def test_a_training_step_warns_of_nothing_here():
    shape = ModelConfig(vocabulary_size=20, embedding_size=8, units=8)
    recipe = Recipe(precision="float32")
    TrainingStep(build_training_model(shape), shape, recipe, Devices(), warn=refuse)
