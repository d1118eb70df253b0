"""Options that choose a reply, shared by every command that answers."""

from collections.abc import Callable, Collection
from typing import Any

import typer

from chatbot.cli.options.click_types import UsageError
from chatbot.cli.options.declared_options import Part, as_option, parameters_of, with_options
from chatbot.config import DecodingConfig
from chatbot.config.option_values import read_words
from chatbot.config.options import Form, options_of, respell
from chatbot.errors import ConfigError


def decoding_options(without: Collection[str] = ()) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Give a command the options of a `DecodingConfig` in the place of its parameter `decoding`.

    Args:
        without: Fields that mean nothing to the command.

    Returns:
        A decorator for a function with a keyword parameter `decoding`. Values that the configuration
        refuses are usage errors that name the option.
    """
    return with_options({"decoding": Part(parameters_of(DecodingConfig, without), _configure)})


def _configure(values: dict[str, Any]) -> DecodingConfig:
    for one in options_of(DecodingConfig).values():
        if one.form is Form.WORDS:
            file = values.pop(one.name)
            try:
                values[one.field] = read_words(file) if file is not None else ()
            except ConfigError as error:
                raise typer.BadParameter(str(error), param_hint=as_option(one.name)) from None
    try:
        return DecodingConfig(**values)
    except ConfigError as error:
        raise UsageError(respell(str(error), DecodingConfig, as_option)) from None
