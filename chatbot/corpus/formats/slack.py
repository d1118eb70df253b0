"""Slack, "Export data": a folder or zip with `users.json` and a folder a channel with a file a day; or one such file.

A message with a `thread_ts` that is not its own `ts` is in the thread of that message, away from the
talk of the channel. Mentions and links are written `<@U…>`, `<#C…|name>`, `<!here>` and `<http://…|label>`.

Reference: Slack, "How to read Slack data exports" and "Formatting message text".
"""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from chatbot.corpus.formats.parsing.file_sample import FileSample
from chatbot.corpus.formats.parsing.import_format import Format
from chatbot.corpus.formats.parsing.intake import MEDIA, SYSTEM, Intake
from chatbot.corpus.formats.parsing.json_records import paths, values_at
from chatbot.corpus.reading.folders import by_folder, files_in
from chatbot.corpus.reading.ordering import TurnOrder, turn_order
from chatbot.corpus.reading.turns import Turn, Turns
from chatbot.corpus.redaction.redact import NAME_BEGINS, NAME_ENDS

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}\.json")
#: Lists of people; the second is that of an organization of several workspaces.
_PEOPLE = ("users.json", "org_users.json")
#: Subtypes of what people and bots write themselves; those of joining, leaving and the like are no talk.
_SPOKEN = (None, "thread_broadcast", "me_message", "file_share", "bot_message")
_MARK = re.compile(r"<([^<>|\n]{0,3000})(?:\|([^<>\n]{0,3000}))?>")
#: How the uploads of old exports begin, which have no text of their own.
_UPLOAD = re.compile(r"<@\w{1,20}(?:\|[^<>]{0,100})?> (?:uploaded|shared|commented on) ")
_SLACKBOT = "USLACKBOT"


class _Person(NamedTuple):
    name: str
    aliases: tuple[str, ...]
    is_bot: bool


def _recognizes(sample: FileSample) -> bool:
    if sample.is_folder:
        days = [file for file in sample.files if _DAY.fullmatch(file.name)]
        return any(_is_day(FileSample.of(file, encoding=sample.encoding)) for file in days[:5])
    return _is_day(sample)


def _is_day(sample: FileSample) -> bool:
    found = paths(sample)
    return {"item.type", "item.ts", "item.text"} <= found and bool({"item.user", "item.bot_id"} & found)


def _read(path: Path, intake: Intake) -> Turns:
    files = files_in(path)
    if files is None:
        beside = [path.parent.parent / name for name in _PEOPLE]
        people, days = _people([file for file in beside if file.is_file()], intake), [path]
    else:
        people = _people(files, intake)
        days = [file for file in files if _DAY.fullmatch(file.name)]
    for channel in by_folder(days).values():
        with turn_order() as order:
            for day in channel:
                _add(day, people, intake, order)
            yield from _in_threads(order)
        yield None


def _in_threads(order: TurnOrder) -> Iterator[Turn]:
    """The talk of a channel, then each thread, whose first turn answers the message that it is about."""
    thread = ""
    for part, turn in order.turns():
        if not part:
            yield turn
        else:  # it continues with every answer
            yield turn._replace(time=None, answers=None if part == thread else turn.answers)
        thread = part


def _people(files: list[Path], intake: Intake) -> dict[str, _Person]:
    people: dict[str, _Person] = {}
    for file in files:
        if file.name in _PEOPLE:
            for _, _, user in values_at(file, intake, ("item",)):
                if isinstance(user, dict) and isinstance(user.get("id"), str):
                    people[user["id"]] = _person(user)
    return people


def _person(user: dict[str, Any]) -> _Person:
    given = user.get("profile")
    profile = given if isinstance(given, dict) else {}
    names = [profile.get("display_name"), user.get("real_name"), profile.get("real_name"), user.get("name"), user["id"]]
    known = tuple(dict.fromkeys(name for name in names if isinstance(name, str) and name.strip()))
    return _Person(known[0], known[1:], user.get("is_bot") is True or user["id"] == _SLACKBOT)


def _add(day: Path, people: dict[str, _Person], intake: Intake, order: TurnOrder) -> None:
    for line, _, message in values_at(day, intake, ("item",)):
        if not isinstance(message, dict):
            intake.problem(day, line, "a message that is no object")
        elif message.get("type") != "message" or message.get("subtype") not in _SPOKEN or message.get("hidden"):
            intake.drop(SYSTEM)
        else:
            turn = _turn(message, people, intake)
            order.add(turn, part=turn.answers or "")


def _turn(message: dict[str, Any], people: dict[str, _Person], intake: Intake) -> Turn:
    speaker = _speaker(message, people)
    given = message.get("text")
    raw = given if isinstance(given, str) else ""
    text = "" if _UPLOAD.match(raw) else _plain(raw, people)
    if not text.strip() and not speaker.is_bot:
        intake.drop(MEDIA)
    number, thread = str(message.get("ts")), message.get("thread_ts")
    answers = None if thread is None or str(thread) == number else str(thread)
    return Turn(
        speaker.name,
        text,
        _seconds(number),
        aliases=speaker.aliases,
        id=number,
        answers=answers,
        is_bot=speaker.is_bot,
    )


def _speaker(message: dict[str, Any], people: dict[str, _Person]) -> _Person:
    user, bot = message.get("user"), message.get("bot_id")
    is_bot = bool(bot) or message.get("subtype") == "bot_message" or user == _SLACKBOT
    known = people.get(user) if isinstance(user, str) else None
    if known is not None:
        return known._replace(is_bot=known.is_bot or is_bot)
    profiles = [message.get("user_profile"), message.get("bot_profile"), {"name": message.get("username")}]
    names = [
        profile.get(key)
        for profile in profiles
        if isinstance(profile, dict)
        for key in ("display_name", "real_name", "name")
    ]
    names += [user, bot, "unknown"]
    given = tuple(dict.fromkeys(name for name in names if isinstance(name, str) and name.strip()))
    return _Person(given[0], given[1:-1], is_bot)


def _plain(text: str, people: dict[str, _Person]) -> str:
    """A text with names and labels in place of Slack's marks."""

    def said(match: re.Match[str]) -> str:
        what, label = match[1], match[2]
        if what.startswith("@"):
            name = people[what[1:]].name if what[1:] in people else label
            return f"@{NAME_BEGINS}{name.lstrip('@')}{NAME_ENDS}" if name else ""
        if what.startswith("!"):
            return label or f"@{what[1:]}" if label or what[1:] in ("here", "channel", "everyone") else ""
        if what.startswith("#"):
            return f"#{label}" if label else ""
        return label or what.removeprefix("mailto:").removeprefix("tel:")

    return _MARK.sub(said, text).replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def _seconds(number: str) -> float | None:
    try:
        return float(number)
    except ValueError:
        return None


FORMAT = Format(
    "Slack export",
    _recognizes,
    _read,
    private=True,
    named=True,
    example='[{"type": "message", "user": "U1", "text": "hi", "ts": "1.0"}]',
)
