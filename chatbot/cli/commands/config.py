"""`chatbot config`: the effective settings, and where each comes from."""

from collections.abc import Mapping
from enum import Enum
from pathlib import Path
from typing import Annotated, Any

import typer

from chatbot.cli.options import command_introspection, effective_settings
from chatbot.cli.options.command import examples
from chatbot.cli.options.command_introspection import Words
from chatbot.cli.output.exit_codes_and_messages import exit_codes, print_note
from chatbot.cli.output.json_output import write_json
from chatbot.text import from_home, visible

_Rows = Mapping[str, Mapping[str, Any]]


def _print_path(context: typer.Context, wanted: bool) -> None:
    if wanted:  # before the file is read, which may be in need of mending
        typer.echo(effective_settings.settings_path(context.find_root()) or "")
        raise typer.Exit


@examples("""\
# what you have set, and every option of one command
chatbot config
chatbot config reply --all

# the configuration file, in your editor
${EDITOR:-vi} "$(chatbot config --path)"

# one run as if nothing were set in the file
chatbot --no-config reply "hello"
""")
def config(
    context: typer.Context,
    command: Annotated[
        list[str] | None, typer.Argument(metavar="COMMAND", help="Of this command only, such as reply or corpus check.")
    ] = None,
    all_: Annotated[
        bool, typer.Option("--all", help="Show every option, also those that have their defaults.")
    ] = False,
    as_json: Annotated[
        bool, typer.Option("--json", help="Write one JSON object, with every option, instead of tables.")
    ] = False,
    _path: Annotated[
        bool,
        typer.Option(
            "--path",
            callback=_print_path,
            is_eager=True,
            help="Write only where the configuration file is, or would be, and exit.",
        ),
    ] = False,
) -> None:
    """Show the effective settings and where each one comes from.

    Without --all, only those that differ from the defaults. What is typed outranks the environment,
    which outranks the configuration file, which outranks the defaults. CHATBOT_REPLY_BEAM is the
    variable of --beam for `chatbot reply`, CHATBOT_BEAM that for every command; in the file, the key
    beam is in the table [reply], or at the top. A setting for one command outranks one for all.
    Variables that belong to no option are reported on standard error.

    Exit codes: 0 shown, 1 failure, 2 wrong usage or a setting that is refused, 130 interrupted.
    """
    root = context.find_root()
    chosen = _choose(root, tuple(command or ()))
    place = effective_settings.settings_path(root)
    exists = effective_settings.settings_file(context) is not None
    held = {name: _held(root, name, one) for name, one in chosen.items()}
    with exit_codes(as_json):
        home = _home(root)
        if as_json:
            file = None if place is None else {"path": str(place), "exists": exists}
            by_command = {" ".join(name): rows for name, rows in held.items()}
            write_json({"file": file, "home": home, "commands": by_command}, indent=2)
        else:
            _print_head(place, exists, home)
            shown = held if all_ else {name: _changed(rows) for name, rows in held.items()}
            _print_tables({name: rows for name, rows in shown.items() if rows}, chosen)
        for name in effective_settings.unknown_variables(root.command):
            print_note(f"{name} is set, but no option has this variable")


def _choose(root: Any, wanted: Words) -> dict[Words, Any]:
    """The commands whose options are asked for, by the words that call them.

    Raises:
        UsageError: There is no such command.
    """
    chosen = {name: one for name, one in command_introspection.commands(root.command) if name[: len(wanted)] == wanted}
    if not chosen:
        command_introspection.find_command(root, wanted)  # which raises, with what may be meant
    return chosen


def _home(root: Any) -> dict[str, Any]:
    """The home for bots, with where it comes from."""
    from chatbot import bundle

    chosen, origin = effective_settings.home_of(root)
    home = bundle.home() if chosen is None else chosen
    return {"value": None if home is None else str(home), "place": origin}


def _held(root: Any, path: Words, command: Any) -> dict[str, dict[str, Any]]:
    """Value, source and place of each option of a command, by its name."""
    ctx = root
    for name in path:
        ctx = typer.Context(command, info_name=name, parent=ctx)
    effective_settings.connect(ctx)
    rows = {}
    for option in command_introspection.settable_options(command):
        value, source, place = effective_settings.effective(ctx, option)
        rows[command_introspection.option_name(option)] = {"value": _plain(value), "source": source, "place": place}
    return rows


def _words(command: Any) -> dict[str, str]:
    """The defaults of options without a value in words, by name, as the help page has them."""
    options = command_introspection.settable_options(command)
    return {
        command_introspection.option_name(one): one.show_default for one in options if isinstance(one.show_default, str)
    }


def _changed(rows: _Rows) -> _Rows:
    return {name: row for name, row in rows.items() if row["source"] != "default"}


def _plain(value: Any) -> Any:
    """A value as JSON has it."""
    if isinstance(value, Enum):
        return value.value
    return str(value) if isinstance(value, Path) else value


def _print_head(file: Path | None, exists: bool, home: Mapping[str, Any]) -> None:
    place = "none" if file is None else from_home(file)
    print(f"file: {visible(place)}" + ("" if exists or file is None else " (not there)"))
    origin = "" if home["place"] is None else f" ({from_home(home['place'])})"
    print(visible(f"home: {from_home(home['value'] or 'none')}{origin}"))


def _print_tables(held: Mapping[Words, _Rows], commands_by_name: Mapping[Words, Any]) -> None:
    if not held:
        print("\nEvery option has its default; --all shows them.")
        return
    width = max(len(name) for rows in held.values() for name in rows)
    for path, rows in held.items():
        print(f"\n{' '.join(path)}")
        words = _words(commands_by_name[path])
        shown = {name: visible(_shown(row["value"], words.get(name, "none"))) for name, row in rows.items()}
        column = max(map(len, shown.values()))
        for name, row in rows.items():
            origin = from_home(row["place"] or row["source"])
            print(f"  {name.replace('_', '-'):<{width}}  {shown[name]:<{column}}  {visible(origin)}")


def _shown(value: Any, without: str) -> str:
    if value is None:
        return without
    return str(value).lower() if isinstance(value, bool) else str(value)
