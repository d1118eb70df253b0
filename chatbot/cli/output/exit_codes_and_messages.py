"""Exit codes and messages on stderr: 0 done, 1 failure, 2 wrong usage, 130 interrupted.

A signal other than Ctrl-C that ends a command gives 128 and its number, as shells have it: 143 for SIGTERM.

Messages on stderr are for people or, with `--json`, for programs:
one object a line, `{"error": message, "exit_code": number}` when the command fails, `{"warning": message}` else.
"""

import contextlib
import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

import typer

from chatbot.cli.output.stdout_errors import StdoutError, abandon_stdout
from chatbot.errors import ChatbotError
from chatbot.text import visible

FAILURE, USAGE, INTERRUPTED = 1, 2, 130
BY_SIGNAL = 128

_speaks_json = ContextVar("speaks_json", default=False)
_add: ContextVar[Callable[[str], str]] = ContextVar("add", default=str)


class Interrupted(KeyboardInterrupt):
    """A signal ends the work, as Ctrl-C does.

    Attributes:
        exit_code: What the command ends with.
    """

    def __init__(self, number: int) -> None:
        """Take the number of the signal."""
        super().__init__()
        self.exit_code = BY_SIGNAL + number


@contextmanager
def exit_codes(as_json: bool = False) -> Iterator[None]:
    """Turn what a command raises into a message on stderr and an exit code.

    A reader that closes the pipe early has what it wanted, so that ends quietly with 0.

    Args:
        as_json: Whether stderr speaks JSON, from here on.
    """
    _speaks_json.set(as_json)
    try:
        yield
        sys.stdout.flush()
    except (ChatbotError, StdoutError, KeyboardInterrupt) as error:
        raise typer.Exit(report(error)) from None


def report(error: Exception | KeyboardInterrupt, code: int = FAILURE, as_json: bool | None = None) -> int:
    """Say on stderr why the program ends, and whose that is.

    Args:
        error: What was raised.
        code: The exit code of an error that is the user's to mend.
        as_json: See `report_failure`.

    Returns:
        The exit code.
    """
    if isinstance(error, KeyboardInterrupt):
        return error.exit_code if isinstance(error, Interrupted) else INTERRUPTED
    if (broken := _broken_by(error)) is not None:
        return broken.code if isinstance(broken, SystemExit) and isinstance(broken.code, int) else INTERRUPTED
    if isinstance(error, StdoutError):
        abandon_stdout()
        if isinstance(error.cause, BrokenPipeError):
            return 0
    if not isinstance(error, ChatbotError):
        code = FAILURE
    if isinstance(error, ChatbotError):
        message = _add.get()(str(error))
    elif isinstance(error, StdoutError):
        message = str(error)
    else:
        from chatbot.cli.output.crash_report import describe

        message = describe(error)
    report_failure(message, code, as_json)
    return code


def _broken_by(error: BaseException) -> BaseException | None:
    """The exception of a signal in the middle of an import, of which compiled modules make an ImportError."""
    before = error.__cause__ or error.__context__
    if isinstance(error, ImportError) and isinstance(before, KeyboardInterrupt | SystemExit):
        return before
    return None if before is None else _broken_by(before)


@contextmanager
def adding(add: Callable[[str], str]) -> Iterator[None]:
    """Let messages of `exit_codes` say more.

    Args:
        add: Given a message, returns it with what is to be added.
    """
    before = _add.set(add)
    try:
        yield
    finally:
        _add.reset(before)


def report_failure(message: str, code: int, as_json: bool | None = None) -> None:
    """Say on stderr why the command ends.

    Args:
        message: What is wrong, where, and what to do.
        code: The exit code to come.
        as_json: Whether stderr speaks JSON; None for what `exit_codes` was told.
    """
    if _speaks_json.get() if as_json is None else as_json:
        _write(json.dumps({"error": message, "exit_code": code}))
    else:
        _write(f"chatbot: {message}")


def print_warning(message: str) -> None:
    """Print a message on stderr that something is wrong; the command continues."""
    print_note(message if _speaks_json.get() else f"chatbot: {message}")


def print_note(message: str) -> None:
    """Print a message on stderr that is no part of the command's output."""
    _write(json.dumps({"warning": message}) if _speaks_json.get() else message)


def _write(line: str) -> None:
    """Write a line of which parts may be anybody's: names of files, of speakers, of a manifest."""
    with contextlib.suppress(OSError):  # nobody reads it, which changes nothing else
        typer.echo(visible(line), err=True)
