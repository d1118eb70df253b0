"""The welcome, the help pages and the version of the program."""

from typing import Annotated

import typer

from chatbot import __version__
from chatbot.cli.options.command import examples
from chatbot.cli.output.exit_codes_and_messages import exit_codes

_NO_BOT = """\
No bot has been trained yet. Train one on a file of pairs, a prompt, a tab and its reply a line:
    chatbot train {corpus}
Then talk to it:
    chatbot chat
`chatbot --help` lists all commands."""
_BOT = """\
{name} answers by default ({place}).
    chatbot chat             talk to it
    chatbot reply "hello"    get one reply
    chatbot list             see all bots; `chatbot use NAME` chooses another
`chatbot --help` lists all commands."""


def welcome(context: typer.Context) -> None:
    """Print what to do next, where the program's name is typed alone."""
    from chatbot.cli.options.effective_settings import settle_home

    with exit_codes():
        from chatbot import bundle

        settle_home(context)
        place = bundle.default_bundle()
        if place is None:
            print(_NO_BOT.format(corpus=bundle.suggest_corpus()))
        else:
            print(_BOT.format(name=bundle.printable(place.name), place=bundle.printable(place)))


@examples("""\
# the page of a command
chatbot help reply
chatbot help corpus check
""")
def help_(
    context: typer.Context,
    command: Annotated[
        list[str] | None, typer.Argument(metavar="COMMAND", help="The command, such as reply or corpus check.")
    ] = None,
) -> None:
    """Show the help page of a command, or of the program.

    Exit codes: 0 shown, 2 there is no such command, 130 interrupted.
    """
    from chatbot.cli.options.command_introspection import find_command

    with exit_codes():
        typer.echo(find_command(context.find_root(), command or []).get_help())


@examples("""\
# which version this is, for a report of what went wrong
chatbot version
""")
def version() -> None:
    """Show the version of the program.

    Exit codes: 0 shown, 2 wrong usage, 130 interrupted.
    """
    with exit_codes():
        print(f"chatbot {__version__}")
