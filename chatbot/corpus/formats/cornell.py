"""Cornell Movie-Dialogs: `movie_lines.txt` and `movie_conversations.txt`, named by their folder, their zip or either.

Fields are between ` +++$+++ `; a conversation lists the ids of its lines, which are in the
other file in no order. So the lines go into a database on disk first. The files are
ISO-8859-1, by which Windows-1252 is meant; copies in UTF-8 are read too.

Reference: Danescu-Niculescu-Mizil and Lee (2011), the README of the corpus.
"""

import re
import sqlite3
from collections.abc import Iterable, Iterator
from pathlib import Path

from chatbot.corpus.formats.parsing.file_sample import FileSample
from chatbot.corpus.formats.parsing.import_format import Format
from chatbot.corpus.formats.parsing.intake import Intake
from chatbot.corpus.reading.folders import files_in
from chatbot.corpus.reading.open_file import split_lines
from chatbot.corpus.reading.scratch_database import scratch_database
from chatbot.corpus.reading.turns import LONGEST_TURN, Turn, Turns
from chatbot.errors import CorpusError

_SEPARATOR = " +++$+++ "
_LINES, _CONVERSATIONS = "movie_lines.txt", "movie_conversations.txt"
#: Ids have an index of their own: beside the texts each search would read one of them.
_SCHEMA = "CREATE TABLE lines (id TEXT PRIMARY KEY, character TEXT, name TEXT, text TEXT)"
_ID = re.compile(r"['\"]([^'\"]+)['\"]")
#: Bytes that Windows-1252 leaves undefined.
_LATIN = "latin-1"


def _recognizes(sample: FileSample) -> bool:
    if sample.is_folder:
        return _folder_of_both(sample.files) is not None
    return any(line.count(_SEPARATOR.strip()) >= 3 for line in sample.lines[:20])


def _read(path: Path, intake: Intake) -> Turns:
    folder = _folder(path)
    with scratch_database(_SCHEMA) as database:
        database.execute("BEGIN")
        database.executemany("INSERT OR REPLACE INTO lines VALUES (?, ?, ?, ?)", _movie_lines(folder / _LINES, intake))
        for number, line in _decoded(folder / _CONVERSATIONS, intake):
            fields = line.split(_SEPARATOR)
            ids = _ID.findall(fields[-1])
            if len(fields) != 4 or not ids:
                intake.problem(folder / _CONVERSATIONS, number, "not two characters, a film and a list of lines")
                continue
            for id_ in dict.fromkeys(ids):  # nobody says a line twice
                yield _turn(database, id_, intake)
            yield None


def _folder(path: Path) -> Path:
    """The places of both files."""
    place, files = path, files_in(path)
    if files is None:
        place = path.parent
        beside = [place / name for name in (_LINES, _CONVERSATIONS)]
        files = [file for file in beside if file.is_file()] if path.is_file() else files_in(place) or []
    folder = _folder_of_both(files)
    if folder is None:
        missing = _CONVERSATIONS if _LINES in (file.name for file in files) else _LINES
        raise CorpusError(
            f"{place / missing}: missing; a conversation needs {_LINES} and {_CONVERSATIONS}, side by side"
        )
    return folder


def _folder_of_both(files: Iterable[Path]) -> Path | None:
    lines = [file.parent for file in files if file.name == _LINES]
    conversations = {file.parent for file in files if file.name == _CONVERSATIONS}
    return next((folder for folder in lines if folder in conversations), None)


def _movie_lines(path: Path, intake: Intake) -> Iterator[tuple[str, str, str, str]]:
    for number, line in _decoded(path, intake):
        fields = line.split(_SEPARATOR, 4)
        if len(fields) == 4 and fields[3].endswith(_SEPARATOR.rstrip()):  # a line that says nothing
            fields = [*fields[:3], fields[3].removesuffix(_SEPARATOR.rstrip()), ""]
        if len(fields) != 5:
            intake.problem(path, number, f"{len(fields)} fields instead of 5")
            continue
        id_, character, _, name, text = fields
        yield id_.strip(), character, name, text[: LONGEST_TURN + 1]  # one that is too long is dropped anyway


def _turn(database: sqlite3.Connection, id_: str, intake: Intake) -> Turn:
    row = database.execute("SELECT character, name, text FROM lines WHERE id = ?", (id_,)).fetchone()
    if row is None:
        intake.drop(f"line that {_LINES} lacks")
        return Turn("", "")
    character, name, text = row
    if not text.strip():
        intake.drop("line that says nothing")
    return Turn(name or character, text, aliases=(character,))


def _decoded(path: Path, intake: Intake) -> Iterator[tuple[int, str]]:
    with intake.bytes(path) as stream:
        for number, raw in split_lines(stream):
            if raw is None:
                intake.problem(path, number, "too long a line")
            elif raw.strip():
                yield number, _decode(raw)


def _decode(raw: bytes) -> str:
    for encoding in ("utf-8", "cp1252"):
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    return raw.decode(_LATIN)


FORMAT = Format(
    "Cornell Movie-Dialogs",
    _recognizes,
    _read,
    named=True,
    from_web=True,
)
