"""A format by its name, or by the content of a file."""

from importlib import import_module
from pathlib import Path

from chatbot.corpus.formats import MODULES, NAMES
from chatbot.corpus.formats.contract import Format, Sample
from chatbot.errors import CorpusError


def load_format(name: str) -> Format:
    """The format of a name in `NAMES`."""
    module = import_module(f"chatbot.corpus.formats.{MODULES[name]}")
    format_: Format = module.FORMAT
    return format_


def recognize(path: Path, columns: tuple[str, str] | None = None, encoding: str | None = None) -> Format | None:
    """The format of a file or folder, from its content; None where it is none of them.

    Args:
        path: What was named.
        columns: Names of the columns that a table is to have.
        encoding: Of its text; see `Sample.of`.

    Raises:
        CorpusError: It cannot be read, or is empty.
    """
    sample = Sample.of(path, columns, encoding)
    if not sample.is_folder and not sample.text.strip():
        raise CorpusError(f"{path}: empty, nothing to import")
    return next((known for known in map(load_format, NAMES) if known.recognizes(sample)), None)
