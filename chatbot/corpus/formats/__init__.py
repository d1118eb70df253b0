"""Foreign formats, one module each: recognized from the content, read as a stream of turns.

A module is imported when its format is asked for or a file is to be recognized, so that
commands that need none do not pay for the parsers.
"""

from importlib import import_module
from pathlib import Path

from chatbot.corpus.formats.contract import Format, Sample
from chatbot.errors import CorpusError

#: Names as typed after --format, in the order in which a file is tried: those with a mark of
#: their own before those that any table could be.
NAMES = (
    "cornell",
    "dailydialog",
    "parlai",
    "whatsapp",
    "telegram",
    "discord",
    "openai",
    "sharegpt",
    "chatterbot",
    "csv",
    "tatoeba",
)


def load_format(name: str) -> Format:
    """The format of a name in `NAMES`."""
    module = import_module(f"{__name__}.{_MODULES.get(name, name)}")
    format_: Format = module.FORMAT
    return format_


#: A module named csv or like a library it uses would be confusing.
_MODULES = {"csv": "csv_table"}


def recognize(path: Path, columns: tuple[str, str] | None = None) -> Format | None:
    """The format of a file or folder, from its content; None where it is none of them.

    Args:
        path: What was named.
        columns: Names of the columns that a table is to have.

    Raises:
        CorpusError: It cannot be read, or is empty.
    """
    sample = Sample.of(path, columns)
    if not sample.is_folder and not sample.text.strip():
        raise CorpusError(f"{path}: empty, nothing to import")
    return next((known for known in map(load_format, NAMES) if known.recognizes(sample)), None)
