"""A format by its name, or by the content of a file, a folder or a zip archive."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import cache
from importlib import import_module
from pathlib import Path

from chatbot.corpus.formats import FORMATS
from chatbot.corpus.formats.parsing.file_sample import FileSample
from chatbot.corpus.formats.parsing.import_format import Format
from chatbot.corpus.formats.parsing.intake import Intake
from chatbot.errors import CorpusError

_EXAMPLES = 3


@cache
def load_format(name: str) -> Format:
    """Import the module of a format.

    Args:
        name: A name in `FORMATS`.

    Returns:
        The `FORMAT` of the module, with its name.
    """
    module = import_module(f"chatbot.corpus.formats.{FORMATS[name]}")
    format_: Format = module.FORMAT
    return replace(format_, name=name)


def recognize(path: Path, columns: tuple[str, str] | None = None, encoding: str | None = None) -> Format | None:
    """The format of a file, of a folder or archive, or of files in it, from the content; None where it is none.

    Args:
        path: What was named.
        columns: Names of the columns that a table is to have.
        encoding: Of its text; see `FileSample.of`.

    Raises:
        CorpusError: It cannot be read, or is empty.
    """
    sample = FileSample.of(path, columns, encoding)
    if not sample.is_folder and not sample.text.strip():
        raise CorpusError(f"{path}: empty, nothing to import")
    whole = recognize_sample(sample)
    if whole is not None or not sample.is_folder:
        return whole
    found = {
        known.name: known
        for file in _examples(sample.files)
        if (known := recognize_sample(FileSample.of(file, columns, encoding)))
    }
    return next((found[name] for name in FORMATS if name in found), None)


def samples_of(path: Path, format_: Format, intake: Intake) -> Iterator[FileSample]:
    """Yield the samples that a format reads of a file, a folder or an archive: one of the whole, or one of each file.

    Files of a folder or an archive that do not look like the format are left out, unless none does.

    Args:
        path: The file, folder or archive that a person named.
        format_: The format.
        intake: Has the encoding; is told of files that are left out.

    Raises:
        CorpusError: Nothing in the folder can be read.
    """
    encoding = intake.encoding
    sample = FileSample.of(path, intake.columns, encoding)
    if not sample.is_folder or format_.recognizes(sample):
        yield sample
        return
    if not sample.files:
        raise CorpusError(f"{path}: a folder without any text")
    fits = 0
    for file in _in_parts(sample.files, format_):
        part = FileSample.of(file, intake.columns, encoding)
        if format_.recognizes(part):
            fits += 1
            yield part
    if not fits:
        yield from (FileSample.of(file, intake.columns, encoding) for file in _in_parts(sample.files, format_))
        return
    for _ in range(len(sample.files) - fits):
        intake.drop(f"file that is no {format_.title}")


def _in_parts(files: Iterable[Path], format_: Format) -> Iterator[Path]:
    """Files in their order, but the parts of one whole together and in theirs."""
    wholes: dict[Path, list[tuple[int, Path]]] = {}
    for file in files:
        whole, number = format_.part_of(file)
        wholes.setdefault(whole, []).append((number, file))
    for parts in wholes.values():
        yield from (file for _, file in sorted(parts))


def recognize_sample(sample: FileSample) -> Format | None:
    """The first format that recognizes a sample."""
    return next((known for known in map(load_format, FORMATS) if known.recognizes(sample)), None)


def _examples(files: Iterable[Path]) -> Iterator[Path]:
    """The first few of each kind: those with one ending in one folder are alike."""
    seen: Counter[tuple[Path, str]] = Counter()
    for file in files:
        seen[file.parent, file.suffix] += 1
        if seen[file.parent, file.suffix] <= _EXAMPLES:
            yield file
