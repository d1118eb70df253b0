"""Signal, as signal-export (`chat.md`, `data.json`) and sigtop (text, short text, JSON) write it.

Signal itself exports nothing. signal-export makes a folder a chat, of which `data.json` is read where
it is there; sigtop a file a chat. An answer holds what it answers, as a quotation with its text or time.

Reference: signal-export, `models.py` and `create.py`; sigtop, `fmt_text.go`, `fmt_text_short.go`.
"""

import re
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

from chatbot.corpus.formats.parsing.file_sample import FileSample
from chatbot.corpus.formats.parsing.import_format import Format
from chatbot.corpus.formats.parsing.intake import DELETED, MEDIA, SYSTEM, Intake
from chatbot.corpus.formats.parsing.json_records import paths, records
from chatbot.corpus.formats.parsing.sigtop import is_sigtop_text, sigtop_messages, sigtop_record
from chatbot.corpus.reading.folders import by_folder, files_in
from chatbot.corpus.reading.turns import LONGEST_TURN, Turn, Turns
from chatbot.text import normalize

#: Files of signal-export that hold the same chat, the best one first.
_CHATS = ("data.json", "chat.md", "index.md")
_MARKDOWN = re.compile(r"\[(?P<date>\d{4}-\d\d-\d\d,? \d\d:\d\d(?::\d\d)?)\] (?P<sender>[^:\n]{1,200}): ?(?P<text>.*)")
_SHORT = re.compile(r"(?P<date>\d{4}-\d\d-\d\d \d\d:\d\d) (?P<sender>[^:\n]{1,200}):(?: (?P<text>.*))?")
_SHORT_DETAILS = re.compile(
    r"\[(?!\])(?:reply to (?P<answered>[^\[\]]{1,300} on (?:\d{4}-\d\d-\d\d \d\d:\d\d|unknown))(?:, )?)?"
    r"(?:edited(?:, )?)?(?:\d+ attachments?)?\] ?|\[\w[\w -]{0,60} message\]$"
)
_CALL = re.compile(r"(?:Incoming|Outgoing|Missed)(?: voice| video)? call(?: \([^()]{1,80}\))?")
_LINK = re.compile(r"!?\[[^\[\]\n]{0,300}\]\(\.{1,2}/[^()\n]{1,500}\)|\((?:media|attachment) not exported\)")
_REACTIONS = re.compile(r"\(- .* -\)")
_STICKER = re.compile(r"\(\( .* \)\)")
_DELETED_NOTE = "(This message was deleted)"
_NOBODY = "No-Sender"
#: Characters of a text by which a quotation names it.
_NAMED_BY = 300


def _recognizes(sample: FileSample) -> bool:
    if sample.is_folder:
        chats = [file for file in sample.files if file.name in _CHATS]
        return any(_is_one(FileSample.of(file, encoding=sample.encoding)) for file in chats[:5])
    return _is_one(sample)


def _is_one(sample: FileSample) -> bool:
    return _is_json(sample) or is_sigtop_text(sample) or _dated(sample) is not None


def _is_json(sample: FileSample) -> bool:
    found = paths(sample)
    return {"sender", "body", "quote", "date"} <= found or {"item.conversationId", "item.sent_at", "item.type"} <= found


def _dated(sample: FileSample) -> re.Pattern[str] | None:
    """The pattern of the beginning of messages; WhatsApp's can begin alike, without the double space at the end."""
    lines = sample.text.splitlines()[:200]
    headers = [line for line in lines if _MARKDOWN.fullmatch(line)]
    if headers and (sample.path.suffix == ".md" or any(line.endswith("  ") for line in lines)):
        return _MARKDOWN
    first = next((line for line in lines if line.strip()), "")
    owns = any(match["sender"] == "You" for line in lines if (match := _SHORT.fullmatch(line)))
    return _SHORT if owns and _SHORT.fullmatch(first) else None


def _read(path: Path, intake: Intake) -> Turns:
    files = files_in(path)
    if files is None:
        yield from _chat(path, intake)
        return
    for chat in by_folder(files).values():
        best = next((file for name in _CHATS for file in chat if file.name == name), None)
        if best is not None:
            yield from _chat(best, intake)
            yield None


