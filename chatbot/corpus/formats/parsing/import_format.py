"""Import formats: the `Format` that each module of `chatbot.corpus.formats` declares, and its access to files."""

import io
import re
import stat
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, Self

from chatbot.corpus.reading import encodings
from chatbot.corpus.reading.folders import files_in
from chatbot.corpus.reading.import_counts import ImportCounts
from chatbot.corpus.reading.open_file import LineStream, Problem, ReadObserver, open_bytes
from chatbot.corpus.reading.tsv import read_lines
from chatbot.corpus.reading.turns import Turns
from chatbot.errors import CorpusError

#: Reasons that several formats share.
DAMAGED = "damaged"
MEDIA = "media or other content without text"
SYSTEM = "system message"
FORWARDED = "forwarded message"
DELETED = "deleted message"
MADE_BY_BOT = "message made by a bot"
EMPTY = "empty side"

_SAMPLE = 256 << 10


@dataclass(frozen=True)
class FileSample:
    """The beginning of a file, by which it is recognized.

    Attributes:
        path: The file, folder or zip archive.
        is_folder: Whether it is a folder or an archive, whose text is empty.
        head: Its first bytes, decompressed, in UTF-8.
        columns: Names of the columns that a table is to have, or None for the usual ones.
        encoding: As which the file is read, see `open_bytes`.
        files: Of a folder or an archive, the files in it that may hold text; they are opened like others.
    """

    path: Path
    is_folder: bool
    head: bytes = b""
    columns: tuple[str, str] | None = None
    encoding: str | None = None
    files: tuple[Path, ...] = ()

    @classmethod
    def of(cls, path: Path, columns: tuple[str, str] | None = None, encoding: str | None = None) -> Self:
        """Take a sample.

        Args:
            path: A file, folder or zip archive.
            columns: See above.
            encoding: See `open_bytes`; None also takes `encodings.default`.

        Returns:
            The sample: the first bytes of a file, or the names in a folder or an archive.

        Raises:
            CorpusError: The file cannot be read, or could be read only once.
        """
        _require_readable(path)
        files = files_in(path)
        if files is not None:
            return cls(path, True, b"", columns, encoding, tuple(files))
        with open_bytes(path, encoding=encoding) as stream:
            head = stream.read(_SAMPLE)
        if encoding is None and (encoding := encodings.default(head)) is not None:
            head = head.decode(encoding, errors="replace").encode()
        return cls(path, False, head, columns, encoding)

    @cached_property
    def text(self) -> str:
        """The sample as text; what is not UTF-8 is replaced."""
        return self.head.decode("utf-8", errors="replace")

    @cached_property
    def lines(self) -> list[str]:
        """The lines that are not blank; the last one may be cut."""
        return [line for line in self.text.replace("\r", "\n").split("\n") if line.strip()]


def _require_readable(path: Path) -> None:
    try:
        mode = path.stat().st_mode
    except NotADirectoryError:  # perhaps inside an archive
        return
    except OSError as error:
        what = "no such file or folder" if isinstance(error, FileNotFoundError) else error.strerror or error
        raise CorpusError(f"{path}: {what}") from None
    if not stat.S_ISDIR(mode) and not stat.S_ISREG(mode):
        raise CorpusError(f"{path}: not a regular file; save what it gives in a file first")


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
            reason: The reason, one of those in `import_format`.
        """
        self._tally.dropped[reason] += 1

    def note(self, what: str) -> None:
        """Count what was read, but perhaps otherwise than it was meant."""
        self._tally.notes[what] += 1

    def _tell(self, problem: Problem) -> None:
        self.drop(DAMAGED)
        self._on_problem(problem)


@dataclass(frozen=True)
class Format:
    """A way in which other programs store conversations.

    Attributes:
        title: For people.
        recognizes: Whether a sample looks like it; none of the formats before it in the table recognized the sample.
        read: Yields the turns of a file.
        example: The text of a small file of it; empty for a format of several files.
        private: Whether it contains people's own conversations.
        named: Whether its speakers have names, so that `--as` can choose one.
        from_web: Whether its texts are often taken from web pages, so that HTML in them is no part of the text.
        takes_columns: Whether `--columns` names its two sides.
        keys: Names in its JSON, by which the format that a document is most like is found.
        tables: Tables that its program writes too and that are not read, each by the names of its columns, with the
            words about it and the advice.
        line_start: Matches the beginning of its lines in forms that are not known yet, by which a chat log that is
            most like it is found.
        part_of: The whole that a file is a part of, and which part of it; the parts of one whole are read as one.
        name: As typed after --format; `load_format` fills it in from the table of formats.
    """

    title: str
    recognizes: Callable[[FileSample], bool]
    read: Callable[[Path, Intake], Turns]
    example: str = ""
    private: bool = False
    named: bool = False
    from_web: bool = False
    takes_columns: bool = False
    keys: frozenset[str] = frozenset()
    tables: Mapping[frozenset[str], tuple[str, str]] = field(default_factory=dict)
    line_start: re.Pattern[str] | None = None
    part_of: Callable[[Path], tuple[Path, int]] = lambda path: (path, 1)
    name: str = ""
