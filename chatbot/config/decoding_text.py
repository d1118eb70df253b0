"""The settings of a `DecodingConfig` by the names and texts that people type."""

import dataclasses
import re
import types
import typing
from collections.abc import Callable
from pathlib import Path

from chatbot.config import DecodingConfig
from chatbot.errors import ChatbotError, ConfigError
from chatbot.files import parse_path
from chatbot.text import excerpt, nearest_name

#: What can be set while a bot talks; how many replies are returned is no matter of a conversation.
NAMES = tuple(field.name for field in dataclasses.fields(DecodingConfig) if field.name != "n_best")
#: Values worth a try, offered where a person asks what to type.
EXAMPLES = {
    "max_tokens": ("32", "128"),
    "min_tokens": ("0", "5"),
    "beam": ("1", "5", "10"),
    "length_penalty": ("0", "0.6", "1"),
    "temperature": ("0.5", "0.7", "1"),
    "top_k": ("10", "40"),
    "top_p": ("0.9", "0.95"),
    "min_p": ("0.05", "0.1"),
    "seed": ("0", "1"),
    "repetition_penalty": ("1", "1.2"),
    "no_repeat_ngram": ("0", "3"),
    "diversity": ("0", "0.7"),
    "length_bonus": ("0", "0.3"),
}
_NOT_SET = "none"


def spell(name: str) -> str:
    """A setting as people type it: `top-p`."""
    return name.replace("_", "-")


def find(typed: str) -> str:
    """The setting that a person names, with hyphens or underscores, in any case.

    Raises:
        ConfigError: There is no such setting.
    """
    name = typed.lower().replace("-", "_")
    if name not in NAMES:
        near = nearest_name(name, NAMES)
        meant = f"did you mean {spell(near)}?" if near else f"they are {', '.join(map(spell, NAMES))}"
        raise ConfigError(f"no setting is called {excerpt(typed)}; {meant}")
    return name


def change(config: DecodingConfig, name: str, text: str) -> DecodingConfig:
    """The configuration with one setting changed.

    Args:
        config: As it is now.
        name: One of `NAMES`.
        text: The value as typed; for `ban_words` a file of words, one a line.

    Raises:
        ConfigError: It is no such value, is out of range, or contradicts other settings; the message
            names the settings as people type them.
    """
    return _replace(config, **{name: _parse(name, text)})


def restore(config: DecodingConfig, name: str) -> DecodingConfig:
    """The configuration with the default of one setting.

    Raises:
        ConfigError: Other settings do nothing without this one.
    """
    return _replace(config, **{name: getattr(DecodingConfig, name)})


def show(config: DecodingConfig, name: str) -> str:
    """The value of a setting as a person would type it; words, which stand in a file, one after the other."""
    value = getattr(config, name)
    if isinstance(value, tuple):
        return ", ".join(value) or _NOT_SET
    return _NOT_SET if value is None else str(value)


def respell(message: str, spelling: Callable[[str], str] = spell) -> str:
    """A message of `DecodingConfig` with its settings as people know them.

    Args:
        message: Of a `ConfigError`.
        spelling: How people write a setting.
    """
    known = {field.name for field in dataclasses.fields(DecodingConfig)}
    text = message.removeprefix(f"{DecodingConfig.__name__}: ")
    return re.sub(r"\w+", lambda word: spelling(word[0]) if word[0] in known else word[0], text)


def read_words(path: Path) -> tuple[str, ...]:
    """The words and phrases of a file, one a line.

    Raises:
        ConfigError: It cannot be read.
    """
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8"
        raise ConfigError(f"{excerpt(str(path), 150)}: cannot be read: {reason}") from None
    return tuple(filter(None, map(str.strip, lines)))


def _replace(config: DecodingConfig, **changed: object) -> DecodingConfig:
    try:
        return dataclasses.replace(config, **changed)  # type: ignore[arg-type]  # `_parse` saw to the types
    except ConfigError as error:
        raise ConfigError(respell(str(error))) from None


def _parse(name: str, text: str) -> object:
    declared = typing.get_type_hints(DecodingConfig)[name]
    kinds = typing.get_args(declared) or (declared,)
    if text.lower() == _NOT_SET and (types.NoneType in kinds or name == "ban_words"):
        return getattr(DecodingConfig, name)
    if name == "ban_words":
        try:
            return read_words(parse_path(text))
        except ChatbotError as error:
            raise ConfigError(f"{spell(name)}: {error}") from None
    try:
        return int(text) if int in kinds else float(text)
    except ValueError:
        kind = "a whole number" if int in kinds else "a number"
        raise ConfigError(f"{spell(name)} must be {kind}, not {excerpt(text)}") from None