def _chat(path: Path, intake: Intake) -> Iterator[Turn]:
    sample = FileSample.of(path, encoding=intake.encoding)
    if _is_json(sample) or sample.head.lstrip()[:1] == b"{":
        for line, record in records(path, intake):
            turn = _of_signal_export(record, intake) if "sender" in record else sigtop_record(record, intake)
            if turn is None and "body" not in record and "sent_at" not in record:
                intake.problem(path, line, "neither a message of signal-export nor of sigtop")
            elif turn is not None:
                yield turn
    elif is_sigtop_text(sample):
        yield from sigtop_messages(path, intake)
    else:
        yield from _dated_messages(path, _dated(sample) or _MARKDOWN, intake)


def _of_signal_export(record: dict[str, Any], intake: Intake) -> Turn | None:
    quote = "\n".join(line.removeprefix(">").strip() for line in str(record.get("quote") or "").strip().split("\n"))
    body = record.get("body")
    return _turn(
        intake,
        str(record.get("sender") or _NOBODY),
        body if isinstance(body, str) else "",
        _time(record.get("date")),
        quote,
        is_call=record.get("call") is True,
        is_deleted=record.get("deleted") is True,
    )


def _turn(
    intake: Intake,
    sender: str,
    body: str,
    time: float | None,
    quote: str,
    is_call: bool = False,
    is_deleted: bool = False,
) -> Turn | None:
    text = _LINK.sub("", body).strip()
    if sender == _NOBODY or is_call or _CALL.fullmatch(text):
        intake.drop(SYSTEM)
        return None
    if is_deleted or text == _DELETED_NOTE:
        intake.drop(DELETED)
        text = ""
    elif not text:
        intake.drop(MEDIA)
    return Turn(sender, text, time, id=_named(text) or None, answers=_named(quote) or None)


def _named(text: str) -> str:
    return normalize(text[: 2 * _NAMED_BY])[:_NAMED_BY]


def _dated_messages(path: Path, header: re.Pattern[str], intake: Intake) -> Iterator[Turn]:
    """The messages of a text in which each begins with its date and sender."""
    begun: re.Match[str] | None = None
    lines: list[str] = []
    size = 0
    for _, line in intake.lines(path):
        match = header.fullmatch(line)
        if match is not None:
            if begun is not None and (turn := _dated_turn(begun, lines, intake)) is not None:
                yield turn
            begun, lines = match, [match["text"] or ""]
            size = len(lines[0])
        elif size <= LONGEST_TURN:
            lines.append(line)
            size += len(line) + 1
    if begun is not None and (turn := _dated_turn(begun, lines, intake)) is not None:
        yield turn


def _dated_turn(header: re.Match[str], lines: list[str], intake: Intake) -> Turn | None:
    time = _time(header["date"])
    if header.re is _SHORT:
        details = _SHORT_DETAILS.match(lines[0])
        lines[0] = lines[0][details.end() :] if details else lines[0]
        turn = _turn(intake, header["sender"], "\n".join(lines), time, "")
        answers = details["answered"] if details else None
        return turn and turn._replace(id=f"{header['sender']} on {header['date']}", answers=answers)
    quote: list[str] = []
    body: list[str] = []
    for line in lines:
        if line.startswith(">") and not body:
            quote.append(line[1:].strip())
        elif (body or line.strip()) and not _REACTIONS.fullmatch(line.strip()) and not _STICKER.fullmatch(line.strip()):
            body.append(line)
    return _turn(intake, header["sender"], "\n".join(body), time, "\n".join(quote))


def _time(date: object) -> float | None:
    try:
        return datetime.fromisoformat(str(date).replace(",", "")).timestamp()
    except (ValueError, OverflowError, OSError):
        return None


FORMAT = Format(
    "Signal, by signal-export or sigtop",
    _recognizes,
    _read,
    private=True,
    named=True,
    example="[2022-05-19 10:00:00] Me: hi  \n\n[2022-05-19 10:01:00] Zoë: hello  \n",
)
