"""The writer of pairs: a file that appears whole or not at all."""

import gzip
import io
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, TextIO

from chatbot.corpus.reading.tsv import Pair
from chatbot.files import check_free, open_whole, unwritable

#: Stands for standard output.
STDOUT = Path("-")


def check_output(path: Path, overwrite: bool) -> None:
    """Refuse early what `open_pairs` would refuse after the work.

    Args:
        path: The corpus file, or `-` for standard output.
        overwrite: Whether a file that is there may be replaced.

    Raises:
        OutputError: See `chatbot.files.check_free`.
    """
    if path != STDOUT:
        check_free(path, overwrite)


@contextmanager
def open_pairs(path: Path, overwrite: bool) -> Iterator["PairWriter"]:
    """Open a corpus file to write; it gets its name when the block ends well, else nothing of it is left.

    A name that ends with `.gz` is compressed. `-` is standard output, written as it comes.

    Args:
        path: The corpus file, or `-` for standard output.
        overwrite: Whether a file that is there may be replaced.

    Yields:
        The writer.

    Raises:
        OutputError: See `chatbot.files.open_whole`.
    """
    if path == STDOUT:
        if isinstance(sys.stdout, io.TextIOWrapper):  # a corpus is UTF-8, whatever the terminal speaks
            sys.stdout.reconfigure(encoding="utf-8", newline="")
        yield PairWriter(sys.stdout)
        sys.stdout.flush()
        return
    with open_whole(path, overwrite) as file, _text(file, path.suffix == ".gz") as text:
        yield PairWriter(text, path)


class PairWriter:
    """Writes `prompt⇥reply` lines."""

    def __init__(self, text: TextIO, path: Path | None = None) -> None:
        """Begin with nothing written.

        Args:
            text: Where to.
            path: Its name, for messages; None for standard output, whose errors are the caller's.
        """
        self._text = text
        self._path = path

    def write(self, pair: Pair) -> None:
        """Write one pair.

        Raises:
            OutputError: The file cannot be written.
        """
        try:
            self._text.write(f"{pair.prompt}\t{pair.reply}\n")
        except OSError as error:
            if self._path is None:
                raise
            raise unwritable(self._path, error) from None


@contextmanager
def _text(file: BinaryIO, compressed: bool) -> Iterator[TextIO]:
    if compressed:
        with (
            gzip.GzipFile(fileobj=file, mode="wb", mtime=0) as packed,
            io.TextIOWrapper(packed, encoding="utf-8", newline="") as text,
        ):
            yield text
    else:
        with io.TextIOWrapper(file, encoding="utf-8", newline="") as text:
            yield text
