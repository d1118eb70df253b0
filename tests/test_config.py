import json

import pytest

from chatbot.config import PRESETS, Architecture, DecodingConfig, ModelConfig, TrainingConfig, choose_preset
from chatbot.errors import ConfigError


@pytest.mark.parametrize(
    "config", [ModelConfig(vocabulary_size=300), TrainingConfig(), TrainingConfig(epochs=3), DecodingConfig(9)]
)
def test_a_configuration_survives_json(config):
    assert type(config).from_json(json.loads(json.dumps(config.to_json()))) == config


def test_an_unknown_key_is_refused_by_name():
    with pytest.raises(ConfigError, match="unknown key 'beam'"):
        DecodingConfig.from_json({"max_tokens": 5, "beam": 3})


def test_a_missing_key_is_refused_by_name():
    with pytest.raises(ConfigError, match="missing key 'max_tokens'"):
        DecodingConfig.from_json({})


@pytest.mark.parametrize("value", ["5", 5.0, None, True, [5]])
def test_a_value_of_another_type_is_refused(value):
    with pytest.raises(ConfigError, match="max_tokens is .* not int"):
        DecodingConfig.from_json({"max_tokens": value})


def test_a_whole_number_is_a_float_and_null_is_an_optional_value():
    values = TrainingConfig().to_json() | {"learning_rate": 1, "epochs": None}
    assert TrainingConfig.from_json(values).learning_rate == 1


@pytest.mark.parametrize("values", ["text", None, 3, ["max_tokens"]])
def test_what_is_no_object_is_refused(values):
    with pytest.raises(ConfigError, match="expected an object"):
        DecodingConfig.from_json(values)


@pytest.mark.parametrize(
    ("kind", "values"),
    [
        (DecodingConfig, {"max_tokens": 0}),
        (ModelConfig, {"vocabulary_size": 3}),
        (ModelConfig, {"vocabulary_size": 300, "units": 0}),
        (TrainingConfig, {"dropout": 1.0}),
        (Architecture, {"layers": 0}),
        (Architecture, {"attention": "sharp"}),
        (Architecture, {"bidirectional": True, "units": 7}),
        (TrainingConfig, {"precision": "float16"}),
        (TrainingConfig, {"valid_share": 1.0}),
        (TrainingConfig, {"max_seconds": 0.0}),
        (TrainingConfig, {"epochs": 0}),
    ],
)
def test_a_value_out_of_range_is_refused(kind, values):
    with pytest.raises(ConfigError, match=next(reversed(values))):
        kind(**values)


def test_an_architecture_and_a_vocabulary_make_a_model_config():
    architecture = Architecture(units=24, layers=2, attention="dot")
    config = ModelConfig.of(architecture, 300)
    assert (config.units, config.layers, config.attention, config.vocabulary_size) == (24, 2, "dot", 300)


def test_the_presets_grow():
    sizes = [preset.units for preset in PRESETS.values()]
    assert list(PRESETS) == ["tiny", "small", "base", "large"]
    assert sizes == sorted(sizes)


def test_a_large_corpus_gets_a_larger_model():
    assert PRESETS[choose_preset(500)].units < PRESETS[choose_preset(500_000)].units
