"""`chatbot corpus`: the commands for corpora before training."""

import typer

from chatbot.cli.options.command import ProgramGroup
from chatbot.cli.options.lazy_commands import CommandRow

_EXAMPLES = """\
# a chat of your own, to a corpus, to a bot
chatbot corpus import _chat.txt -o chat.tsv --as "Your Name" --redact
chatbot corpus check chat.tsv
chatbot train chat.tsv
"""


class _CorpusGroup(ProgramGroup):
    """The group, with a row for each command."""

    ROWS = (
        CommandRow(
            "check",
            "chatbot.cli.commands.corpus_check:check",
            "Check a corpus before training on it.",
            no_args_is_help=True,
        ),
        CommandRow(
            "import",
            "chatbot.cli.commands.corpus_import:import_",
            "Make a corpus from conversations in another format.",
            no_args_is_help=True,
        ),
    )


corpus = typer.Typer(
    name="corpus",
    help="Check a corpus, or make one from conversations in another format.",
    no_args_is_help=True,
    cls=_CorpusGroup,
    epilog=_EXAMPLES,
    rich_markup_mode=None,
)
