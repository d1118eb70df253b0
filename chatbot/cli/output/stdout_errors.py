"""Errors of standard output, told apart from those of other files.

A full disk behind `> file` and a reader that has left are the output's; an error of any other file is not,
though Python has one class for both.
"""

import io
import os
import sys
from typing import Any, TextIO


class StdoutError(Exception):
    """Standard output cannot be written. It is no OSError, so that nobody takes it for an error of a file.

    Attributes:
        cause: What the system said.
    """

    def __init__(self, cause: OSError) -> None:
        """Keep the cause."""
        super().__init__(f"the output cannot be written: {cause.strerror or cause}")
        self.cause = cause


class _Stdout(io.FileIO):
    """The file behind `sys.stdout`."""

    def write(self, content: Any) -> int:
        """Write some of the content.

        Raises:
            StdoutError: It cannot be written.
        """
        try:
            return super().write(content)
        except OSError as error:
            raise StdoutError(error) from None


def watch_stdout() -> None:
    """Put a stream in the place of `sys.stdout` that raises `StdoutError`, and an open one where there is none.

    Characters that its encoding lacks become question marks rather than an error.
    """
    if sys.stdout is None:  # closed by the shell, as `>&-` does
        sys.stdout = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115  # open to the end, as stdout is
    elif isinstance(sys.stdout, io.TextIOWrapper):
        at_once = sys.stdout.line_buffering or sys.stdout.write_through
        file = io.BufferedWriter(_Stdout(sys.stdout.fileno(), "wb", closefd=False))
        sys.stdout = io.TextIOWrapper(file, sys.stdout.encoding, "replace", line_buffering=at_once)


def abandon_stdout() -> None:
    """Let what is still to be written go nowhere, now that nobody reads it.

    What is buffered would fail again when Python closes stdout at exit.
    """
    abandon_stream(sys.stdout)


def abandon_stream(stream: TextIO) -> None:
    """See `abandon_stdout`, of any stream with a descriptor."""
    with open(os.devnull, "wb") as nowhere:
        os.dup2(nowhere.fileno(), stream.fileno())
