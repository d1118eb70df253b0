"""Facebook Messenger and Instagram, "Download your information" as JSON: `message_1.json` and on, a folder a chat.

The files of a chat are parts of it, the first with the newest messages, each with the newest first.
Texts and names are UTF-8 that was taken for Latin-1, which is mended. The download of end-to-end
encrypted Messenger chats is a file a chat, with other keys and whole texts.

What the apps write themselves is told by its keys where it has any, else by its words: in the
languages listed below, and in all where it begins with the full name of its sender.
"""

import re
from pathlib import Path
from typing import Any

from chatbot.corpus.formats.parsing.file_sample import FileSample
from chatbot.corpus.formats.parsing.import_format import Format
from chatbot.corpus.formats.parsing.intake import DELETED, MEDIA, SYSTEM, Intake
from chatbot.corpus.formats.parsing.json_records import paths, values_at
from chatbot.corpus.reading.folders import by_folder, files_in
from chatbot.corpus.reading.ordering import TurnOrder, turn_order
from chatbot.corpus.reading.turns import Turn, Turns
from chatbot.errors import CorpusError

_PART = re.compile(r"message_(\d{1,6})\.json")
_PAGE = re.compile(r"message_\d{1,6}\.html")
#: A class of the boxes that are in every page of the HTML download.
_HTML_CLASS = b"_3-95"
_HIGH = re.compile("[\x80-\xff]+")

REACTION = "notice of a reaction"

_ATTACHMENT = re.compile(
    r".{0,100}(?:sent (?:an attachment|a (?:photo|video|voice message|sticker|gif|link|location|live location))"
    r"|einen Anhang gesendet|envoyé une pièce jointe|(?:envió|enviaste) un archivo adjunto|inviato un allegato"
    r"|(?:enviou|enviaste) um anexo|een bijlage verzonden|skickade en bilaga|sendte en vedhæftet fil"
    r"|sendte et vedlegg|załącznik|lähetti liitteen|bir eklenti gönderdi|отправил[аи]? вложение)\.?",
    re.IGNORECASE,
)
_REACTION = re.compile(
    r"(?:reacted(?: \S{1,20})? to (?:your|a|an|the) (?:message|photo|video|attachment)|liked a message"
    r"|hat mit \S{1,20} auf deine nachricht reagiert|gefällt eine nachricht"
    r"|a réagi (?:avec |par )?\S{1,20} à votre message|a aimé un message"
    r"|reaccionó con \S{1,20} a tu mensaje|le ha gustado un mensaje|le gustó un mensaje|indicó que le gusta un mensaje"
    r"|ha aggiunto la reazione \S{1,20} al tuo messaggio|ha messo mi piace a un messaggio"
    r"|reagiu com \S{1,20} à (?:sua|tua) mensagem|curtiu uma mensagem|gostou de uma mensagem"
    r"|reageerde met \S{1,20} op je bericht|vindt een bericht leuk|gillade ett meddelande)\.?",
    re.IGNORECASE,
)
_UNSENT = re.compile(r".{0,100}unsent a message\.?", re.IGNORECASE)
#: Behind "You" or the first name of the sender.
_NOTICE = re.compile(
    r"(?:named the group|created the group|left the group|joined the (?:group|call|video chat)"
    r"|(?:added|removed) .{1,200} (?:to|from) the group|changed the (?:group photo|chat theme|theme|group name)"
    r"|set (?:the|your|his|her|their) (?:own )?(?:nickname|emoji|quick reaction)|cleared (?:the|your|their) nickname"
    r"|(?:pinned|unpinned) a message|started an? (?:call|video chat|video call|audio call)|called (?:you|.{1,100})\."
    r"|missed (?:your|a) (?:video |audio )?(?:call|chat)|turned (?:on|off) (?:disappearing|vanish)"
    r"|voted for \"|created a (?:poll|plan)|(?:can now|are now|is) (?:message|call|connected|waving)\b).{0,300}",
    re.DOTALL,
)
_ENDED = re.compile(r"(?:The )?(?:audio call|video chat|video call|call) (?:ended|started)\.?", re.IGNORECASE)
#: Types that older downloads and those of encrypted chats name.
_SPOKEN_TYPES = (None, "Generic", "Share", "text", "link", "media")


