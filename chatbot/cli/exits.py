"""How a command ends: 0 done, 1 failure, 2 wrong usage, 130 interrupted.

A signal other than Ctrl-C that ends a command gives 128 and its number, as shells have it: 143 for SIGTERM.

What is said on stderr is for people, or, where `--json` is given, for programs: an object a line,
`{"error": message, "exit_code": number}` when the command fails, `{"warning": message}` else.
"""

import contextlib
import io
import json
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TextIO

import typer

from chatbot.errors import ChatbotError

FAILURE, USAGE, INTERRUPTED = 1, 2, 130
_BY_SIGNAL = 128

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
        self.exit_code = _BY_SIGNAL + number


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
        report_failure(_add.get()(str(error)), FAILURE)
        raise typer.Exit(FAILURE) from None
    except Interrupted as interrupted:
        raise typer.Exit(interrupted.exit_code) from None
    except KeyboardInterrupt:
        raise typer.Exit(INTERRUPTED) from None
    except BrokenPipeError:
        abandon_stdout()
        raise typer.Exit(0) from None
    except OSError as error:  # of the files, each has its own message: this is the output's
        abandon_stdout()
        report_failure(f"the output cannot be written: {error.strerror or error}", FAILURE)
        raise typer.Exit(FAILURE) from None


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
    """Print at once; where that cannot be written or nobody reads on, the work goes on all the same."""
    print(text, file=LastingStream(sys.stdout), flush=True)


class LastingStream(io.TextIOBase):
    """A stream whose end does not end the work: a pipe that is closed, a full disk, a terminal that is gone."""

    def __init__(self, stream: TextIO) -> None:
        """Write to `stream`."""
        self._stream = stream

    @property
    def encoding(self) -> str:  # type: ignore[override]  # a property where the base has an attribute
        """That of the stream."""
        return self._stream.encoding

    def write(self, text: str) -> int:
        """Write, or drop what cannot be written, from now on all; said once unless the reader has left."""
        with self._losing():
            return self._stream.write(text)
        return len(text)

    def flush(self) -> None:
        """See `write`."""
        with self._losing():
            self._stream.flush()

    def isatty(self) -> bool:
        """Whether the stream is a terminal."""
        return self._stream.isatty()

    def fileno(self) -> int:
        """The descriptor of the stream."""
        return self._stream.fileno()

    @contextmanager
    def _losing(self) -> Iterator[None]:
        try:
            yield
        except BrokenPipeError:
            abandon_stream(self._stream)
        except OSError as error:
            abandon_stream(self._stream)
            complain(f"the output cannot be written any more ({error.strerror or error}); the work goes on")


def abandon_stdout() -> None:
    """Let what is still to be written go nowhere, now that nobody reads it.

    What is buffered would fail again when Python closes stdout at exit.
    """
    abandon_stream(sys.stdout)


def abandon_stream(stream: TextIO) -> None:
    """See `abandon_stdout`, of any stream with a descriptor."""
    with open(os.devnull, "wb") as nowhere:
        os.dup2(nowhere.fileno(), stream.fileno())


def _write(line: str) -> None:
    with contextlib.suppress(OSError):  # nobody reads it, which changes nothing else
        typer.echo(line, err=True)
