"""How a command ends: 0 done, 1 failure, 2 wrong usage, 130 interrupted."""

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
    try:
        yield
        sys.stdout.flush()
    except ChatbotError as error:
        complain(str(error))
        raise typer.Exit(FAILURE) from None
    except KeyboardInterrupt:
        raise typer.Exit(INTERRUPTED) from None
    except BrokenPipeError:
        # What is still buffered would fail again when Python closes stdout at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise typer.Exit(0) from None


def complain(message: str) -> None:
    """Say on stderr what is wrong."""
    typer.echo(f"chatbot: {message}", err=True)
