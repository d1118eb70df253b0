"""The settings of a conversation, those of replies and of the fallback, by the names and texts that people type."""

import dataclasses

from chatbot.config import DecodingConfig, FallbackOptions
from chatbot.config.option_values import parse_value, write_value
from chatbot.config.options import Form, options_of, respell, spell
from chatbot.errors import ConfigError
from chatbot.text import excerpt, nearest_name

#: The configurations that have the settings.
Settings = DecodingConfig | FallbackOptions

_OPTIONS = {**options_of(DecodingConfig), **options_of(FallbackOptions)}
#: What can be set while a bot talks; how many replies are returned is no matter of a conversation.
NAMES = tuple(name for name in _OPTIONS if name != "n_best")


def find(typed: str) -> str:
    """The name of the setting that a person means.

    Args:
        typed: With hyphens or underscores, in any case.

    Raises:
        ConfigError: There is no such setting.
    """
    name = typed.lower().replace("-", "_")
    if name not in NAMES:
        near = nearest_name(name, NAMES)
        meant = f"did you mean {spell(near)}?" if near else f"they are {', '.join(map(spell, NAMES))}"
        raise ConfigError(f"no setting is called {excerpt(typed)}; {meant}")
    return name


def is_of_fallback(name: str) -> bool:
    """Whether a setting is one of `FallbackOptions`, and not of `DecodingConfig`.

    Args:
        name: One of `NAMES`.
    """
    return name in options_of(FallbackOptions)


def change(config: Settings, name: str, text: str) -> Settings:
    """The configuration with one setting changed.

    Args:
        config: As it is now, with this setting among its own.
        name: One of `NAMES`.
        text: The value as typed; for `ban_words` a file of words, one a line.

    Raises:
        ConfigError: It is no such value, is out of range, or contradicts other settings; the message
            names the settings as people type them.
    """
    return _replace(config, **{name: parse_value(options_of(type(config))[name], text)})


def restore(config: Settings, name: str) -> Settings:
    """The configuration with the default of one setting.

    Args:
        config: As it is now, with this setting among its own.
        name: One of `NAMES`.

    Raises:
        ConfigError: Other settings do nothing without this one.
    """
    return _replace(config, **{name: options_of(type(config))[name].default})


def show(config: Settings, name: str) -> str:
    """The value of a setting as a person would type it; words, which are in a file, one after the other.

    Args:
        config: As it is now, with this setting among its own.
        name: One of `NAMES`.
    """
    return write_value(options_of(type(config))[name], getattr(config, name))


def examples(name: str) -> tuple[str, ...]:
    """The values of a setting that are worth a try; none for a name that is no setting."""
    if name in NAMES and bool in _OPTIONS[name].types:
        return ("on", "off")
    return _OPTIONS[name].examples if name in NAMES else ()


def takes_file(name: str) -> bool:
    """Whether the value of the setting with a name is the content of a file."""
    return name in NAMES and _OPTIONS[name].form is Form.WORDS


def _replace(config: Settings, **changed: object) -> Settings:
    try:
        return dataclasses.replace(config, **changed)  # type: ignore[arg-type]  # `parse_value` saw to the types
    except ConfigError as error:
        raise ConfigError(respell(str(error), type(config))) from None
