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
from chatbot.cli.options.effective_settings import commands, kind_of, option_name, settable_options

FOLDER = Path(__file__).parent / "reference"
_MADE = "<!-- Made by docs/generate_reference.py: change the program, then run it. -->"
#: Values as the settings file has them, by the kinds of options.
_KINDS = {
    "int": "whole number",
    "float": "number",
    "bool": "`true` or `false`",
    "str": "text",
    "path": "path",
}
_SETTINGS = """\
Any option of any command can be set once: in the environment, or in a file. What you type outranks the
environment, the environment outranks the file, and the file outranks the default. A setting for one command
outranks one for all commands.

## The environment

`CHATBOT_BEAM` is `--beam` of every command that has it, and `CHATBOT_REPLY_BEAM` that of `chatbot reply` alone.
An empty variable is not set. `chatbot config` reports variables that belong to no option.

```sh
export CHATBOT_BEAM=5
export CHATBOT_REPLY_CHECKPOINT=bots/help-desk
```

## The file

The file is TOML, of at most 32 KiB: `config.toml` in `~/.config/chatbot/` on Linux and in
`~/Library/Application Support/chatbot/` on macOS. `chatbot --config FILE` (or `CHATBOT_CONFIG`) reads another file,
`chatbot --no-config` (or `CHATBOT_NO_CONFIG=1`) reads none, and `chatbot config --path` prints where it is.

```toml
max-tokens = 60

[train]
max-time = "20m"
preset = "base"

[reply]
checkpoint = "bots/help-desk"

[corpus.import]
redact = true
```

A key is the long name of an option, with hyphens or underscores. At the top it is for every command that has the
option; in a table it is for the command of that name. Paths are relative to the folder of the file, except `-`, which
is standard output, and the bare name of a bundle for `checkpoint` and `init-from`. A `checkpoint` for all commands is
also the folder where `train` writes. `home`, at the top, is the folder for bots.

An unknown key and a value of the wrong type are errors that name the file, the table and the key. An error about an
option that nobody typed says where it is set.

## What is set

`chatbot config` shows the options that differ from their defaults, with the place of each; `chatbot config train` those
of one command. `--all` and `--json` include the defaults.

```
$ CHATBOT_SEED=7 chatbot --config settings.toml config train
file: settings.toml
home: ~/.local/share/chatbot

train
  max-time  20m   settings.toml: [train] max-time
  preset    base  settings.toml: [train] preset
  seed      7     CHATBOT_SEED
```

## All keys

The variable of a key is `CHATBOT_` and the key in capitals, with underscores. Meanings and ranges are on the page of
the [commands](commands.md).
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
