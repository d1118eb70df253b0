"""The `chatbot` program and its commands."""

import sys
from typing import Annotated

import typer

from chatbot import __version__
from chatbot.cli.chat import chat
from chatbot.cli.compare import compare
from chatbot.cli.corpus import corpus
from chatbot.cli.evaluate import evaluate
from chatbot.cli.reply import reply
from chatbot.cli.train import train

app = typer.Typer(
    name="chatbot",
    help="Train a chatbot on a file of dialogue pairs, then talk to it or script it.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode="markdown",
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _print_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"chatbot {__version__}")
        raise typer.Exit


@app.callback()
def chatbot(
    version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version and leave.")
    ] = False,
) -> None:
    """Train a chatbot on a file of dialogue pairs, then talk to it or script it.

    Everything stays on this computer. Begin with:  chatbot train corpora/dialogs.tsv
    """


app.command(no_args_is_help=True)(train)
app.command()(chat)
app.command()(reply)
app.command(no_args_is_help=True)(compare)
app.command(no_args_is_help=True)(evaluate)
app.add_typer(corpus)


def main() -> None:
    """Run the program; the console script `chatbot` and `python -m chatbot` come here."""
    try:
        app()
    except KeyboardInterrupt:  # while the program was still loading
        sys.exit(130)
