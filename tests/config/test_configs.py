import json
import math

import pytest

from chatbot.config import PRESETS, DecodingConfig, ModelConfig, ModelShape, TrainingConfig, choose_preset, preset_of
from chatbot.errors import ConfigError


@pytest.mark.parametrize(
    "config",
    [
        ModelConfig(vocabulary_size=300),
        TrainingConfig(),
        TrainingConfig(epochs=3),
        DecodingConfig(9, ban_words=("a b", "c")),
    ],
)
def test_a_configuration_survives_json(config):
    assert type(config).from_json(json.loads(json.dumps(config.to_json()))) == config


def test_an_unknown_key_is_refused_by_name():
    with pytest.raises(ConfigError, match="unknown key 'beams'"):
        DecodingConfig.from_json({"max_tokens": 5, "beams": 3})


def test_a_missing_key_is_refused_by_name():
    with pytest.raises(ConfigError, match="missing key 'max_tokens'"):
        DecodingConfig.from_json({})


def test_a_training_that_was_saved_before_there_was_an_option_has_its_default():
    saved = TrainingConfig(seed=3).to_json()
    del saved["learning_rate"], saved["epochs"]
    assert TrainingConfig.from_json(saved) == TrainingConfig(seed=3)
    with pytest.raises(ConfigError, match="unknown key 'momentum'"):
        TrainingConfig.from_json(saved | {"momentum": 0.9})


@pytest.mark.parametrize("value", ["5", 5.0, None, True, [5]])
def test_a_value_of_another_type_is_refused(value):
    with pytest.raises(ConfigError, match="min_tokens is .* not int"):
        DecodingConfig.from_json(DecodingConfig().to_json() | {"min_tokens": value})


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
        (ModelShape, {"layers": 0}),
        (ModelShape, {"attention": "sharp"}),
        (ModelShape, {"bidirectional": True, "units": 7}),
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
    architecture = ModelShape(units=24, layers=2, attention="dot")
    config = ModelConfig.of(architecture, 300)
    assert (config.units, config.layers, config.attention, config.vocabulary_size) == (24, 2, "dot", 300)


def test_the_presets_grow():
    sizes = [preset.units for preset in PRESETS.values()]
    assert list(PRESETS) == ["tiny", "small", "base", "large"]
    assert sizes == sorted(sizes)


def test_each_preset_is_a_transformer_too():
    shapes = [preset_of(name, "transformer") for name in PRESETS]
    assert [shape.units for shape in shapes] == sorted(shape.units for shape in shapes)
    assert {shape.architecture for shape in shapes} == {"transformer"}
    assert preset_of("base") == PRESETS["base"]


@pytest.mark.parametrize("sizes", [{"bidirectional": True}, {"attention": "dot"}, {"units": 64}])
def test_a_transformer_of_recurrent_parts_is_refused(sizes):
    with pytest.raises(ConfigError, match="a transformer "):
        ModelShape(**{"architecture": "transformer", "units": 128, "embedding_size": 128, **sizes})


def test_a_large_corpus_gets_a_larger_model():
    assert PRESETS[choose_preset(500)].units < PRESETS[choose_preset(500_000)].units


@pytest.mark.parametrize("value", ["word", ["word", 3], None])
def test_what_is_no_list_of_words_is_refused(value):
    with pytest.raises(ConfigError, match="ban_words is .* not list of str"):
        DecodingConfig.from_json(DecodingConfig().to_json() | {"ban_words": value})


@pytest.mark.parametrize(
    ("settings", "names"),
    [
        ({"min_tokens": -1}, "min_tokens"),
        ({"min_tokens": 9, "max_tokens": 8}, "min_tokens .* max_tokens"),
        ({"beam": 0}, "beam"),
        ({"beam": 1001}, "beam"),
        ({"n_best": 0}, "n_best"),
        ({"n_best": 3, "beam": 2}, "n_best .* beam"),
        ({"length_penalty": -0.1, "beam": 2}, "length_penalty"),
        ({"temperature": -0.1}, "temperature"),
        ({"temperature": math.nan}, "temperature"),
        ({"temperature": math.inf}, "temperature"),
        ({"top_k": 0}, "top_k"),
        ({"top_p": 0.0}, "top_p"),
        ({"top_p": 1.1}, "top_p"),
        ({"min_p": -0.1}, "min_p"),
        ({"min_p": 1.1}, "min_p"),
        ({"seed": -1, "top_k": 1}, "seed"),
        ({"repetition_penalty": 0.0}, "repetition_penalty"),
        ({"no_repeat_ngram": -1}, "no_repeat_ngram"),
        ({"ban_words": ("a", " ")}, "ban_words"),
        ({"diversity": -0.1, "beam": 2}, "diversity"),
        ({"length_bonus": math.nan, "diversity": 1.0, "beam": 2}, "length_bonus"),
        ({"max_tokens": 10_001}, "max_tokens must be in 1..10,000"),
        ({"max_tokens": 10_000, "beam": 13}, "beam times max_tokens must be 128,000 at most"),
        ({"temperature": 9999.0}, "temperature must be in 0..100"),
        ({"repetition_penalty": 1e-50}, "repetition_penalty must be in 0.01..100"),
        ({"seed": 10**5000, "top_k": 1}, "seed"),
        ({"beam": 2, "temperature": 1.0, "top_k": 5}, "beam .* temperature and top_k"),
        ({"seed": 1}, "seed .* temperature"),
        ({"length_penalty": 1.0}, "length_penalty .* beam"),
        ({"diversity": 0.5}, "diversity .* beam"),
        ({"length_bonus": 0.5, "beam": 2}, "length_bonus .* diversity"),
    ],
)
def test_settings_out_of_range_or_against_each_other_are_refused_by_name(settings, names):
    with pytest.raises(ConfigError, match=names):
        DecodingConfig(**settings)


@pytest.mark.parametrize(
    ("settings", "samples"),
    [({}, False), ({"temperature": 0}, False), ({"temperature": 0, "top_k": 5, "seed": 1}, False)]
    + [({name: 1}, True) for name in ("temperature", "top_k", "top_p", "min_p")],
)
def test_a_reply_is_sampled_when_a_setting_of_sampling_is_given(settings, samples):
    assert DecodingConfig(**settings).samples is samples


def test_a_model_of_a_time_with_one_architecture_is_an_lstm_and_names_it_when_written_again():
    written = ModelConfig(vocabulary_size=300).to_json()
    del written["architecture"]
    assert ModelConfig.from_json(written).to_json()["architecture"] == "lstm"


def test_an_architecture_that_is_in_no_table_is_refused_with_those_that_are():
    with pytest.raises(ConfigError, match="architecture must be one of lstm, gru"):
        ModelConfig(vocabulary_size=300, architecture="perceptron")


def test_a_beam_for_alternatives_is_no_larger_than_memory_bears():
    alternatives = DecodingConfig(max_tokens=10_000, min_tokens=9_000, temperature=1.0).for_alternatives(100)
    assert (alternatives.beam, alternatives.max_tokens, alternatives.min_tokens) == (100, 1280, 1280)
    assert DecodingConfig().for_alternatives(1000).limit == 128
