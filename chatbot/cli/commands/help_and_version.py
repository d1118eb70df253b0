"""`chatbot help` and `chatbot version`: the page of a command, and the version of the program."""

from typing import Annotated

import typer

from chatbot import __version__
from chatbot.cli.options.command import examples
from chatbot.cli.output.exit_codes_and_messages import exit_codes


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
