"""The files in a folder, or in a zip archive as if it were one."""

import os
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from chatbot.corpus.reading.archive import locate
from chatbot.errors import CorpusError

#: Endings of files that may hold conversations, unlike the pictures that are packed beside them.
_TEXTS = (
    *("", ".txt", ".text", ".log", ".md", ".csv", ".tsv", ".json", ".jsonl", ".ndjson"),
    *(".yml", ".yaml", ".htm", ".html", ".xml", ".gz"),
)
#: Folders that systems add, and files that they hide.
_HIDDEN = (".", "__MACOSX")
_OFFICE = "[Content_Types].xml"
#: A folder with more is hardly the one that was meant, and reading the names alone takes long.
_MOST_FILES = 100_000


def files_in(path: Path) -> list[Path] | None:
    """The files in a folder or a zip archive that may hold text, in the order in which people count.

    None where the path names neither. A folder inside an archive is one too.

    Raises:
        CorpusError: The archive is damaged, encrypted, or holds no such file, or a folder cannot be
            read or holds too many.
    """
    if path.is_dir():
        return sorted((file for file in _walk(path) if _may_be_text(file.relative_to(path))), key=_as_counted)
    found = locate(path)
    if found is None or found[1] in found[0].files:
        return None
    archive, inside = found
    if _OFFICE in archive.files:
        raise CorpusError(f"{path}: an Office document, not text; save it as CSV or as text first")
    below = "" if inside == "." else f"{inside}/"
    names = [name for name in archive.files if name.startswith(below) and _may_be_text(Path(name))]
    if not names:
        if below:
            raise CorpusError(f"{path}: not in the archive, which holds {archive.contents()}")
        raise CorpusError(f"{path}: a zip archive without any text; it holds {archive.contents()}")
    archive.check([archive.files[name] for name in names])
    return sorted((archive.path / name for name in names), key=_as_counted)


def by_folder(files: Iterable[Path]) -> dict[Path, list[Path]]:
    """The files by their folder, in the order in which they come."""
    folders: dict[Path, list[Path]] = {}
    for file in files:
        folders.setdefault(file.parent, []).append(file)
    return folders


def _walk(folder: Path) -> Iterator[Path]:
    def fail(error: OSError) -> None:
        raise CorpusError(f"{error.filename}: {error.strerror}")

    count = 0
    for place, folders, names in os.walk(folder, onerror=fail):
        folders[:] = [name for name in folders if not name.startswith(_HIDDEN)]
        count += len(names)
        if count > _MOST_FILES:
            raise CorpusError(f"{folder}: more than {_MOST_FILES:,} files; name a folder further in")
        yield from (file for name in names if (file := Path(place, name)).is_file())


def _may_be_text(path: Path) -> bool:
    return path.suffix.lower() in _TEXTS and not any(part.startswith(_HIDDEN) for part in path.parts)


def _as_counted(path: Path) -> list[tuple[int, str]]:
    """A key that sorts `messages2` before `messages10`."""
    parts = re.split(r"([0-9]+)", str(path))
    return [(len(part) * (place % 2), part) for place, part in enumerate(part.lstrip("0") for part in parts)]
