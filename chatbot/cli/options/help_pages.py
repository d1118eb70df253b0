"""Help pages: plain text that reads the same in a pipe, on a narrow terminal and aloud."""

import re
from collections.abc import Iterable, Sequence
from typing import Any

from chatbot.cli.output.table import bold

_ARGUMENTS, _OPTIONS = "Arguments", "Options"
#: A word for the value of an option, by the beginning of the name of its type.
_VALUES = {"int": "N", "float": "X", "path": "FILE", "text": "TEXT"}
#: Ranges and defaults as Typer writes them, and as people do.
_SPELLINGS = (
    (re.compile(r"(\S+)<=x<=9223372036854775807(?=[];])"), r"\1 or more"),
    (re.compile(r"(\S+)<=x<=(\S+?)(?=[];])"), r"\1 to \2"),
    (re.compile(r"x>=(\S+?)(?=[];])"), r"\1 or more"),
    (re.compile(r"x<=(\S+?)(?=[];])"), r"at most \1"),
    (re.compile(r"default: \((.*?)\)(?=[];])"), r"default: \1"),
)
#: Complaints about a number in the words of Typer, and in those of people.
_COMPLAINTS = (
    (re.compile(r" is not a valid int(?: range)?\."), " is not a whole number."),
    (re.compile(r" is not a valid float(?: range)?\."), " is not a number."),
    (re.compile(r" is not in the range ([^\s<>]+)<=x<=([^\s<>]+)\."), r" is not in the range \1 to \2."),
    (re.compile(r" is not in the range x>=([^\s<>]+)\."), r" is too small; it must be \1 or more."),
)


def name_values(params: Iterable[Any]) -> None:
    """Give each parameter that takes a value a word for it: `N`, `X`, `FILE`, `tiny|small`; `CORPUS...` for several.

    Args:
        params: Typer's parameters, of which those that have a word keep it.
    """
    for param in params:
        if getattr(param, "is_flag", False):
            continue
        if param.metavar is None:
            choices = getattr(param.type, "choices", None)
            words = (word for kind, word in _VALUES.items() if param.type.name.startswith(kind))
            param.metavar = "|".join(map(str, choices)) if choices else next(words, param.name.upper())
        if param.param_type_name == "argument" and param.nargs != 1 and not param.metavar.endswith("..."):
            param.metavar += "..."


def in_plain_words(complaint: str) -> str:
    """A complaint about a value in plain words, without the signs of programmers."""
    for written, said in _COMPLAINTS:
        complaint = written.sub(said, complaint)
    return complaint


def usage_of(argument: Any) -> str:
    """An argument as the usage line shows it: in brackets where it may be left out."""
    return str(argument.metavar if argument.required else f"[{argument.metavar}]")


def record_of(param: Any, ctx: Any) -> tuple[str, str] | None:
    """The name of a parameter and its text on the page; None for a hidden one.

    Args:
        param: One of Typer's parameters.
        ctx: The command's context.

    Returns:
        Such as `--beam N`, and the help with the default and the range in brackets behind it.
    """
    record = param.get_help_record(ctx)
    if record is None:
        return None
    name, text = record
    for written, spelled in _SPELLINGS:
        text = written.sub(spelled, text)
    return name, text


def write_options(params: Iterable[Any], ctx: Any, formatter: Any) -> None:
    """Write the parameters of a command: its arguments, its options, and the groups of its options.

    Args:
        params: Typer's parameters.
        ctx: The command's context.
        formatter: Click's `HelpFormatter`.
    """
    sections: dict[str, list[tuple[str, str]]] = {_ARGUMENTS: [], _OPTIONS: []}
    for param in params:
        record = record_of(param, ctx)
        if record is not None:
            usual = _ARGUMENTS if param.param_type_name == "argument" else _OPTIONS
            sections.setdefault(getattr(param, "rich_help_panel", None) or usual, []).append(record)
    for title, records in sections.items():
        write_list(title, records, formatter)


def write_examples(examples: str | None, formatter: Any) -> None:
    """Write lines for a shell as they are, so that they can be copied whole.

    Args:
        examples: The lines; None for none.
        formatter: Click's `HelpFormatter`.
    """
    if examples is None:
        return
    with formatter.section(bold("Examples")):
        for line in examples.splitlines():
            formatter.write(f"{'':{formatter.current_indent}}{line}".rstrip() + "\n")


def write_settings(command: Sequence[str], formatter: Any) -> None:
    """Say where the options of a command can be set.

    Args:
        command: The words that call it.
        formatter: Click's `HelpFormatter`.
    """
    name = "_".join(command).upper()
    with formatter.section(bold("Settings")):
        formatter.write_text(
            f"An option --some-name that is not given is taken from the variable CHATBOT_{name}_SOME_NAME, from"
            " CHATBOT_SOME_NAME, or from the configuration file; `chatbot config` shows what holds."
        )


def write_list(title: str, records: Sequence[tuple[str, str]], formatter: Any) -> None:
    """Write names and texts in two columns, if there are any.

    Args:
        title: Heading of the list.
        records: Names and texts.
        formatter: Click's `HelpFormatter`.
    """
    if records:
        with formatter.section(bold(title)):
            formatter.write_dl(records)
