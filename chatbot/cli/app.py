"""The `chatbot` program and its commands."""

import gc
import re
import sys
from itertools import takewhile
from pathlib import Path
from typing import Annotated, Any

import typer

from chatbot.cli.options import command_introspection, effective_settings
from chatbot.cli.options.click_aliases import UsageError
from chatbot.cli.options.command import ProgramGroup
from chatbot.cli.options.effective_settings import FILE_VARIABLE, NO_FILE_VARIABLE
from chatbot.cli.options.help_pages import in_plain_words
from chatbot.cli.options.lazy_commands import CommandRow
from chatbot.cli.output.exit_codes_and_messages import INTERRUPTED, USAGE, report, report_failure
from chatbot.cli.output.interrupt import end_on_signals, signalled_code
from chatbot.cli.output.stdout_errors import watch_stdout
from chatbot.cli.output.table import forget_odd_width, page_width
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


class _Program(ProgramGroup):
    """The program, with a row for each command in the order of its help page."""

    ROWS = (
        CommandRow(
            "train", "chatbot.cli.commands.train:train", "Train a bot on files of dialogue pairs.", no_args_is_help=True
        ),
        CommandRow("chat", "chatbot.cli.commands.chat:chat", "Talk to the bot."),
        CommandRow("reply", "chatbot.cli.commands.reply:reply", "Answer one prompt, or each line of standard input."),
        CommandRow("serve", "chatbot.cli.commands.serve:serve", "Answer over HTTP, as OpenAI's API does."),
        CommandRow(
            "compare",
            "chatbot.cli.commands.compare:compare",
            "Ask two bots the same and show their replies side by side.",
            no_args_is_help=True,
        ),
        CommandRow(
            "evaluate",
            "chatbot.cli.commands.evaluate:evaluate",
            "Measure a bot on a corpus, beside the reply of the nearest training prompt.",
            no_args_is_help=True,
        ),
        CommandRow(
            "audit",
            "chatbot.cli.commands.audit:audit",
            "Find what a bot gives away of the corpus that it was trained on.",
            no_args_is_help=True,
        ),
        CommandRow("explain", "chatbot.cli.commands.explain:explain", "Explain a reply.", no_args_is_help=True),
        CommandRow(
            "learn", "chatbot.cli.commands.learn_forget:learn", "Teach a trained bot replies, without a training."
        ),
        CommandRow(
            "forget",
            "chatbot.cli.commands.learn_forget:forget",
            "Take a reply out of a trained bot, so that it is not said again.",
            no_args_is_help=True,
        ),
        CommandRow("list", "chatbot.cli.commands.list:list_", "List bots, the newest first."),
        CommandRow(
            "info",
            "chatbot.cli.commands.info:info",
            "Show what a bot is, what it was trained on, and how well it learned it.",
        ),
        CommandRow(
            "use",
            "chatbot.cli.commands.use_rename_rm:use",
            "Choose the bot that answers when none is named.",
            no_args_is_help=True,
        ),
        CommandRow(
            "rename", "chatbot.cli.commands.use_rename_rm:rename", "Rename a bot, or move it.", no_args_is_help=True
        ),
        CommandRow(
            "rm",
            "chatbot.cli.commands.use_rename_rm:rm",
            "Remove bots: their bundles, interrupted runs and training logs.",
            no_args_is_help=True,
        ),
        CommandRow(
            "config", "chatbot.cli.commands.config:config", "Show the effective settings and where each one comes from."
        ),
        CommandRow(
            "help", "chatbot.cli.commands.help_and_version:help_", "Show the help page of a command, or of the program."
        ),
        CommandRow("version", "chatbot.cli.commands.help_and_version:version", "Show the version of the program."),
        CommandRow(
            "corpus",
            "chatbot.cli.commands.corpus:corpus",
            "Check a corpus, or make one from conversations in another format.",
        ),
    )


app = typer.Typer(
    name="chatbot",
    cls=_Program,
    invoke_without_command=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,  # Rich takes longer to load than the page may take to appear
    epilog=_EXAMPLES,
    context_settings={"help_option_names": ["--help", "-h"], "max_content_width": page_width()},
)


def _print_version(wanted: bool) -> None:
    if wanted:
        from chatbot.cli.commands.help_and_version import version

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
        from chatbot.cli.commands.welcome import welcome

        welcome(context)


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
    gc.freeze()  # or the end of Python searches all that is left for garbage: two seconds after a training
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
    options = [] if ctx is None else command_introspection.settable_options(ctx.command)
    return any(effective_settings.effective(ctx, option)[0] for option in options if option.name == "as_json")
