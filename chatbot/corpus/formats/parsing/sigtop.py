"""Signal chats as sigtop writes them: text with a field a line, and the records of Signal's own database.

A quotation names the message that it is of by the time at which that was sent.

Reference: sigtop, `fmt_text.go` and `fmt_json.go`.
"""

from collections.abc import Iterator
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any

from chatbot.corpus.formats.parsing.file_sample import FileSample
from chatbot.corpus.formats.parsing.intake import DELETED, MEDIA, SYSTEM, Intake
from chatbot.corpus.reading.turns import LONGEST_TURN, Turn


def is_sigtop_text(sample: FileSample) -> bool:
    """Whether a sample is of such a text."""
    lines = sample.lines[:4]
    return len(lines) > 2 and lines[0].startswith("Conversation: ") and lines[1].startswith(("From: ", "Type: "))


def sigtop_record(record: dict[str, Any], intake: Intake) -> Turn | None:
    """The turn of a message in the form of Signal Desktop's own database; None for a notice.

    Args:
        record: The message, as parsed JSON.
        intake: Counts what is left out.
    """
    if record.get("type") not in ("incoming", "outgoing"):
        intake.drop(SYSTEM)
        return None
    body, sent, quote = record.get("body"), record.get("sent_at"), record.get("quote")
    text = body if isinstance(body, str) else ""
    if record.get("deletedForEveryone") is True or record.get("isErased") is True:
        intake.drop(DELETED)
        text = ""
    elif not text.strip():
        intake.drop(MEDIA)
    names = [record.get(key) for key in ("source", "sourceServiceId", "sourceUuid")]
    given = [name for name in names if isinstance(name, str) and name]
    speaker = "You" if record["type"] == "outgoing" else (given or ["unknown"])[0]
    time = sent / 1000 if isinstance(sent, int) and sent < 1 << 53 else None
    answers = quote.get("id") if isinstance(quote, dict) else None
    return Turn(
        speaker,
        text,
        time,
        aliases=tuple(given[1:]),
        id=str(sent),
        answers=None if answers is None else str(answers),
    )


def sigtop_messages(path: Path, intake: Intake) -> Iterator[Turn]:
    """The messages of sigtop's text, each a head of fields, a quotation and a text.

    Args:
        path: The file.
        intake: Reads the file, and counts what is left out.
    """
    message: list[str] = []
    size = 0
    before = ""
    held: str | None = None
    for _, line in intake.lines(path):
        if held is not None:
            begins = not before and _begins(held, line)
            if begins and message:
                yield from _field_turn(message, intake)
            if begins:
                message, size = [], 0
            if size <= LONGEST_TURN:
                message.append(held)
                size += len(held) + 1
            before = held
        held = line
    if held is not None:
        message.append(held)
    yield from _field_turn(message, intake)


def _begins(line: str, following: str) -> bool:
    return (line.startswith("From: ") and following.startswith("Type: ")) or (
        line.startswith("Type: ") and following.startswith("Sent: ")
    )


def _field_turn(message: list[str], intake: Intake) -> Iterator[Turn]:
    head = message[: message.index("")] if "" in message else message
    fields = dict(line.split(": ", 1) for line in head if ": " in line)
    if "Type" not in fields:
        return
    if fields["Type"] not in ("incoming", "outgoing"):
        intake.drop(SYSTEM)
        return
    quoted, body = _quoted(message[len(head) + 1 :])
    text = "\n".join(body).strip()
    if not text:
        intake.drop(MEDIA)
    name, _, number = fields.get("From", "unknown").rpartition(" (")
    speaker, sent = name or fields.get("From", "unknown"), fields.get("Sent")
    yield Turn(
        speaker,
        text,
        _mail_time(sent),
        aliases=(number.rstrip(")"),) if name else (),
        id=sent,
        answers=quoted.get("Sent"),
    )


def _quoted(lines: list[str]) -> tuple[dict[str, str], list[str]]:
    """The fields of the quotation at the beginning, and what was said; of an edited message as it was last."""
    if lines and lines[0].startswith("|"):
        end = next((place for place, line in enumerate(lines[1:], 1) if line.startswith("| Version: ")), len(lines))
        inner = [line[2:] for line in lines[:end] if line.startswith("|")]
        first = inner.index("") if "" in inner else len(inner)
        return _quoted(inner[first + 1 :])
    end = next((place for place, line in enumerate(lines) if not line.startswith(">")), len(lines))
    fields = [line[2:].split(": ", 1) for line in lines[:end] if ": " in line]
    return dict(fields[:2]), lines[end:]


def _mail_time(date: str | None) -> float | None:
    try:
        return parsedate_to_datetime(date or "").timestamp()
    except (ValueError, TypeError, IndexError, OverflowError, OSError):
        return None
