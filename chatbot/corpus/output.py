"""Writing pairs so that a file appears whole or not at all."""

import contextlib
import gzip
import io
import os
import secrets
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

from chatbot.corpus.pairs import Pair
from chatbot.errors import CorpusError

#: Stands for standard output.
STDOUT = Path("-")


def check_free(path: Path, overwrite: bool) -> None:
    """Refuse early what `open_pairs` would refuse after the work.

    Raises:
        CorpusError: A file stands there and `overwrite` is false, or something else stands there,
            or the folder is missing.
    """
    if path == STDOUT:
        return
    if path.is_dir():
        raise CorpusError(f"{path}: a folder; name a file in it")
    if path.exists() and not path.is_file():
        raise CorpusError(f"{path}: not a regular file; -o - writes to standard output")
    if path.exists() and not overwrite:
        raise CorpusError(f"{path}: there already; replace it with --overwrite, or choose another name")
    if not path.parent.is_dir():
        raise CorpusError(f"{path.parent}: no such folder")


@contextmanager
def open_pairs(path: Path, overwrite: bool) -> Iterator["PairWriter"]:
    """Open a corpus file to write; it takes its name when the block ends well, else it leaves no trace.

    A name that ends with `.gz` is compressed. `-` is standard output, written as it comes.

    Raises:
        CorpusError: See `check_free`; or the disk is full.
    """
    if path == STDOUT:
        yield PairWriter(sys.stdout)
        sys.stdout.flush()
        return
    check_free(path, overwrite)
    place = Path(os.path.realpath(path))  # behind a link, which stays
    draft = place.with_name(f".{place.name}.new-{secrets.token_hex(4)}")
    try:
        with draft.open("xb") as file, _text(file, path.suffix == ".gz") as text:
            yield PairWriter(text, path)
        check_free(path, overwrite)
        draft.replace(place)
    except OSError as error:
        raise _unwritable(path, error) from None
    finally:
        with contextlib.suppress(OSError):
            draft.unlink(missing_ok=True)


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
            CorpusError: The file cannot be written.
        """
        try:
            self._text.write(f"{pair.prompt}\t{pair.reply}\n")
        except OSError as error:
            if self._path is None:
                raise
            raise _unwritable(self._path, error) from None


@contextmanager
def _text(file: io.BufferedWriter, compressed: bool) -> Iterator[TextIO]:
    if compressed:
        with (
            gzip.GzipFile(fileobj=file, mode="wb", mtime=0) as packed,
            io.TextIOWrapper(packed, encoding="utf-8", newline="") as text,
        ):
            yield text
    else:
        with io.TextIOWrapper(file, encoding="utf-8", newline="") as text:
            yield text


def _unwritable(path: Path, error: OSError) -> CorpusError:
    return CorpusError(f"{path}: cannot be written ({error.strerror or error}); nothing was left there")
