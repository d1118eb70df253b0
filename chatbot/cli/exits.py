"""How a command ends: 0 done, 1 failure, 2 wrong usage, 130 interrupted."""

import contextlib
import io
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import typer

from chatbot.errors import ChatbotError

FAILURE, INTERRUPTED = 1, 130


@contextmanager
def exit_codes() -> Iterator[None]:
    """Turn what a command raises into a message on stderr and an exit code.

    A reader that closes the pipe early has what it wanted, so that ends quietly with 0.
    """
    if sys.stdout is None:  # closed by the shell, as `>&-` does
        sys.stdout = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115  # open to the end, as stdout is
    if isinstance(sys.stdout, io.TextIOWrapper):
        # A terminal of another encoding gets question marks rather than a crash.
        sys.stdout.reconfigure(errors="replace")
    try:
        yield
        sys.stdout.flush()
    except ChatbotError as error:
        complain(str(error))
        raise typer.Exit(FAILURE) from None
    except KeyboardInterrupt:
        raise typer.Exit(INTERRUPTED) from None
    except BrokenPipeError:
        abandon_stdout()
        raise typer.Exit(0) from None
    except OSError as error:  # of the files, each has its own message: this is the output's
        abandon_stdout()
        complain(f"the output cannot be written: {error.strerror or error}")
        raise typer.Exit(FAILURE) from None


def complain(message: str) -> None:
    """Say on stderr what is wrong."""
    tell(f"chatbot: {message}")


def tell(message: str) -> None:
    """Say something on stderr, where it is no part of what the command puts out."""
    with contextlib.suppress(OSError):  # nobody reads it, which changes nothing else
        typer.echo(message, err=True)


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
