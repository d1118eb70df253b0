"""Options of the command line, made from the fields that configurations declare with `option`."""

import functools
import inspect
from collections.abc import Callable, Collection, Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any, Literal, NamedTuple

import typer

from chatbot.config.option_values import parse_duration, write_value
from chatbot.config.options import Form, Option, options_of
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


def with_options(parts: Mapping[str, Part], panels: Sequence[str] = ()) -> Callable[[_Command], _Command]:
    """Give a command options in the place of some of its parameters.

    Args:
        parts: By the names of the parameters, which are keyword ones.
        panels: Headings of the help page in its order; without any, that of the options.

    Returns:
        A decorator for the command. What Typer sees is a function with the options instead of the
        parameters.
    """
    options = [option for part in parts.values() for option in part.options]
    if panels:
        order = [None, *panels]
        options.sort(key=lambda option: order.index(option.annotation.__metadata__[0].rich_help_panel))

    def add(command: _Command) -> _Command:
        @functools.wraps(command)
        def with_values(**given: Any) -> None:
            values = {option.name: given.pop(option.name) for option in options}
            made = {
                name: part.build({option.name: values[option.name] for option in part.options})
                for name, part in parts.items()
            }
            command(**given, **made)

        signature = inspect.signature(command)
        others = [one for one in signature.parameters.values() if one.name not in parts]
        with_values.__signature__ = signature.replace(parameters=[*others, *options])  # type: ignore[attr-defined]  # what Typer reads
        return with_values

    return add


def as_option(name: str) -> str:
    """The option of a name as it is typed: `--top-p` of `top_p`."""
    return f"--{name.replace('_', '-')}"


def _parameter(option: Option, preset: bool) -> inspect.Parameter:
    written, default = _written_type(option), None if preset else _written_default(option)
    facts: dict[str, Any] = {}
    if option.form is Form.WORDS:
        facts |= {"exists": True, "dir_okay": False}
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
