"""`chatbot config`: which settings hold, and where each comes from."""

import os
from enum import Enum
from pathlib import Path
from typing import Annotated, Any

import typer

from chatbot.cli import command as commands
from chatbot.cli.config_file import Words
from chatbot.cli.exits import exit_codes, tell, write_json


def _print_path(context: typer.Context, wanted: bool) -> None:
    if wanted:  # before the file is read, which may be in need of mending
        typer.echo(commands.config_file(context.find_root()) or "")
        raise typer.Exit


def config(
    context: typer.Context,
    command: Annotated[
        list[str] | None, typer.Argument(metavar="COMMAND", help="Of this command only, such as reply or corpus check.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Write one JSON object instead of tables.")] = False,
    _path: Annotated[
        bool,
        typer.Option(
            "--path",
            callback=_print_path,
            is_eager=True,
            help="Write only where the configuration file is, or would be, and leave.",
        ),
    ] = False,
) -> None:
    """Show the options that hold when nothing is typed, and where each comes from.

    What is typed outranks the environment, which outranks the configuration file, which outranks
    the defaults. CHATBOT_REPLY_BEAM is the variable of --beam for `chatbot reply`, CHATBOT_BEAM
    that for every command; in the file, the key beam stands in the table [reply], or at the top.
    What is said for one command outranks what is said for all. Variables that no option has are
    named on standard error.

    Exit codes: 0 shown, 1 failure, 2 wrong usage or a setting that is refused, 130 interrupted.
    """
    root = context.find_root()
    wanted = tuple(command or ())
    chosen = {name: one for name, one in commands.commands(root.command) if name[: len(wanted)] == wanted}
    if not chosen:
        raise typer.BadParameter(f"there is no command {' '.join(wanted)!r}", param_hint="COMMAND")
    place = commands.config_file(root)
    known = commands.settings_of(context)
    held = {name: _held(root, name, one) for name, one in chosen.items()}
    with exit_codes(as_json):
        if as_json:
            file = None if place is None else {"path": str(place), "exists": known.file is not None}
            write_json({"file": file, "commands": {" ".join(name): rows for name, rows in held.items()}}, indent=2)
        else:
            _print_tables(place, known.file is not None, held)
        for name in known.unknown_variables(commands.interface(root.command)):
            tell(f"{name} is set, but no option has this variable")


def _held(root: Any, path: Words, command: Any) -> dict[str, dict[str, Any]]:
    """Value, source and place of each option of a command, by its name."""
    ctx = root
    for name in path:
        ctx = typer.Context(command, info_name=name, parent=ctx)
    rows = {}
    for option in commands.settable_options(command):
        value, setting = commands.effective(ctx, option)
        source, place = ("default", None) if setting is None else (setting.source, setting.place)
        rows[commands.option_name(option)] = {"value": _plain(value), "source": source, "place": place}
    return rows


def _plain(value: Any) -> Any:
    """A value as JSON has it."""
    if isinstance(value, Enum):
        return value.value
    return str(value) if isinstance(value, Path) else value


def _print_tables(file: Path | None, exists: bool, held: dict[Words, dict[str, dict[str, Any]]]) -> None:
    place = "none" if file is None else _from_home(str(file))
    print(f"file: {place}" + ("" if exists or file is None else " (not there)"))
    width = max(len(name) for rows in held.values() for name in rows)
    for path, rows in held.items():
        print(f"\n{' '.join(path)}")
        shown = {name: _shown(row["value"]) for name, row in rows.items()}
        column = max(map(len, shown.values()))
        for name, row in rows.items():
            origin = _from_home(row["place"] or row["source"])
            print(f"  {name.replace('_', '-'):<{width}}  {shown[name]:<{column}}  {origin}")


def _from_home(place: str) -> str:
    """A path as short as people write it."""
    home = os.path.expanduser("~")
    return f"~{place[len(home) :]}" if place.startswith(f"{home}{os.sep}") else place


def _shown(value: Any) -> str:
    if value is None:
        return "-"
    return str(value).lower() if isinstance(value, bool) else str(value)
