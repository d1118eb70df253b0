"""`chatbot corpus`: the commands for corpora before training."""

import typer

from chatbot.cli.commands.corpus_check import check
from chatbot.cli.commands.corpus_import import import_
from chatbot.cli.options.command import ProgramGroup, add_command

_EXAMPLES = """\
# a chat of your own, to a corpus, to a bot
chatbot corpus import _chat.txt -o chat.tsv --as "Your Name" --redact
chatbot corpus check chat.tsv
chatbot train chat.tsv
"""

corpus = typer.Typer(
    name="corpus",
    help="Check a corpus, or make one from conversations in another format.",
    no_args_is_help=True,
    cls=ProgramGroup,
    epilog=_EXAMPLES,
    rich_markup_mode=None,
)
add_command(corpus, check, no_args_is_help=True)
add_command(corpus, import_, "import", no_args_is_help=True)
