"""Telegram Desktop, "Human-readable HTML": `messages.html`, `messages2.html` and on, a folder a chat.

A message of the sender of the one before is `joined` and has no name. What is forwarded is in a body of
its own, and a reply links to its message as `#go_to_message7`.

Reference: Telegram Desktop, `export_output_html.cpp`.
"""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from chatbot.corpus.formats.parsing.file_sample import FileSample
from chatbot.corpus.formats.parsing.html_pages import Element, HtmlBlock, blocks
from chatbot.corpus.formats.parsing.import_format import Format
from chatbot.corpus.formats.parsing.intake import FORWARDED, MADE_BY_BOT, MEDIA, SYSTEM, Intake
from chatbot.corpus.reading.folders import by_folder, files_in
from chatbot.corpus.reading.turns import Turn, Turns

_PAGE = re.compile(r"messages(\d{0,6})\.html")
_MARKS = (b'class="message default', b'class="message service', b"tgme_page", b'class="page_wrap"')
_AREAS = ("from_name", "forwarded", "reply_to", "text", "date", "media_wrap", "userpic_wrap", "signature", "reactions")
_TARGET = re.compile(r"#go_to_message(\d{1,20})")
_VIA = re.compile(r" via @\w{1,64}\s*$")
_DATE = re.compile(r"(\d\d)\.(\d\d)\.(\d{4}) (\d\d):(\d\d):(\d\d)(?: UTC([+-]\d\d):(\d\d))?")


def _recognizes(sample: FileSample) -> bool:
    if sample.is_folder:
        return any(_is_page(FileSample.of(file, encoding=sample.encoding)) for file in _pages(sample.files)[:3])
    return _is_page(sample)


def _is_page(sample: FileSample) -> bool:
    return b'class="page_wrap' in sample.head and any(mark in sample.head for mark in _MARKS[:2])


def _pages(files: tuple[Path, ...] | list[Path]) -> list[Path]:
    return [file for file in files if _PAGE.fullmatch(file.name)]


def _number(page: Path) -> int:
    match = _PAGE.fullmatch(page.name)
    return int(match[1] or 1) if match else 1


def _read(path: Path, intake: Intake) -> Turns:
    files = files_in(path)
    if files is not None:
        pages = _pages(files)
    elif path.name == "messages.html":  # the first page, and all that follow it
        pages = [file for file in _pages(files_in(path.parent) or []) if file.parent == path.parent]
    else:
        pages = [path]
    for chat in by_folder(pages or [path]).values():
        yield from _turns(sorted(chat, key=_number), intake)
        yield None


def _turns(pages: list[Path], intake: Intake) -> Iterator[Turn]:
    speaker = "Deleted Account"
    for page in pages:
        for block in blocks(page, intake, _is_message, _area, _is_mention):
            if "service" in block.element.classes:
                if not block.element.attributes.get("id", "").startswith("message-"):  # that is a day
                    intake.drop(SYSTEM)
                continue
            name = " ".join(block.texts.get("from_name", "").split())
            speaker = _VIA.sub("", name) or speaker
            yield _turn(block, speaker, _VIA.search(name) is not None, intake)


def _is_message(element: Element) -> bool:
    return element.tag == "div" and "message" in element.classes


def _is_mention(element: Element) -> bool:
    return "ShowMentionName" in element.attributes.get("onclick", "")


def _area(element: Element) -> str:
    return next((area for area in _AREAS if area in element.classes), "")


def _turn(block: HtmlBlock, speaker: str, made_by_bot: bool, intake: Intake) -> Turn:
    links = [element.attributes.get("href", "") for area, element in block.elements if area == "reply_to"]
    target = next((match[1] for link in links if (match := _TARGET.search(link))), None)
    if target is None and "reply_to" in block.texts:
        target = "in another chat"
    text = block.texts.get("text", "").strip()
    if "forwarded" in (area for area, _ in block.elements):
        intake.drop(FORWARDED)
        text = ""
    elif made_by_bot:
        intake.drop(MADE_BY_BOT)
        text = ""
    elif not text:
        intake.drop(MEDIA)
    number = block.element.attributes.get("id", "").removeprefix("message")
    return Turn(speaker, text, _time(block), id=number, answers=target)


def _time(block: HtmlBlock) -> float | None:
    titles = (element.attributes.get("title", "") for area, element in block.elements if area == "date")
    match = _DATE.fullmatch(next(titles, ""))
    if match is None:
        return None
    day, month, year, hour, minute, second = map(int, match.groups()[:6])
    ahead = timedelta(hours=int(match[7] or 0), minutes=int(match[8] or 0))
    try:
        return (datetime(year, month, day, hour, minute, second, tzinfo=UTC) - ahead).timestamp()
    except (ValueError, OverflowError):
        return None


FORMAT = Format(
    "Telegram messages.html",
    _recognizes,
    _read,
    private=True,
    named=True,
    example=(
        '<html><div class="page_wrap"><div class="message default clearfix" id="message1">'
        '<div class="from_name">Ida</div><div class="text">hi</div></div></div></html>'
    ),
)
