"""The access of an import format to its files, and the reasons for which it drops messages."""

import io
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from chatbot.corpus.reading.import_counts import ImportCounts
from chatbot.corpus.reading.open_file import LineStream, Problem, ReadObserver, open_bytes
from chatbot.corpus.reading.tsv import read_lines

#: Reasons that several formats share.
DAMAGED = "damaged"
MEDIA = "media or other content without text"
SYSTEM = "system message"
FORWARDED = "forwarded message"
DELETED = "deleted message"
MADE_BY_BOT = "message made by a bot"
EMPTY = "empty side"


class Intake:
    """Opens files for a format, and is told of what cannot be used."""

    def __init__(
        self,
        tally: ImportCounts,
        on_problem: Callable[[Problem], None],
        watch: ReadObserver | None = None,
        columns: tuple[str, str] | None = None,
        encoding: str | None = None,
    ) -> None:
        """Begin with nothing read.

        Args:
            tally: Counts what is dropped.
            on_problem: Told of each damaged line or record, which is dropped.
            watch: Told how much has been read.
            columns: Names of the two columns of a table; None takes the usual ones.
            encoding: See `open_bytes`.
        """
        self.columns = columns
        self.encoding = encoding
        self._tally = tally
        self._on_problem = on_problem
        self._watch = watch

    def lines(self, path: Path, quiet: bool = False) -> Iterator[tuple[int, str]]:
        """See `read_lines`; `quiet` tells of no problem, for a file that is read once more."""
        return read_lines(path, (lambda _: None) if quiet else self._tell, self._watch, self.encoding)

    @contextmanager
    def bytes(self, path: Path) -> Iterator["io.BufferedReader[Any]"]:
        """See `open_bytes`."""
        with open_bytes(path, self._watch, self.encoding) as stream:
            yield stream

    @contextmanager
    def stream(self, path: Path) -> Iterator[LineStream]:
        """Open a file for a parser that reads from a stream.

        Args:
            path: The file.

        Yields:
            The stream, which knows the number of its line.
        """
        with open_bytes(path, self._watch, self.encoding) as stream:
            yield LineStream(stream)

    def problem(self, path: Path, line: int, what: str) -> None:
        """Report a damaged line or record that is left out.

        Args:
            path: The file.
            line: Number of the line, from 1.
            what: The problem, in words.
        """
        self._tell(Problem(path, line, what))

    def drop(self, reason: str) -> None:
        """Count a message or record that is left out although it is not damaged.

        Args:
            reason: The reason, one of those above.
        """
        self._tally.dropped[reason] += 1

    def note(self, what: str) -> None:
        """Count what was read, but perhaps otherwise than it was meant."""
        self._tally.notes[what] += 1

    def _tell(self, problem: Problem) -> None:
        self.drop(DAMAGED)
        self._on_problem(problem)