def _recognizes(sample: FileSample) -> bool:
    if sample.is_folder:
        parts = [file for file in sample.files if _PART.fullmatch(file.name)]
        return any(_looks_like_one(file, sample.encoding) for file in parts[:3]) or any(
            _PAGE.fullmatch(file.name) for file in sample.files
        )
    found = paths(sample)
    return (
        {"messages.item.sender_name", "messages.item.timestamp_ms"} <= found
        or {"threadName", "messages.item.senderName"} <= found
        or _is_page(sample)
    )


def _looks_like_one(file: Path, encoding: str | None) -> bool:
    return "messages.item.sender_name" in paths(FileSample.of(file, encoding=encoding))


def _is_page(sample: FileSample) -> bool:
    return sample.head.lstrip()[:1] == b"<" and _HTML_CLASS in sample.head


def _read(path: Path, intake: Intake) -> Turns:
    files = files_in(path)
    if files is None:
        files = [path]
        if _is_page(FileSample.of(path, encoding=intake.encoding)):
            raise CorpusError(_choose_json(path))
    else:
        files = [file for file in files if _PART.fullmatch(file.name)]
        if not files:
            raise CorpusError(_choose_json(path))
    for parts in by_folder(files).values():
        with turn_order() as order:
            for part in parts:
                _add(part, intake, order)
            yield from (turn for _, turn in order.turns())
        yield None


def _choose_json(path: Path) -> str:
    return f"{path}: the HTML form of the download; ask for it again and choose the format JSON"


def _add(path: Path, intake: Intake, order: TurnOrder) -> None:
    for line, _, message in values_at(path, intake, ("messages.item",)):
        if not isinstance(message, dict):
            intake.problem(path, line, "a message that is no object")
            continue
        turn = _turn(message, intake)
        if turn is not None:
            order.add(turn, newest_first=True)


def _turn(message: dict[str, Any], intake: Intake) -> Turn | None:
    """A message as a turn; None for what the app says."""
    speaker = mend(_string(message, "sender_name", "senderName")) or "deleted account"
    text = mend(_string(message, "content", "text")).strip()
    said = Turn(speaker, "", _seconds(message.get("timestamp_ms", message.get("timestamp"))))
    if message.get("is_unsent") is True or message.get("isUnsent") is True or _UNSENT.fullmatch(text):
        intake.drop(DELETED)
    elif _REACTION.fullmatch(text):
        intake.drop(REACTION)
        return None
    elif _is_notice(message, text, speaker):
        intake.drop(SYSTEM)
        return None
    elif not text or _ATTACHMENT.fullmatch(text):
        intake.drop(MEDIA)
    else:
        return said._replace(text=text)
    return said


def _is_notice(message: dict[str, Any], text: str, speaker: str) -> bool:
    """Whether the app says it: of a call or a group, say."""
    if message.get("type") not in _SPOKEN_TYPES or "call_duration" in message or _ENDED.fullmatch(text):
        return True
    if " " in speaker and text.startswith(f"{speaker} ") and not _ATTACHMENT.fullmatch(text):
        return True
    subject, _, rest = text.partition(" ")
    is_told = subject in ("You", speaker.partition(" ")[0]) and not rest.endswith("?")
    return is_told and _NOTICE.fullmatch(rest) is not None


def _seconds(milliseconds: object) -> float | None:
    try:
        return float(milliseconds) / 1000  # type: ignore[arg-type]  # what is no number is caught
    except (TypeError, ValueError, OverflowError):
        return None


def _string(message: dict[str, Any], *keys: str) -> str:
    return next((value for key in keys if isinstance(value := message.get(key), str)), "")


def mend(text: str) -> str:
    """A text whose UTF-8 was taken for Latin-1, as it was written; another one as it is."""
    if not text.isascii() and max(text) <= "\xff":
        return _HIGH.sub(_decoded, text)
    return text


def _decoded(match: re.Match[str]) -> str:
    try:
        return match[0].encode("latin-1").decode("utf-8")
    except UnicodeDecodeError:
        return match[0]


FORMAT = Format(
    "Messenger or Instagram download",
    _recognizes,
    _read,
    private=True,
    named=True,
    example='{"participants": [], "messages": [{"sender_name": "a", "timestamp_ms": 1, "content": "hi"}]}',
)
