from importlib.metadata import version

import keras
import pytest

from chatbot.config import ModelConfig
from chatbot.training.distributed.replicas import Devices
from chatbot.training.models.architecture_layers import layers_of
from chatbot.training.models.encoder_decoder import build_training_model
from chatbot.training.models.fused_layer import is_tested
from chatbot.training.models.gru import FusedGRU
from chatbot.training.models.lstm import FusedLSTM
from chatbot.training.optimizer.training_step import TrainingStep
from chatbot.training.setup.recipe_choice import Recipe


def refuse(warning):
    raise AssertionError(warning)


LSTM, GRU = (ModelConfig(vocabulary_size=20, embedding_size=8, units=8, architecture=name) for name in ("lstm", "gru"))


def built(kind=keras.layers.LSTM):
    layer = kind(4, return_sequences=True, return_state=True)
    layer.build((None, None, 3))
    return layer


def test_the_version_that_runs_is_a_tested_one():
    assert is_tested(version("keras"))


@pytest.mark.parametrize("other", ["3.12.9", "3.16.0", "4.0.0", "2.15.0", "nightly"])
def test_any_other_version_is_not(other):
    assert not is_tested(other)


@pytest.mark.parametrize(
    ("shape", "kind", "expected"), [(LSTM, keras.layers.LSTM, FusedLSTM), (GRU, keras.layers.GRU, FusedGRU)]
)
def test_with_a_tested_version_the_step_trains_on_the_fused_layer(shape, kind, expected):
    layer = built(kind)
    fused = layers_of(shape).for_training("float32", refuse)(layer)
    assert isinstance(fused, expected)
    assert fused.cell is layer.cell


def test_layers_that_are_not_recurrent_stay():
    dense = keras.layers.Dense(4)
    assert layers_of(LSTM).for_training("float32", refuse)(dense) is dense


def test_with_any_other_version_kerass_own_layer_stays_with_one_warning():
    warnings, layers = [], [built(), built()]
    choose = layers_of(LSTM).for_training("bfloat16", warnings.append, version="3.99.1")
    assert [choose(layer) for layer in layers] == layers
    assert warnings == [
        "Keras 3.99.1 is not among the versions 3.13 to 3.15 that the faster LSTM is tested with; training uses Keras's"
        " own, which is slower"
    ]


@pytest.mark.parametrize("shape", [LSTM, GRU], ids=lambda shape: shape.architecture)
def test_a_training_step_warns_of_nothing_here(shape):
    recipe = Recipe(precision="float32")
    TrainingStep(build_training_model(shape), shape, recipe, Devices(), warn=refuse)
