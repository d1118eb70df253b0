"""Import formats: the `Format` that each module of `chatbot.corpus.formats` declares."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from chatbot.corpus.formats.parsing.file_sample import FileSample
from chatbot.corpus.formats.parsing.intake import Intake
from chatbot.corpus.reading.turns import Turns


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
