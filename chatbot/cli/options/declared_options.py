"""Options of the command line, made from the fields that configurations declare with `option`."""

import dataclasses
import functools
import inspect
from collections.abc import Callable, Collection, Sequence
from pathlib import Path
from typing import Annotated, Any, Literal, NamedTuple

import typer

from chatbot.cli.options.click_aliases import UsageError
from chatbot.config.option_values import parse_duration, read_values, write_value
from chatbot.config.options import Form, Option, options_of, respell
from chatbot.errors import ConfigError

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


class Part(NamedTuple):
    """A parameter of a command, made of the values of options.

    Attributes:
        options: From `parameters_of`.
        build: Makes the parameter's value of the options' values by name.
    """

    options: Sequence[inspect.Parameter]
    build: Callable[[dict[str, Any]], Any]


def part_of(kind: type, without: Collection[str] = ()) -> Part:
    """A parameter that is a configuration, made of the values of its options.

    Args:
        kind: The class of the configuration.
        without: Fields that mean nothing to the command.

    Returns:
        The part. Values that the configuration refuses are usage errors that name the option.
    """
    return Part(parameters_of(kind, without), functools.partial(_configure, kind))


def _configure(kind: type, written: dict[str, Any]) -> Any:
    try:
        values = read_values(kind, written)
    except ConfigError as error:
        name, _, message = str(error).partition(": ")
        raise typer.BadParameter(message, param_hint=as_option(name)) from None
    try:
        return kind(**values)
    except ConfigError as error:
        raise UsageError(respell(str(error), kind, as_option)) from None


def with_options(panels: Sequence[str] = (), **parts: Part) -> Callable[[_Command], _Command]:
    """Give a command options in the place of some of its parameters.

    Args:
        panels: Headings of the help page in its order; without any, that of the options.
        parts: By the names of the parameters, which are keyword ones.

    Returns:
        A decorator for the command. What Typer sees is a function with the options in the places of the
        parameters.
    """
    order = [None, *panels]

    def add(command: _Command) -> _Command:
        @functools.wraps(command)
        def with_values(**given: Any) -> None:
            values = {name: {one.name: given.pop(one.name) for one in part.options} for name, part in parts.items()}
            command(**given, **{name: part.build(values[name]) for name, part in parts.items()})

        signature = inspect.signature(command)
        parameters = [
            option
            for one in signature.parameters.values()
            for option in (parts[one.name].options if one.name in parts else [one])
        ]
        if panels:
            parameters.sort(key=lambda parameter: order.index(_panel(parameter)))
        with_values.__signature__ = signature.replace(parameters=parameters)  # type: ignore[attr-defined]  # what Typer reads
        return with_values

    return add


def _panel(parameter: inspect.Parameter) -> str | None:
    """The heading of the help page that lists a parameter; None for the first one."""
    declared = getattr(parameter.annotation, "__metadata__", [None])
    return getattr(declared[0], "rich_help_panel", None)


def as_option(name: str) -> str:
    """The option of a name as it is typed: `--top-p` of `top_p`."""
    return f"--{name.replace('_', '-')}"


def _parameter(option: Option, preset: bool) -> inspect.Parameter:
    written, default = _written_type(option), None if preset else _written_default(option)
    facts: dict[str, Any] = {}
    if option.form in {Form.WORDS, Form.FILE}:
        facts |= {"exists": option.form is Form.WORDS, "dir_okay": False}
    if option.form is Form.DURATION:
        facts["parser"] = _duration
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


def _duration(text: str) -> str:
    """The text of a duration, which the command reads once more.

    Raises:
        BadParameter: It is none.
    """
    try:
        parse_duration(text)
    except ConfigError as error:
        raise typer.BadParameter(str(error)) from None
    return text


def _names(option: Option, default: Any) -> tuple[str, ...]:
    """The spelling of the option, where that does not follow from its name."""
    if option.flags:
        return option.flags
    return (as_option(option.name),) if default is False else ()


def _written_type(option: Option) -> Any:
    """The type of the value that Typer reads."""
    if option.form is Form.WORDS:
        return Path
    if option.form is Form.DURATION:
        return str
    if option.choices:
        return Literal[tuple(option.choices)]
    if option.type == tuple[str, ...]:
        return list[str]
    return next(one for one in option.types if one is not type(None))


def _written_default(option: Option) -> Any:
    if option.default is dataclasses.MISSING:
        return inspect.Parameter.empty
    if option.type == tuple[str, ...]:
        return None
    return write_value(option, option.default) if option.form is Form.DURATION else option.default
