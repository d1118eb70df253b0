"""WhatsApp, "Export chat": `_chat.txt` of iOS, `WhatsApp Chat with ….txt` of Android.

A message begins with its date, time and sender, in the form of the phone's language, and ends
where the next begins. What WhatsApp says itself has no sender (Android) or begins with U+200E
(iOS); so does the word that is in place of a picture. On Android such words depend on the
language of the phone; `wordings.toml` has them.
"""

import re
from collections.abc import Iterator
from pathlib import Path

from chatbot.corpus.formats.parsing.file_sample import FileSample
from chatbot.corpus.formats.parsing.import_format import Format
from chatbot.corpus.formats.parsing.intake import MEDIA, SYSTEM, Intake
from chatbot.corpus.formats.parsing.whatsapp.export_survey import Export
from chatbot.corpus.formats.parsing.whatsapp.headers import Header, read_header
from chatbot.corpus.formats.parsing.whatsapp.notices import spoken
from chatbot.corpus.reading.turns import LONGEST_TURN, Turn, Turns

_LOOKED_AT = 50
#: A date in any order.
_DATE = re.compile(r"[\W_]{0,3}\d{1,4}\s?[./-]\s?\d{1,2}\s?[./-]\s?\d{1,4}\b")


def _recognizes(sample: FileSample) -> bool:
    headers = (header for line in sample.lines[:_LOOKED_AT] if (header := read_header(line)) is not None)
    return any(header.sender is not None for header in headers)


def _read(path: Path, intake: Intake) -> Turns:
    export = Export(lambda: (line for _, line in intake.lines(path, quiet=True)))
    for header, text in _messages(path, intake, export):
        if header.sender is None:
            intake.drop(SYSTEM)
            continue
        said = spoken(text, header.marked, export.marks)
        if not said:
            intake.drop(MEDIA)
        yield Turn(header.sender, said, export.time(header))


def _messages(path: Path, intake: Intake, export: Export) -> Iterator[tuple[Header, str]]:
    """Each message with all its lines; of one that is too long, enough to see that it is."""
    header: Header | None = None
    lines: list[str] = []
    size = 0
    for line, begun in export.headers(line for _, line in intake.lines(path)):
        if begun is not None:
            if header is not None:
                yield header, "\n".join(lines)
            header, lines, size = begun, [begun.text], len(begun.text)
        elif header is None:
            if line.strip():
                intake.drop("line before the first message")
        elif size <= LONGEST_TURN:
            lines.append(line)
            size += len(line) + 1
    if header is not None:
        yield header, "\n".join(lines)


FORMAT = Format(
    "WhatsApp chat",
    _recognizes,
    _read,
    private=True,
    named=True,
    line_start=_DATE,
    example=("13/05/2021, 09:41 - Ida: hi\n13/05/2021, 09:42 - Jon: hello\n13/05/2021, 09:43 - Ida: bye\n"),
)
