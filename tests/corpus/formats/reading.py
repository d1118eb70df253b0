"""Reading a small file as one format, for the tests of all of them."""

from pathlib import Path
from typing import NamedTuple

from chatbot.corpus.formats.parsing.intake import Intake
from chatbot.corpus.importing.recognition import load_format, recognize
from chatbot.corpus.reading.import_counts import ImportCounts
from chatbot.corpus.reading.turns import Turn


class Result(NamedTuple):
    """What a format made of a file: its conversations, what was dropped, and what was wrong where."""

    conversations: list[list[Turn]]
    dropped: dict[str, int]
    problems: list[str]

    @property
    def said(self) -> list[list[tuple[str, str]]]:
        """(speaker, text) of each conversation."""
        return [[(turn.speaker, turn.text) for turn in conversation] for conversation in self.conversations]

    @property
    def texts(self) -> list[list[str]]:
        """The texts of each conversation."""
        return [[turn.text for turn in conversation] for conversation in self.conversations]


def write(folder: Path, content: str | bytes, name: str = "source") -> Path:
    """Write a file and return its path."""
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def read(name: str, path: Path, columns: tuple[str, str] | None = None) -> Result:
    """Read a file as a format, conversations without turns left out."""
    tally = ImportCounts()
    problems: list[str] = []

    def on_problem(problem):
        problems.append(f"{problem.line}: {problem.what}")

    conversations: list[list[Turn]] = [[]]
    for turn in load_format(name).read(path, Intake(tally, on_problem, columns=columns)):
        if turn is None:
            conversations.append([])
        else:
            conversations[-1].append(turn)
    return Result([turns for turns in conversations if turns], dict(tally.dropped), problems)


def recognized(path: Path, columns: tuple[str, str] | None = None) -> str | None:
    """The name of the format that a file is recognized as."""
    known = recognize(path, columns)
    return known.name if known else None
