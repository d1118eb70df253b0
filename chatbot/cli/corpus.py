"""`chatbot corpus`: what a bot learns from, before it learns."""

import typer

from chatbot.cli.corpus_check import check
from chatbot.cli.corpus_import import import_

corpus = typer.Typer(
    name="corpus",
    help="Check a corpus before training, or make one from conversations in another format.",
    no_args_is_help=True,
    rich_markup_mode="markdown",
)
corpus.command(no_args_is_help=True)(check)
corpus.command("import", no_args_is_help=True)(import_)
