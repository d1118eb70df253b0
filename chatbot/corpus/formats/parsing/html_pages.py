"""Streaming parser for the HTML formats: the messages of a page of any size."""

import codecs
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path
from typing import NamedTuple

from chatbot.corpus.formats.parsing.intake import Intake
from chatbot.corpus.redaction.redact import NAME_BEGINS, NAME_ENDS
from chatbot.errors import CorpusError

#: Elements without content.
_VOID = frozenset(("area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "wbr"))
#: Elements that end where the next of their kind begins.
_IMPLIED = frozenset(("li", "p", "td", "th", "tr"))
_NONE: frozenset[str] = frozenset()
_DEEPEST = 200
#: Bytes that the parser gets at once.
_PIECE = 1 << 18
#: Characters that the parser may read again and again in search of the end of a tag or a comment.
_MOST_WORK = 128 << 20
#: A reference to a character by a number that none has; Python reads numbers of 4,300 digits at most.
_NO_CHARACTER = re.compile(r"&(?=#\d{100})")
#: What begins no tag, and what stands for it while the parser reads, which takes each by itself: a character
#: that no text has (Unicode keeps it for uses such as this).
_NO_TAG, _STANDS_FOR_IT = re.compile(r"<(?=[^A-Za-z/!?])"), "\ufdd0"


class Element(NamedTuple):
    """An element of a page.

    Attributes:
        tag: In lower case.
        classes: The words of its `class`.
        attributes: All of them; one without a value is empty.
    """

    tag: str
    classes: frozenset[str]
    attributes: dict[str, str]


@dataclass
class HtmlBlock:
    """A message, or what else is in an element of its own.

    Attributes:
        line: Where it begins.
        element: The outermost one.
        texts: By area, as `forwarded/text`, with line ends where the page breaks lines.
        elements: (area, element) of those that are an area, have an id, or are links.
    """

    line: int
    element: Element
    texts: dict[str, str] = field(default_factory=dict)
    elements: list[tuple[str, Element]] = field(default_factory=list)


def blocks(
    path: Path,
    intake: Intake,
    is_block: Callable[[Element], bool],
    area_of: Callable[[Element], str],
    is_name: Callable[[Element], bool] = lambda _: False,
) -> Iterator[HtmlBlock]:
    """Yield the blocks of a page in order; blocks within a block are part of it, and one cut short is a problem.

    Args:
        path: The page.
        intake: What to open it with.
        is_block: Whether an element is a block.
        area_of: The name of the area that an element in a block is; empty where it is none of its own.
        is_name: Whether an element in a block holds the name of a mentioned person, which is marked as such.

    Raises:
        CorpusError: It is no UTF-8, or damaged beyond reading; the message has the line.
    """
    parser = _Parser(is_block, area_of, is_name)
    decoder = codecs.getincrementaldecoder("utf-8")()
    lines, work = 1, 0
    with intake.bytes(path) as stream:
        while piece := stream.read(_PIECE):
            try:
                text = _NO_CHARACTER.sub("&amp;", decoder.decode(piece))
                parser.feed(_NO_TAG.sub(_STANDS_FOR_IT, text.replace(_STANDS_FOR_IT, "")))
            except UnicodeDecodeError as error:
                line = lines + piece.count(b"\n", 0, error.start)
                raise CorpusError(f"{path}:{line}: not UTF-8") from None
            except (_TooDeepError, ValueError, AssertionError) as error:
                what = str(error).split("\n", 1)[0][:100]
                raise CorpusError(f"{path}:{parser.line}: damaged HTML ({what})") from None
            lines += piece.count(b"\n")
            work = work + len(parser.rawdata) if parser.rawdata else 0
            if work > _MOST_WORK:
                raise CorpusError(f"{path}:{parser.line}: damaged HTML (a tag without an end)")
            yield from parser.blocks
            parser.blocks.clear()
        if parser.unfinished is not None:
            intake.problem(path, parser.unfinished.line, "the page ends inside of this message")


class _TooDeepError(Exception):
    """Elements are nested too deep."""


class _Parser(HTMLParser):
    """Collects the blocks that have ended.

    Attributes:
        blocks: Those.
    """

    def __init__(
        self,
        is_block: Callable[[Element], bool],
        area_of: Callable[[Element], str],
        is_name: Callable[[Element], bool],
    ) -> None:
        super().__init__(convert_charrefs=True)
        self.blocks: list[HtmlBlock] = []
        self._is_block = is_block
        self._area_of = area_of
        self._is_name = is_name
        #: The tags that are open, each with the area in it and what follows what it holds.
        self._open: list[tuple[str, str, str]] = []
        self._block: HtmlBlock | None = None
        self._outside = 0
        self._texts: dict[str, list[str]] = {}

    @property
    def line(self) -> int:
        """The line of what is read."""
        return self.getpos()[0]

    @property
    def unfinished(self) -> HtmlBlock | None:
        """The block that has begun and not ended."""
        return self._block

    def set_cdata_mode(self, elem: str, *, escapable: bool = False) -> None:  # of the base class
        """Read scripts and styles like all else: no block holds any, and a long one would be read again and again."""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Open an element."""
        if tag == "br":
            self.handle_data("\n")
        if tag in _VOID:
            return
        if tag in _IMPLIED and self._open and self._open[-1][0] == tag:
            self._close()
        if len(self._open) == _DEEPEST:
            raise _TooDeepError(f"nested more than {_DEEPEST} elements deep")
        attributes = {name: (value or "").replace(_STANDS_FOR_IT, "<") for name, value in attrs}
        element = Element(tag, frozenset(attributes["class"].split()) if "class" in attributes else _NONE, attributes)
        area = self._open[-1][1] if self._open else ""
        if self._block is None:
            if self._is_block(element):
                self._block, self._outside, area = HtmlBlock(self.line, element), len(self._open), ""
        else:
            name = self._area_of(element)
            area = f"{area}/{name}" if area and name else name or area
            if name and area in self._texts:
                self._texts[area].append("\n")
            if name or tag == "a" or "id" in attributes:
                self._block.elements.append((area, element))
        marked = self._block is not None and self._is_name(element)
        if marked:
            self.handle_data(NAME_BEGINS)
        self._open.append((tag, area, NAME_ENDS if marked else ""))

    def handle_endtag(self, tag: str) -> None:
        """Close an element and what it leaves open; what is not open cannot be closed."""
        if any(open_tag == tag for open_tag, _, _ in self._open):
            while self._close() != tag:
                pass

    def handle_data(self, data: str) -> None:
        """Add a text to its area."""
        if self._block is not None:
            self._texts.setdefault(self._open[-1][1], []).append(data.replace(_STANDS_FOR_IT, "<"))

    def _close(self) -> str:
        tag, _, behind = self._open.pop()
        if behind:
            self.handle_data(behind)
        if self._block is not None and len(self._open) == self._outside:
            self._block.texts = {area: "".join(texts) for area, texts in self._texts.items()}
            self.blocks.append(self._block)
            self._block, self._texts = None, {}
        return tag
