"""Values of options as people write them: numbers, durations, files of words."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from chatbot.config.options import Form, Option, options_of, spell
from chatbot.errors import ChatbotError, ConfigError
from chatbot.files import parse_path
from chatbot.text import excerpt, normalize

#: What is typed for a value that is not set.
NOT_SET = "none"
_SWITCH = {"on": True, "true": True, "yes": True, "off": False, "false": False, "no": False}
_SECONDS = {"h": 3600.0, "m": 60.0, "s": 1.0}
_LONGEST = 10 * 365 * 24 * 3600.0
_DURATION = re.compile(r"(?:(\d+(?:\.\d+)?)h)?(?:(\d+(?:\.\d+)?)m)?(?:(\d+(?:\.\d+)?)s)?")


def parse_value(option: Option, text: str) -> Any:
    """The value of a field that a person writes.

    Args:
        option: Of the field.
        text: As typed; for `Form.WORDS` the path of a file.

    Returns:
        A value of the field's type, which may be out of range.

    Raises:
        ConfigError: It is no such value; the message names the option as people type it.
    """
    if text.lower() == NOT_SET and (option.default is None or option.form is Form.WORDS):
        return option.default
    try:
        if option.form is Form.WORDS:
            return read_words(parse_path(text))
        if option.form is Form.DURATION:
            return parse_duration(text)
    except ChatbotError as error:
        raise ConfigError(f"{spell(option.name)}: {error}") from None
    if bool in option.types:
        if text.lower() not in _SWITCH:
            raise ConfigError(f"{spell(option.name)} must be on or off, not {excerpt(text)}")
        return _SWITCH[text.lower()]
    if str in option.types and not option.choices:
        if not normalize(text):
            raise ConfigError(f"{spell(option.name)} must be a text, not {excerpt(text)!r}")
        return normalize(text)
    number = int if int in option.types else float
    try:
        return number(text)
    except ValueError:
        kind = "a whole number" if number is int else "a number"
        raise ConfigError(f"{spell(option.name)} must be {kind}, not {excerpt(text)}") from None


def write_value(option: Option, value: Any) -> str:
    """A value of a field as a person writes it; of words, the words with commas between them.

    Args:
        option: Of the field.
        value: Of the field.
    """
    if isinstance(value, tuple):
        return ", ".join(value) or NOT_SET
    if option.form is Form.DURATION:
        return write_duration(value)
    if isinstance(value, bool):
        return "on" if value else "off"
    return NOT_SET if value is None else str(value)


def read_values(kind: type, written: Mapping[str, Any]) -> dict[str, Any]:
    """The values of the fields of a configuration, from those of its options.

    Args:
        kind: The class of the configuration.
        written: Values by the names of the options, as the command line and JSON have them: numbers and switches as
            they are, everything else as texts. The fields of those that are missing are left out.

    Raises:
        ConfigError: One is no such value; the message has its name.
    """
    values = {}
    for field, one in options_of(kind).items():
        if one.name not in written:  # which means nothing to this command
            continue
        value = written[one.name]
        try:
            if isinstance(value, str) and one.form is Form.DURATION:
                value = parse_duration(value)
            elif value is not None and Path in one.types:
                value = parse_path(Path(value))
            elif one.form is Form.WORDS:
                value = () if value is None else read_words(Path(value))
            elif one.type == tuple[str, ...]:
                value = tuple(value or ())
        except ChatbotError as error:
            raise ConfigError(f"{one.name}: {error}") from None
        values[field] = value
    return values


def read_words(path: Path) -> tuple[str, ...]:
    """The words and phrases of a file, one a line.

    Args:
        path: The file.

    Raises:
        ConfigError: It cannot be read.
    """
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8"
        raise ConfigError(f"{excerpt(str(path), 150)}: cannot be read: {reason}") from None
    return tuple(filter(None, map(str.strip, lines)))


def parse_duration(text: str) -> float | None:
    """The seconds of a duration such as `90s`, `4m` or `1h30m`; None for `none`.

    Args:
        text: As typed.

    Raises:
        ConfigError: It is no duration, or zero.
    """
    if text == NOT_SET:
        return None
    match = _DURATION.fullmatch(text)
    parts = match.groups() if match else ()
    seconds = sum(float(part) * scale for part, scale in zip(parts, _SECONDS.values(), strict=False) if part)
    if not 0 < seconds <= _LONGEST:
        raise ConfigError(f"{text!r} is not a duration; write 90s, 4m, 1h30m or none")
    return seconds


def write_duration(seconds: float | None) -> str:
    """A duration in seconds as people write it, the inverse of `parse_duration`."""
    if seconds is None:
        return NOT_SET
    parts, rest = [], seconds
    for unit, scale in _SECONDS.items():
        count, rest = divmod(rest, scale) if unit != "s" else (rest, 0.0)
        if count:
            parts.append(f"{count:g}{unit}")
    return "".join(parts)
