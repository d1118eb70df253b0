"""Output of work that continues when its output can no longer be written or read."""

import io
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TextIO

from chatbot.cli.output.exit_codes_and_messages import print_warning
from chatbot.cli.output.stdout_errors import StdoutError, abandon_stream
from chatbot.text import visible


def print_line(text: str) -> None:
    """Print a text at once; where it cannot be written or read, the work continues."""
    print(visible(text), file=LastingStream(sys.stdout), flush=True)


class LastingStream(io.TextIOBase):
    """A stream whose end does not end the work: a pipe that is closed, a full disk, a terminal that is gone."""

    def __init__(self, stream: TextIO) -> None:
        """Write to `stream`."""
        self._stream = stream

    @property
    def encoding(self) -> str:  # type: ignore[override]  # a property where the base has an attribute
        """The encoding of the stream."""
        return self._stream.encoding

    def write(self, text: str) -> int:
        """Write; after the first failure all is dropped, with one warning unless the reader has left.

        Args:
            text: The text.

        Returns:
            Number of characters that were written or dropped.
        """
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
        except (StdoutError, OSError) as error:
            abandon_stream(self._stream)
            cause = error.cause if isinstance(error, StdoutError) else error
            if not isinstance(cause, BrokenPipeError):
                print_warning(f"the output cannot be written any more ({cause.strerror or cause}); the work continues")
