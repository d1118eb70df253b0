"""`chatbot corpus`: what a bot learns from, before it learns."""

import typer

from chatbot.cli.commands.corpus_check import check
from chatbot.cli.commands.corpus_import import import_
from chatbot.cli.options import examples
from chatbot.cli.options.command import Command, Group

corpus = typer.Typer(
    name="corpus",
    help="Check a corpus, or make one from conversations in another format.",
    no_args_is_help=True,
    cls=Group,
    epilog=examples.CORPUS,
    rich_markup_mode=None,
)
corpus.command(cls=Command, epilog=examples.CHECK, no_args_is_help=True)(check)
corpus.command("import", cls=Command, epilog=examples.IMPORT, no_args_is_help=True)(import_)
