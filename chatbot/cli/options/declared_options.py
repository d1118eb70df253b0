"""Options of the command line, made from the fields that configurations declare with `option`."""

import functools
import inspect
from collections.abc import Callable, Collection, Sequence
from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from chatbot.config.option_values import write_value
from chatbot.config.options import Form, Option, options_of

_Command = Callable[..., None]


def parameters_of(kind: type, without: Collection[str] = (), preset: bool = False) -> list[inspect.Parameter]:
    """A parameter for Typer for each option of a configuration.

    Args:
        kind: The class of the configuration.
        without: Fields that mean nothing to the command.
        preset: Whether the defaults come from elsewhere, so that an option without a value is None.

    Returns:
        Parameters named by the options; two fields with one option share one.
    """
    options = {one.name: one for field, one in options_of(kind).items() if field not in without}
    return [_parameter(one, preset) for one in options.values()]


def with_options(
    name: str, options: Sequence[inspect.Parameter], build: Callable[[dict[str, Any]], Any]
) -> Callable[[_Command], _Command]:
    """Give a command options in the place of one of its parameters.

    Args:
        name: The parameter, which is a keyword one.
        options: From `parameters_of`.
        build: Makes the parameter's value of the options' values by name.

    Returns:
        A decorator for the command. What Typer sees is a function with the options instead of the
        parameter.
    """

    def add(command: _Command) -> _Command:
        @functools.wraps(command)
        def with_values(**given: Any) -> None:
            values = {option.name: given.pop(option.name) for option in options}
            command(**given, **{name: build(values)})

        signature = inspect.signature(command)
        others = [one for one in signature.parameters.values() if one.name != name]
        with_values.__signature__ = signature.replace(parameters=[*others, *options])  # type: ignore[attr-defined]  # what Typer reads
        return with_values

    return add


def as_option(name: str) -> str:
    """An option as it is typed: `--top-p` of `top_p`."""
    return f"--{name.replace('_', '-')}"


def _parameter(option: Option, preset: bool) -> inspect.Parameter:
    written, default = _written_type(option), None if preset else _written_default(option)
    facts: dict[str, Any] = {}
    if option.form is Form.WORDS:
        facts |= {"exists": True, "dir_okay": False}
    if option.complete is not None:
        facts["autocompletion"] = option.complete
    declaration = typer.Option(
        *_names(option, default),
        help=option.help,
        metavar=option.metavar,
        rich_help_panel=option.panel,
        min=option.lowest,
        max=option.highest,
        show_default=True if default is not None else option.unset or False,
        **facts,
    )
    annotation: Any = Annotated[written if default is not None else written | None, declaration]
    return inspect.Parameter(option.name, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=annotation)


def _names(option: Option, default: Any) -> tuple[str, ...]:
    """How the option is written, where that does not follow from its name."""
    if option.flag is not None:
        return (option.flag,)
    return (as_option(option.name),) if default is False else ()


def _written_type(option: Option) -> Any:
    """The type of the value that Typer reads."""
    if option.form is Form.WORDS:
        return Path
    if option.form is Form.DURATION:
        return str
    if option.choices:
        return Literal[option.choices]
    return next(one for one in option.types if one is not type(None))


def _written_default(option: Option) -> Any:
    if option.form is Form.WORDS:
        return None
    return write_value(option, option.default) if option.form is Form.DURATION else option.default
