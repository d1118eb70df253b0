"""DiscordChatExporter JSON: a channel with its `messages`.

A message of the type `Reply` answers the one that its `reference` names. What is forwarded has an
empty `content`; messages of `isBot` authors are those of bots. A channel may be exported in parts, of which all
but the first say in their names which they are: `general.json`, `general [part 2].json`.

Reference: DiscordChatExporter, `JsonMessageWriter`.
"""

import re
from datetime import datetime
from pathlib import Path
from typing import Any

from chatbot.corpus.formats.parsing.file_sample import FileSample
from chatbot.corpus.formats.parsing.import_format import Format
from chatbot.corpus.formats.parsing.intake import FORWARDED, MEDIA, SYSTEM, Intake
from chatbot.corpus.formats.parsing.json_records import paths, values_at
from chatbot.corpus.reading.turns import Turn, Turns
from chatbot.corpus.redaction.redact import NAME_BEGINS, NAME_ENDS
from chatbot.errors import CorpusError

#: The last are the answers of bots to commands, whose types the exporter has no names for.
_SPOKEN = ("Default", "Reply", "20", "23")
#: Marks of people, emoji, channels and roles that an export without the exporter's own formatting keeps.
_MARK = re.compile(r"<(?:@!?(?P<user>\d{1,20})|a?:(?P<emoji>\w{1,64}):\d{1,20}|(?:#|@&)\d{1,20})>")
_PART = re.compile(r" \[part (\d{1,6})\]$")
_CONTENT = ("attachments", "embeds", "stickers", "forwardedMessage")


def _recognizes(sample: FileSample) -> bool:
    found = paths(sample)
    return {"guild.id", "channel.id"} <= found or {"messages.item.author.id", "messages.item.content"} <= found


def _read(path: Path, intake: Intake) -> Turns:
    spoken = blank = 0
    for line, _, message in values_at(path, intake, ("messages.item",)):
        if not isinstance(message, dict) or not isinstance(message.get("author"), dict):
            intake.problem(path, line, "a message without an author")
        elif message.get("type") not in _SPOKEN:
            intake.drop(SYSTEM)
        else:
            turn = _turn(message, message["author"], intake)
            spoken += 1
            blank += not turn.text.strip() and not any(message.get(key) for key in _CONTENT)
            yield turn
    if spoken and spoken == blank:
        raise CorpusError(
            f"{path}: all {spoken:,} messages are without text; an exporter with the token of a bot gets no text"
            " unless the bot has the message content intent: switch it on in Discord's developer portal, under Bot,"
            " and export again"
        )


def _turn(message: dict[str, Any], author: dict[str, Any], intake: Intake) -> Turn:
    content, reference = message.get("content"), message.get("reference")
    reference = reference if isinstance(reference, dict) else {}
    text, is_bot = _plain(content, message) if isinstance(content, str) else "", author.get("isBot") is True
    if reference.get("type") == "Forward" or message.get("forwardedMessage") is not None:
        intake.drop(FORWARDED)
        text = ""
    elif not text.strip() and not is_bot:
        intake.drop(MEDIA)
    name, number = str(author.get("name") or author.get("id")), str(author.get("discriminator"))
    aliases = (str(author.get("nickname") or ""), f"{name}#{number}", str(author.get("id")))
    answers = str(reference.get("messageId")) if reference and message["type"] == "Reply" else None
    return Turn(name, text, _time(message.get("timestamp")), True, (), aliases, str(message.get("id")), answers, is_bot)


def _plain(content: str, message: dict[str, Any]) -> str:
    """A text with names in place of marks; a mark that stands for nothing known is left out."""
    mentions = message.get("mentions")
    people = [person for person in mentions if isinstance(person, dict)] if isinstance(mentions, list) else []
    names = {str(person.get("id")): str(person.get("nickname") or person.get("name")) for person in people}

    def said(match: re.Match[str]) -> str:
        if match["emoji"]:
            return f":{match['emoji']}:"
        name = names.get(match["user"] or "")
        return f"@{NAME_BEGINS}{name}{NAME_ENDS}" if name else ""

    return _MARK.sub(said, content)


def _time(timestamp: object) -> float | None:
    try:
        return datetime.fromisoformat(str(timestamp)).timestamp()
    except (ValueError, OverflowError, OSError):
        return None


def _part_of(path: Path) -> tuple[Path, int]:
    match = _PART.search(path.stem)
    return (path, 1) if match is None else (path.with_stem(path.stem[: match.start()]), int(match[1]))


FORMAT = Format(
    "DiscordChatExporter JSON",
    _recognizes,
    _read,
    private=True,
    named=True,
    part_of=_part_of,
    tables={
        frozenset({"AuthorID", "Content"}): (
            "a Discord channel as a table",
            "export it as JSON, in which replies say what they answer",
        )
    },
    example='{"guild": {"id": "1"}, "channel": {"id": "2"}, "messages": []}',
)
