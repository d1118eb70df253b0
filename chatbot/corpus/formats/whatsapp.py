"""WhatsApp, "Export chat": `_chat.txt` of iOS, `WhatsApp Chat with ….txt` of Android.

A message begins with its date, time and sender, in the form of the phone's language, and goes on
until the next begins. What WhatsApp says itself has no sender (Android) or begins with U+200E
(iOS); so does the word that stands in place of a picture. The texts that an Android phone puts
there depend on its language: whole messages in angle brackets are taken for such, and the
"deleted" and "missed call" notices of the languages listed below.
"""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from chatbot.corpus.dialogue import LONGEST_TURN, Turn, Turns
from chatbot.corpus.formats.contract import MEDIA, SYSTEM, Format, Intake, Sample
from chatbot.corpus.formats.whatsapp_dates import DATE_AND_TIME, Moment, is_day_first, read_moment, seconds

#: WhatsApp's own mark in front of what it wrote itself.
_GENERATED = "\u200e"
#: Direction marks and the byte-order mark; the isolates around the names of people mentioned stay.
_INVISIBLE = {ord(mark): None for mark in "\u200e\u200f\u202a\u202b\u202c\u202d\u202e\ufeff"}

_IOS = re.compile(rf"\[{DATE_AND_TIME}\]\s?(?P<rest>.*)", re.DOTALL | re.IGNORECASE)
_ANDROID = re.compile(rf"{DATE_AND_TIME}(?:\s[-–—]\s|:\s|,\s)(?P<rest>.*)", re.DOTALL | re.IGNORECASE)
_SENDER = re.compile(r"(?P<sender>[^:]{1,120}?)\s?:(?:\s(?P<text>.*)|$)", re.DOTALL)
#: A notice that quotes a text with a colon, such as the name of a group, has no sender before it.
_QUOTES = frozenset('"“”„«»「')

_ATTACHED = re.compile(r"\u200e?<[^<>\n:]{1,40}:\s[^<>\n]+\.\w{2,5}>|\S+\.\w{2,5}\s<[^<>\n]{2,40}>")
_FILE = re.compile(
    r"\A[\u200e\s]*(?:(?:IMG|VID|PTT|AUD|STK|DOC|GIF)-\d{8}-WA\d{4,}\.\w{2,5}\s\([^()\n]{2,60}\)"
    r"|[^\n]{1,200}\.\w{2,5}\s\((?:file attached|datei angehängt|archivo adjunto|fichier joint|arquivo anexado"
    r"|file allegato|bestand bijgevoegd|파일 첨부됨)\))",
    re.IGNORECASE,
)
_EDITED = re.compile(r"\s*(?:\u200e<[^<>\n]{2,60}>|<This message was edited>)\s*$")
_BRACKETED = re.compile(r"<[^<>\n]{2,60}>")
_NOTICES = re.compile(
    r"null|(?:this message was deleted|you deleted this message|waiting for this message.*"
    r"|missed (?:group )?(?:voice|video) call.*|(?:live )?location(?: shared)?:?\s*https?://maps\S*.*"
    r"|diese nachricht wurde gelöscht|du hast diese nachricht gelöscht"
    r"|se eliminó este mensaje|eliminaste este mensaje"
    r"|ce message a été supprimé|vous avez supprimé ce message"
    r"|mensagem apagada|essa mensagem foi apagada|você apagou essa mensagem|esta mensagem foi apagada"
    r"|questo messaggio è stato eliminato|hai eliminato questo messaggio"
    r"|삭제된 메시지입니다|이 메시지는 삭제되었습니다|このメッセージは削除されました|此消息已被删除)[.。]?",
    re.DOTALL | re.IGNORECASE,
)


class _Header(NamedTuple):
    """The first line of a message, taken apart; without a sender, WhatsApp speaks."""

    moment: Moment
    sender: str | None
    text: str


def _recognizes(sample: Sample) -> bool:
    headers = [header for line in sample.lines[:50] if (header := _header(line)) is not None]
    return any(header.sender is not None for header in headers)


def _read(path: Path, intake: Intake) -> Turns:
    headers = (header for _, line in intake.lines(path, quiet=True) if (header := _header(line)) is not None)
    day_first = is_day_first(header.moment for header in headers)
    for header, text in _messages(path, intake):
        said = _spoken(text)
        if header.sender is None:
            intake.drop(SYSTEM)
            continue
        if not said:
            intake.drop(MEDIA)
        yield Turn(header.sender, said, seconds(header.moment, day_first))


def _messages(path: Path, intake: Intake) -> Iterator[tuple[_Header, str]]:
    """Each message with all its lines; of one that is too long, enough to see that it is."""
    header: _Header | None = None
    lines: list[str] = []
    size = 0
    for _, line in intake.lines(path):
        begun = _header(line)
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


def _header(line: str) -> _Header | None:
    plain = line.lstrip("\u200e\u200f\u202a\ufeff ")
    if not plain[:1].isdigit() and not plain.startswith("["):
        return None
    match = _IOS.match(plain) or _ANDROID.match(plain)
    moment = read_moment(match) if match else None
    if match is None or moment is None:
        return None
    sender = _SENDER.match(match["rest"])
    if sender is None or _QUOTES & set(sender["sender"]):
        return _Header(moment, None, match["rest"])
    return _Header(moment, _name(sender["sender"]), sender["text"] or "")


def _name(sender: str) -> str:
    """A sender without the marks around numbers and the `~` before names that are in no address book."""
    return " ".join(sender.translate(_INVISIBLE).removeprefix("~").split())


def _spoken(text: str) -> str:
    """What a person wrote of a message; nothing where it was no text."""
    text = _EDITED.sub("", _FILE.sub("", _ATTACHED.sub("", text))).strip()
    if text.startswith(_GENERATED):
        return ""
    text = text.translate(_INVISIBLE).strip()
    if _BRACKETED.fullmatch(text) or _NOTICES.fullmatch(text) or _is_poll(text):
        return ""
    return text


def _is_poll(text: str) -> bool:
    return text.startswith("POLL:") and "\nOPTION:" in text


FORMAT = Format("whatsapp", "WhatsApp chat", _recognizes, _read, private=True, named=True)
