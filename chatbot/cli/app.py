"""The `chatbot` program and its commands."""

import re
import sys
from itertools import takewhile
from pathlib import Path
from typing import Annotated, Any

import typer

from chatbot.cli.commands.chat import chat
from chatbot.cli.commands.compare import compare
from chatbot.cli.commands.config import config
from chatbot.cli.commands.corpus import corpus
from chatbot.cli.commands.evaluate import evaluate
from chatbot.cli.commands.explain import explain
from chatbot.cli.commands.help import help_, version, welcome
from chatbot.cli.commands.info import info
from chatbot.cli.commands.list import list_
from chatbot.cli.commands.reply import reply
from chatbot.cli.commands.train import train
from chatbot.cli.commands.use_rename_rm import rename, rm, use
from chatbot.cli.options import command_tree, effective_settings
from chatbot.cli.options.click_types import UsageError
from chatbot.cli.options.command import ProgramGroup, add_command
from chatbot.cli.options.effective_settings import FILE_VARIABLE, NO_FILE_VARIABLE
from chatbot.cli.options.help_pages import in_plain_words
from chatbot.cli.output.exit_codes_and_messages import INTERRUPTED, USAGE, report, report_failure
from chatbot.cli.output.interrupt import end_on_signals, signalled_code
from chatbot.cli.output.standard_output import forget_odd_width, watch_stdout
from chatbot.cli.output.table import page_width
from chatbot.files import HOME_VARIABLE
from chatbot.text import excerpt

#: Typed words that no message need repeat.
_LONG = re.compile(r"\S{200,}")

_EXAMPLES = """\
# train on the shipped small talk, four minutes; then talk
chatbot train corpora/dialogs.tsv
chatbot chat

# one reply, and one for each line of a file
chatbot reply "how are you?"
chatbot reply < questions.txt > answers.txt

# which bots there are, and which one answers
chatbot list
chatbot use dialogs
"""

app = typer.Typer(
    name="chatbot",
    cls=ProgramGroup,
    invoke_without_command=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,  # Rich takes longer to load than the page may take to appear
    epilog=_EXAMPLES,
    context_settings={"help_option_names": ["--help", "-h"], "max_content_width": page_width()},
)


def _print_version(wanted: bool) -> None:
    if wanted:
        version()
        raise typer.Exit


@app.callback()
def chatbot(
    context: typer.Context,
    home: Annotated[
        Path | None,
        typer.Option(
            envvar=HOME_VARIABLE,
            show_envvar=True,
            metavar="DIR",
            help="Keep bots in this folder: new ones are written there, and bundles that are not under checkpoints/"
            " are looked for there.",
            show_default="look in the data folder of your account, write to checkpoints/",
        ),
    ] = None,
    config: Annotated[  # `chatbot.cli.options.effective_settings.settings_path` reads it from the context, as the next
        Path | None,
        typer.Option(
            envvar=FILE_VARIABLE,
            show_envvar=True,
            metavar="FILE",
            help="Read settings from this file.",
            show_default="config.toml in your configuration folder",
        ),
    ] = None,
    no_config: Annotated[
        bool,
        typer.Option("--no-config", envvar=NO_FILE_VARIABLE, show_envvar=True, help="Read no configuration file."),
    ] = False,
    version: Annotated[
        bool,
        typer.Option("--version", "-V", callback=_print_version, is_eager=True, help="Show the version and exit."),
    ] = False,
) -> None:
    """Train a chatbot on a file of dialogue pairs, then talk to it or script it.

    Everything stays on this computer. Every command has its own --help. Without a command, the program
    says which bot answers and what to do next.

    Exit codes: 0 done, 1 failure, 2 wrong usage, 130 interrupted.
    """
    if context.invoked_subcommand is None:
        welcome(context)


add_command(app, train, no_args_is_help=True)
add_command(app, chat)
add_command(app, reply)
add_command(app, compare, no_args_is_help=True)
add_command(app, evaluate, no_args_is_help=True)
add_command(app, explain, no_args_is_help=True)
app.add_typer(corpus)
add_command(app, list_, "list")
add_command(app, info)
add_command(app, use, no_args_is_help=True)
add_command(app, rename, no_args_is_help=True)
add_command(app, rm, no_args_is_help=True)
add_command(app, config)
add_command(app, help_, "help")
add_command(app, version)


def main() -> None:
    """Run the program; the console script `chatbot` and `python -m chatbot` come here."""
    try:
        end_on_signals()
        watch_stdout()
        forget_odd_width()
        code = _run()
        sys.stdout.flush()
    except Exception as error:  # the settings' errors, and what no command expected
        # After a signal the error is what a library made of it, in the middle of compiled code.
        code = signalled_code() or report(error, USAGE, as_json=_json_is_typed() or None)
    except KeyboardInterrupt:  # while the program was still loading
        code = INTERRUPTED
    sys.exit(signalled_code() or code)


def _run() -> int:
    """Run the program and return its exit code."""
    try:
        code: int | None = app(prog_name="chatbot", standalone_mode=False)
    except UsageError as error:
        error.message = _LONG.sub(lambda word: excerpt(word[0]), in_plain_words(error.message))
        if _json_is_typed() or _json_is_set(error.ctx):
            report_failure(error.format_message(), USAGE, as_json=True)
        else:
            error.show()
        return USAGE
    return code or 0


def _json_is_typed() -> bool:
    return "--json" in takewhile(lambda word: word != "--", sys.argv[1:])


def _json_is_set(ctx: Any) -> bool:
    """Whether the settings ask for JSON, of a command that can."""
    options = [] if ctx is None else command_tree.settable_options(ctx.command)
    return any(effective_settings.effective(ctx, option)[0] for option in options if option.name == "as_json")
