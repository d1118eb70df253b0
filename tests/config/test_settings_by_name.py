import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatbot.config import DecodingConfig, FallbackOptions, settings_by_name
from chatbot.config.options import spell
from chatbot.errors import ConfigError
from tests.nasty import NASTY, texts


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("temperature", "0.7", 0.7),
        ("temperature", "none", None),
        ("top_k", "5", 5),
        ("max_tokens", "9", 9),
        ("max_tokens", "none", None),
        ("free", "on", True),
        ("vary", "OFF", False),
        ("repetition_penalty", "2", 2.0),
    ],
)
def test_a_text_becomes_the_value_it_stands_for(name, text, value):
    assert getattr(settings_by_name.change(DecodingConfig(), name, text), name) == value


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("top_k", "1.5", "top-k must be a whole number, not 1.5"),
        ("top_p", "much", "top-p must be a number, not much"),
        ("min_tokens", "none", "min-tokens must be a whole number, not none"),
        ("free", "1", "free must be on or off, not 1"),
        ("max_tokens", "0", "max-tokens must be in 1..10,000"),
        ("temperature", "nan", "temperature must be in 0..100"),
        ("seed", "1", "seed needs sampling: give one of temperature, top-k, top-p, min-p, vary too"),
        ("length_penalty", "1e300", "length-penalty must be in 0..10"),
    ],
)
def test_what_is_no_value_is_an_error_that_names_the_setting(name, text, message):
    with pytest.raises(ConfigError) as error:
        settings_by_name.change(DecodingConfig(), name, text)
    assert str(error.value) == message


def test_a_default_that_leaves_others_without_use_is_an_error_too():
    sampling = DecodingConfig(temperature=1, seed=2)
    with pytest.raises(ConfigError, match="^seed needs sampling"):
        settings_by_name.restore(sampling, "temperature")
    assert settings_by_name.restore(sampling, "seed") == DecodingConfig(temperature=1)


def defaults_with(name, **needs):
    """Defaults of the configuration that has a setting."""
    return FallbackOptions() if settings_by_name.is_of_fallback(name) else DecodingConfig(**needs)


@given(
    st.sampled_from([*settings_by_name.NAMES, *["ban_words"] * 5]),
    st.one_of(texts(8), st.integers().map(str), st.floats().map(str)),
)
def test_any_text_is_a_value_or_an_error_that_names_the_setting(name, text):
    said = ""
    try:
        changed = settings_by_name.change(defaults_with(name), name, text)
    except ConfigError as error:
        said = str(error)
    assert spell(name) in said or settings_by_name.change(defaults_with(name), name, text) == changed


@pytest.mark.parametrize("text", NASTY)
def test_what_is_said_of_a_value_is_one_short_line(text):
    for name in settings_by_name.NAMES:
        said = ""
        try:
            settings_by_name.change(defaults_with(name), name, text)
        except ConfigError as error:
            said = str(error)
        assert len(said) < 200
        assert said.isprintable()


@given(st.sampled_from(settings_by_name.NAMES), st.sampled_from((str.upper, str.lower, spell)))
def test_a_setting_is_found_however_it_is_spelled(name, spelling):
    assert settings_by_name.find(spelling(name)) == name
    assert settings_by_name.find(spell(spelling(name))) == name


def test_every_example_is_a_value():
    for name in settings_by_name.NAMES:
        needs = {"beam": 5} if name in ("length_penalty", "diversity", "length_bonus") else {}
        needs |= {"diversity": 0.5} if name == "length_bonus" else {"temperature": 1.0} if name == "seed" else {}
        for text in settings_by_name.examples(name):
            settings_by_name.change(defaults_with(name, **needs), name, text)
        assert bool(settings_by_name.examples(name)) != settings_by_name.takes_file(name)
