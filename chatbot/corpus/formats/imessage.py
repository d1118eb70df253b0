"""iMessage, as imessage-exporter writes it: a text or an HTML page a chat.

Each message begins with its time and sender. An answer is there twice: in its place in the talk,
and below the message that it answers, which shows what it answers. What stands for pictures,
effects and reactions is left out, and of an edited message only the last version is read.

Reference: imessage-exporter, `exporters/txt.rs` and `exporters/html.rs`.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from chatbot.corpus.formats.parsing.file_sample import FileSample
from chatbot.corpus.formats.parsing.html_pages import Element, blocks
from chatbot.corpus.formats.parsing.import_format import Format
from chatbot.corpus.formats.parsing.intake import DELETED, MEDIA, SYSTEM, Intake
from chatbot.corpus.reading.turns import LONGEST_TURN, Turn, Turns

_STAMP = re.compile(
    r"(?P<indent> *)(?P<date>[A-Z][a-z]{2} \d\d, \d{4} +\d{1,2}:\d\d:\d\d [AP]M)(?P<rest> \(Read by .{1,200}\)| .*)?"
)
_REPLY_NOTE = "This message responded to an earlier message."
_DELETED_NOTE = "This message was deleted from the conversation!"
_UNSENT = re.compile(r".{1,100} (?:unsent this message part\b.{0,100}|deleted a message\.)")
_EDITED = re.compile(r"Edited .{1,100}? later: (?P<text>.*)")
_REACTIONS = ("Tapbacks:", "Reactions:")
_NO_TEXT = re.compile(
    r"(?:attachments|~|/Users|/var|/private|[A-Z]:)[/\\].*|(?:\w+ )?Sticker from .{1,200}: .*|Transcription: .*"
    r"|Attachment missing!|Sent with (?:Confetti|Echo|Fireworks|Balloons|Heart|Lasers|Shooting Star|Sparkles"
    r"|Spotlight|Slam|Loud|Gentle|Invisible Ink)|SharePlay Message|(?:Started|Stopped) sharing location!"
    r"|Shared location!|Unable to format app message: .*|Digital Touch Message: .*|.{1,40} transaction: .*"
    r"|Handwritten messages are not yet supported!"
)
_URL = re.compile(r"https?://\S+")
_AREAS = (
    *("replies", "timestamp", "sender", "bubble", "edited", "deleted", "unsent", "subject"),
    *("tapbacks", "reactions", "app", "attachment", "expressive", "reply_anchor", "reply_context"),
)
_GUID = re.compile(r"message-guid=([\w-]{1,80})")
_UNKNOWN = "not in the file"


@dataclass
class _Message:
    """A message, and what is said of its answers.

    Attributes:
        date: As written.
        sender: Empty until it is read.
        lines: What follows.
        answers: The dates and senders of those that answer it.
        is_answer: Whether it says that it answers another.
    """

    date: str
    sender: str = ""
    lines: list[str] = field(default_factory=list)
    answers: list[str] = field(default_factory=list)
    is_answer: bool = False
    _size: int = 0
    _answer_date: str | None = None

    @property
    def id(self) -> str:
        """The name of the message in its file."""
        return f"{self.date} {self.sender}"

    def add(self, line: str, stamp: re.Match[str] | None) -> None:
        """Add a line: the sender, a line of the text or, from the first answer below it on, of the answers."""
        if not self.sender:
            self.sender = line.strip()
        elif line == _REPLY_NOTE:
            self.is_answer = True
        elif stamp is not None and stamp["indent"]:
            self._answer_date = stamp["date"]
        elif self._answer_date:
            self.answers.append(f"{self._answer_date} {line.strip()}")
            self._answer_date = ""
        elif self._answer_date is None and self._size <= LONGEST_TURN:
            self.lines.append(line)
            self._size += len(line) + 1


def _recognizes(sample: FileSample) -> bool:
    if sample.is_folder:
        return False  # each file is recognized by itself
    if sample.head.lstrip()[:1] == b"<":
        return b'<div class="message"' in sample.head and b'class="timestamp"' in sample.head
    first = _STAMP.fullmatch(sample.lines[0].rstrip()) if sample.lines else None
    return first is not None and len(sample.lines) > 1


def _read(path: Path, intake: Intake) -> Turns:
    is_page = FileSample.of(path, encoding=intake.encoding).head.lstrip()[:1] == b"<"
    yield from _of_page(path, intake) if is_page else _of_text(path, intake)


def _of_text(path: Path, intake: Intake) -> Iterator[Turn]:
    answered: dict[str, str] = {}
    for message in _messages(path, intake):
        for answer in message.answers:
            answered.setdefault(answer, message.id)
        text = _said(message, intake)
        answers = answered.get(message.id, _UNKNOWN) if message.is_answer else None
        yield Turn(message.sender, text, _time(message.date), id=message.id, answers=answers)


def _messages(path: Path, intake: Intake) -> Iterator[_Message]:
    """The messages of a text; a time behind a blank line begins one, and with words behind it is a notice."""
    message: _Message | None = None
    blank = True
    for _, line in intake.lines(path):
        stamp = _STAMP.fullmatch(line)
        if stamp is not None and not stamp["indent"] and blank:
            if message is not None and message.sender:
                yield message
            is_message = (stamp["rest"] or " (Read by").startswith(" (Read by")
            message = _Message(stamp["date"]) if is_message else None
            if not is_message:
                intake.drop(SYSTEM)
        elif message is not None:
            message.add(line, stamp)
        blank = not line.strip()
    if message is not None and message.sender:
        yield message


def _said(message: _Message, intake: Intake) -> str:
    """The text that a person wrote in a message; nothing, which is counted, where it was no text."""
    said: list[str] = []
    in_reactions = False
    for line in message.lines:
        stamp, edited = _STAMP.fullmatch(line), _EDITED.fullmatch(line)
        in_reactions = line in _REACTIONS or (in_reactions and bool(line.strip()))
        if line == _DELETED_NOTE or _UNSENT.fullmatch(line):
            intake.drop(DELETED)
            return ""
        if edited is not None:
            said = [edited["text"]]
        elif stamp is not None and stamp["rest"]:
            said.append(stamp["rest"].strip())
        elif not in_reactions and not _NO_TEXT.fullmatch(line):
            said.append(line)
    said = [line for line in said if line.strip()]
    if said and _URL.fullmatch(said[0]):  # what follows is a preview of the page
        said = said[:1]
    if not said:
        intake.drop(MEDIA)
    return "\n".join(said)


def _of_page(path: Path, intake: Intake) -> Iterator[Turn]:
    answered: dict[str, str] = {}
    for block in blocks(path, intake, _is_message, _area):
        if "announcement" in block.element.classes:
            intake.drop(SYSTEM)
            continue
        date, sender = (" ".join(block.texts.get(area, "").split()) for area in ("timestamp", "sender"))
        links = [element.attributes.get("href", "") for area, element in block.elements if area == "timestamp"]
        own = block.element.attributes.get("id", "")
        guid = own.removeprefix("r-") or next((match[1] for link in links if (match := _GUID.search(link))), None)
        for area, element in block.elements:
            if area == "replies" and "reply" in element.classes:
                answered[element.attributes.get("id", "")] = guid or f"{date} {sender}"
        text = (block.texts.get("edited/tfoot") or block.texts.get("bubble") or "").strip()
        if "deleted" in block.texts or "unsent" in block.texts:
            intake.drop(DELETED)
            text = ""
        elif not text:
            intake.drop(MEDIA)
        answers = answered.get(own.removeprefix("r-"), _UNKNOWN) if own.startswith("r-") else None
        yield Turn(sender or "unknown", text, _time(date), id=guid or f"{date} {sender}", answers=answers)


def _is_message(element: Element) -> bool:
    return element.tag == "div" and bool({"message", "announcement"} & element.classes)


def _area(element: Element) -> str:
    if element.tag == "tfoot" or "reply" in element.classes:
        return "tfoot" if element.tag == "tfoot" else ""
    return next((area for area in _AREAS if area in element.classes), "")


def _time(date: str) -> float | None:
    stamp = _STAMP.match(date)
    try:
        return (
            datetime.strptime(" ".join(stamp["date"].split()), "%b %d, %Y %I:%M:%S %p").timestamp() if stamp else None
        )
    except (ValueError, OverflowError, OSError):
        return None


FORMAT = Format(
    "iMessage, by imessage-exporter",
    _recognizes,
    _read,
    private=True,
    named=True,
    example="May 17, 2022  5:29:42 PM\nMe\nhi\n\n",
)
