"""How a command ends: 0 done, 1 failure, 2 wrong usage, 130 interrupted.

What is said on stderr is for people, or, where `--json` is given, for programs: an object a line,
`{"error": message, "exit_code": number}` when the command fails, `{"warning": message}` else.
"""

import contextlib
import io
import json
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

import typer

from chatbot.errors import ChatbotError

FAILURE, USAGE, INTERRUPTED = 1, 2, 130

_speaks_json = ContextVar("speaks_json", default=False)


@contextmanager
def exit_codes(as_json: bool = False) -> Iterator[None]:
    """Turn what a command raises into a message on stderr and an exit code.

    A reader that closes the pipe early has what it wanted, so that ends quietly with 0.

    Args:
        as_json: Whether stderr speaks JSON, from here on.
    """
    _speaks_json.set(as_json)
    if sys.stdout is None:  # closed by the shell, as `>&-` does
        sys.stdout = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115  # open to the end, as stdout is
    if isinstance(sys.stdout, io.TextIOWrapper):
        # A terminal of another encoding gets question marks rather than a crash.
        sys.stdout.reconfigure(errors="replace")
    try:
        yield
        sys.stdout.flush()
    except ChatbotError as error:
        report_failure(str(error), FAILURE)
        raise typer.Exit(FAILURE) from None
    except KeyboardInterrupt:
        raise typer.Exit(INTERRUPTED) from None
    except BrokenPipeError:
        abandon_stdout()
        raise typer.Exit(0) from None
    except OSError as error:  # of the files, each has its own message: this is the output's
        abandon_stdout()
        report_failure(f"the output cannot be written: {error.strerror or error}", FAILURE)
        raise typer.Exit(FAILURE) from None


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


def complain(message: str) -> None:
    """Say on stderr that something is wrong that the command goes on in spite of."""
    tell(message if _speaks_json.get() else f"chatbot: {message}")


def tell(message: str) -> None:
    """Say something on stderr, where it is no part of what the command puts out."""
    _write(json.dumps({"warning": message}) if _speaks_json.get() else message)


def write_json(value: object, indent: int | None = None) -> None:
    """Write a JSON value and a line feed to stdout, escaping what its encoding does not have."""
    text = json.dumps(value, ensure_ascii=False, indent=indent)
    try:
        text.encode(sys.stdout.encoding or "utf-8")
    except UnicodeEncodeError:  # also of a lone surrogate, which stands for a byte that was not UTF-8
        text = json.dumps(value, indent=indent)
    print(text)


def say_line(text: str) -> None:
    """Print at once; where nobody reads on, the work goes on all the same."""
    try:
        print(text, flush=True)
    except BrokenPipeError:
        abandon_stdout()


def abandon_stdout() -> None:
    """Let what is still to be written go nowhere, now that nobody reads it.

    What is buffered would fail again when Python closes stdout at exit.
    """
    with open(os.devnull, "wb") as nowhere:
        os.dup2(nowhere.fileno(), sys.stdout.fileno())


def _write(line: str) -> None:
    with contextlib.suppress(OSError):  # nobody reads it, which changes nothing else
        typer.echo(line, err=True)
