"""Introspection of the program: its commands, their options, and the sources and kinds of their values."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import typer

from chatbot.cli.options.click_aliases import Context, Parameter
from chatbot.text import nearest_name

#: A command by the words that call it, such as `("corpus", "import")`; the program itself by none.
Words = tuple[str, ...]
#: The kinds of values that the options of each command take, by their names with underscores.
Interface = Mapping[Words, Mapping[str, str]]
#: The option of the program itself that may be set in the settings file.
HOME = "home"


def commands(root: Any, above: Words = ()) -> Iterator[tuple[Words, Any]]:
    """The commands of a program that are not groups, by the words that call them.

    Args:
        root: The program or a group of it.
        above: The words that call the group.
    """
    for name, command in root.commands.items():
        if hasattr(command, "commands"):
            yield from commands(command, (*above, name))
        else:
            yield (*above, name), command


def find_command(root: Context, words: Sequence[str]) -> Context:
    """The context of the command that words call; that of the program itself without any.

    Args:
        root: The context of the program.
        words: Such as `corpus check`, one by one.

    Raises:
        UsageError: There is no such command; the message has what may be meant.
    """
    ctx = root
    for number, word in enumerate(words):
        known = getattr(ctx.command, "commands", {})
        if word not in known:
            near = nearest_name(word, known)
            meant = f"; did you mean {' '.join([*words[:number], near])}?" if near else ""
            said = " ".join(words[: number + 1])
            raise typer.BadParameter(f"there is no command {said!r}{meant}", param_hint="COMMAND")
        ctx = typer.Context(known[word], info_name=word, parent=ctx)
    return ctx


def path_of(ctx: Context) -> Words:
    """The words that call the command of a context.

    Args:
        ctx: The context of Click.
    """
    return () if ctx.parent is None else (*path_of(ctx.parent), ctx.info_name)


def settable_options(command: Any) -> list[Parameter]:
    """The options of a command that may be set from elsewhere: all but those that end it at once."""
    return [one for one in command.params if one.param_type_name == "option" and not one.is_eager and one.expose_value]


def source_of(ctx: Context, name: str) -> str:
    """The source of the value of a parameter: `COMMANDLINE`, `ENVIRONMENT`, `DEFAULT_MAP` (the file) or `DEFAULT`.

    Args:
        ctx: The context of the command.
        name: Of the parameter, as the function of the command has it.
    """
    source = ctx.get_parameter_source(name)
    return "DEFAULT" if source is None else str(source.name)


def option_name(option: Parameter) -> str:
    """The long name of an option, with underscores: `max_tokens` of `--max-tokens`."""
    return str(max(option.opts, key=len)).lstrip("-").replace("-", "_")


def kind_of(option: Parameter) -> str:
    """The kind of an option's values, one of `settings_file`."""
    if hasattr(option.type, "dir_okay"):
        return "path"
    if getattr(option, "multiple", False):
        return "texts"
    return next((kind for kind in ("int", "float", "bool") if option.type.name.startswith(kind)), "str")


def interface(root: Any) -> Interface:
    """The options of each command of a program, and the kinds of their values.

    Args:
        root: The group of all commands.
    """
    options = {path: settable_options(command) for path, command in commands(root)}
    options[()] = [param for param in root.params if param.name == HOME]
    return {path: {option_name(one): kind_of(one) for one in those} for path, those in options.items()}
