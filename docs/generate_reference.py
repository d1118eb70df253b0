"""Pages of the reference that are made of the program itself: commands and settings.

`python docs/generate_reference.py` writes them; with `--check` it only says whether they are current.
"""

import re
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import typer.main

from chatbot.cli.app import app
from chatbot.cli.options import help_pages
from chatbot.cli.options.command_introspection import commands, kind_of, option_name, settable_options

FOLDER = Path(__file__).parent / "reference"
_MADE = "<!-- Made by docs/generate_reference.py: change the program, then run it. -->"
#: Values as the settings file has them, by the kinds of options.
_KINDS = {
    "int": "whole number",
    "float": "number",
    "bool": "`true` or `false`",
    "str": "text",
    "texts": "list of texts",
    "path": "path",
}
_SETTINGS = """\
Any option of any command can be set once, in the environment or in a file; see
[how to](../how-to/keep-settings.md). The key `max-tokens` of the file is `--max-tokens`: at the top for every command
that has it, in the table `[reply]` for `chatbot reply`. The variables are `CHATBOT_MAX_TOKENS` and
`CHATBOT_REPLY_MAX_TOKENS`. Meanings, defaults and ranges are on the page of the [commands](commands.md).
"""


def commands_page(program: Any) -> str:
    """The page of all commands, with their options and examples.

    Args:
        program: The program as Typer builds it.
    """
    root = typer.Context(program, info_name="chatbot")
    lines = [_MADE, "# Commands", "", _text(program.help), ""]
    lines += ["| Command | What it does |", "|---|---|"]
    for path, command in commands(program):
        name = f"chatbot {' '.join(path)}"
        lines.append(f"| [`{name}`](#{name.replace(' ', '-')}) | {_cell(command.get_short_help_str(200))} |")
    lines += ["", "## Options before the command", "", *_options(program.params, root)]
    for path, command in commands(program):
        lines += ["", *_section(root, path, command)]
    return "\n".join(lines) + "\n"


def settings_page(program: Any) -> str:
    """The page of the settings, with all keys.

    Args:
        program: The program as Typer builds it.
    """
    lines = [_MADE, "# Settings", "", _SETTINGS]
    lines += ["| Key | Value | Commands |", "|---|---|---|"]
    for name, (kinds, paths) in sorted(_keys(program).items()):
        values = " or ".join(dict.fromkeys(_KINDS[kind] for kind in kinds))
        lines.append(f"| `{name.replace('_', '-')}` | {values} | {', '.join(paths)} |")
    return "\n".join(lines) + "\n"


def _keys(program: Any) -> Mapping[str, tuple[list[str], list[str]]]:
    """The kinds of values and the commands of each key."""
    keys: dict[str, tuple[list[str], list[str]]] = {"home": (["path"], ["all"])}
    for path, command in commands(program):
        for param in settable_options(command):
            kinds, paths = keys.setdefault(option_name(param), ([], []))
            kinds.append(kind_of(param))
            paths.append(f"`{' '.join(path)}`")
    return keys


def _section(root: Any, path: Sequence[str], command: Any) -> Iterator[str]:
    """The heading, usage, description, options and examples of a command."""
    ctx = root
    for word in path:
        ctx = typer.Context(command, info_name=word, parent=ctx)
    yield f"## chatbot {' '.join(path)}"
    yield from ("", "```", " ".join(["chatbot", *path, *command.collect_usage_pieces(ctx)]), "```")
    yield from ("", _text(command.help), "")
    yield from _options(command.params, ctx)
    yield from ("", "```bash", command.epilog.strip(), "```")


def _options(params: Iterable[Any], ctx: Any) -> Iterator[str]:
    """A table for each group of parameters, in the order of the help page."""
    groups: dict[str, list[str]] = {"Arguments": [], "Options": []}
    for param in params:
        record = help_pages.record_of(param, ctx)
        if record is not None:
            usual = "Arguments" if param.param_type_name == "argument" else "Options"
            groups.setdefault(getattr(param, "rich_help_panel", None) or usual, []).append(option_row(*record))
    first = True
    for title, rows in groups.items():
        if rows:
            yield from () if first else ("",)
            yield from (f"| {title} | Meaning | Default | Values |", "|---|---|---|---|", *rows)
            first = False


def option_row(name: str, text: str) -> str:
    """The row of an option.

    Args:
        name: As it is typed, such as `--beam N`.
        text: Of the help page, with the default and the range in brackets behind it.
    """
    meaning, _, rest = text.removesuffix("]").rpartition("  [") if text.endswith("]") else (text, "", "")
    facts = [fact for fact in re.split(r"; ", rest) if fact]
    default = [fact.removeprefix("default: ") for fact in facts if fact.startswith("default: ") or fact == "required"]
    values = [fact for fact in facts if not fact.startswith("default: ") and fact != "required"]
    cells = [f"`{name}`".replace("|", r"\|"), *map(_cell, (meaning, "; ".join(default), "; ".join(values)))]
    return f"| {' | '.join(cells)} |"


def _text(text: str) -> str:
    """A docstring as paragraphs of one line each."""
    return "\n\n".join(_cell(part) for part in text.split("\n\n"))


def _cell(text: str) -> str:
    """A text on one line, with options and variables in back-ticks, and nothing else that Markdown would take."""
    coded = re.sub(r"`[^`]*`|(?<![\w-])--[a-z][a-z-]+|CHATBOT_\w+", _code, " ".join(text.split()))
    parts = re.split(r"(`[^`]*`)", coded)
    parts[::2] = [re.sub(r"([<|*_])", r"\\\1", part) for part in parts[::2]]
    parts[1::2] = [part.replace("|", r"\|") for part in parts[1::2]]
    return "".join(parts)


def _code(match: re.Match[str]) -> str:
    return match[0] if match[0].startswith("`") else f"`{match[0]}`"


def main() -> int:
    """Write the pages, or with `--check` report those that are not current; returns the exit code."""
    program = typer.main.get_command(app)
    stale = 0
    for name, page in (("commands.md", commands_page(program)), ("settings.md", settings_page(program))):
        file = FOLDER / name
        if sys.argv[1:] != ["--check"]:
            file.write_text(page, encoding="utf-8")
        elif not file.is_file() or file.read_text(encoding="utf-8") != page:
            print(f"{file} is not current; run: python docs/generate_reference.py")
            stale = 1
    return stale


if __name__ == "__main__":
    sys.exit(main())
