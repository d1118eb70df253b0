"""A small kit for SVG: elements of a picture, and text measured in the cells of a monospaced font.

A picture carries its styles inside: colours are custom properties that follow the viewer's
`prefers-color-scheme`. Elements are those of `xml.etree`, so what people wrote can be nothing but text.
"""

import re
from xml.etree.ElementTree import Element, tostring

from rich.cells import cell_len, set_cell_size

from chatbot.text import visible

#: Pixels of a cell of the text, and from one line to the next.
CELL, LINE = 7.3, 18.0

STYLE = """
:root { --paper: #ffffff; --ink: #1f2328; --faint: #59636e; --line: #d1d9e0; --box: #f6f8fa;
  --mark: #0969da; --on-mark: #ffffff; --rest: #8c959f; --good: #1a7f37; --bad: #cf222e; }
@media (prefers-color-scheme: dark) {
  :root { --paper: #0d1117; --ink: #f0f6fc; --faint: #9198a1; --line: #3d444d; --box: #151b23;
    --mark: #4493f8; --on-mark: #0d1117; --rest: #656c76; --good: #3fb950; --bad: #f85149; }
}
svg text { font: 12px ui-monospace, "DejaVu Sans Mono", Menlo, Consolas, monospace; }
svg text { fill: var(--ink); white-space: pre; }
svg text.sans { font-family: system-ui, "DejaVu Sans", sans-serif; }
svg text.h1 { font: 600 20px system-ui, "DejaVu Sans", sans-serif; }
svg text.h2 { font: 600 15px system-ui, "DejaVu Sans", sans-serif; }
svg text.strong { font-weight: 700; }
svg text.small { font-size: 10px; }
svg text.faint { fill: var(--faint); }
svg text.good { fill: var(--good); }
svg text.bad { fill: var(--bad); }
svg text.mark { fill: var(--mark); }
svg text.on-mark { fill: var(--on-mark); }
svg text.end { text-anchor: end; }
svg text.middle { text-anchor: middle; }
.paper { fill: var(--paper); }
.box { fill: var(--box); stroke: var(--line); }
.box.mark { stroke: var(--mark); stroke-width: 2; }
.box.dashed { stroke-dasharray: 5 4; }
.track { fill: var(--line); opacity: 0.55; }
.bar { fill: var(--mark); }
.bar.rest { fill: var(--rest); }
.edge { fill: none; stroke: var(--rest); stroke-width: 1.3; }
.edge.mark { stroke: var(--mark); stroke-width: 2.5; }
.edge.dashed { stroke-dasharray: 5 4; }
.head { fill: var(--rest); }
.head.mark { fill: var(--mark); }
""".strip()


def element(name: str, /, *content: Element | str, **attributes: str | float) -> Element:
    """An element of SVG, or of HTML.

    Args:
        name: Of the element.
        content: Elements inside it, or text.
        attributes: By name, with `_` for `-`; `class_` is the class. Numbers are rounded to a tenth.
    """
    made = Element(name, {_attribute(key): _legal(_value(value)) for key, value in attributes.items()})
    for part in content:
        if isinstance(part, Element):
            made.append(part)
        elif len(made):
            made[-1].tail = f"{made[-1].tail or ''}{_legal(part)}"
        else:
            made.text = f"{made.text or ''}{_legal(part)}"
    return made


def text(x: float, y: float, content: str, style: str = "", **attributes: str | float) -> Element:
    """A line of text.

    Args:
        x: Left end, in pixels.
        y: Base line, in pixels.
        content: The text.
        style: Classes.
        attributes: Others of the element.
    """
    return element("text", content, x=x, y=y, **({"class_": style} if style else {}), **attributes)


def box(x: float, y: float, width: float, height: float, style: str, *content: Element) -> Element:
    """A rectangle with round corners.

    Args:
        x: Left side, in pixels.
        y: Upper side, in pixels.
        width: In pixels.
        height: In pixels.
        style: Classes.
        content: Elements within, such as a tooltip.
    """
    return element("rect", *content, x=x, y=y, width=width, height=height, rx=3, class_=style)


def tip(content: str) -> Element:
    """The tooltip of an element, with its content, which screen readers read too."""
    return element("title", content)


def html_document(*content: Element) -> str:
    """Return a whole HTML document.

    Args:
        content: The head and the body.
    """
    made = element("html", *content, lang="en")
    return f"<!doctype html>\n{tostring(made, encoding='unicode', method='html')}\n"


def wide(content: str) -> float:
    """The width of a text in pixels.

    Args:
        content: The text.
    """
    return CELL * cell_len(content)


def clip(content: str, cells: int) -> str:
    """A text that fits into a width, with … where it was cut.

    Args:
        content: The text.
        cells: The width, in characters of a terminal.
    """
    return content if cell_len(content) <= cells else f"{set_cell_size(content, cells - 1).rstrip()}…"


def picture(title: str, about: str, width: float, height: float, *body: Element, **attributes: str) -> Element:
    """Make a picture, for a document of its own or for a page.

    Args:
        title: Its name.
        about: A description for screen readers; empty for no more than the title.
        width: In pixels.
        height: In pixels.
        body: Elements.
        attributes: Of the outermost element, besides its size.

    Returns:
        The element `svg`.
    """
    described = [element("desc", about)] if about else []
    return element(
        "svg",
        tip(title),
        *described,
        *body,
        xmlns="http://www.w3.org/2000/svg",
        width=width,
        height=height,
        viewBox=f"0 0 {width:.1f} {height:.1f}",
        role="img",
        **attributes,
    )


def document(title: str, about: str, width: float, height: float, *body: Element, **attributes: str) -> str:
    """Return a whole SVG document on one line. See `picture`."""
    return tostring(picture(title, about, width, height, *body, **attributes), encoding="unicode")


def styled(*rules: str) -> tuple[Element, Element]:
    """The styles of the kit, with those of a picture behind them, and its background.

    Args:
        rules: Rules of CSS.
    """
    paper = element("rect", width="100%", height="100%", class_="paper")
    return element("style", "\n".join([STYLE, *rules])), paper


#: What XML 1.0 has no place for, not even escaped, besides what is not `visible`.
_ILLEGAL = re.compile("[\ufffe\uffff]")


def _legal(content: str) -> str:
    """A text with U+FFFD in place of each character that XML has no place for, or that turns the order of letters."""
    return _ILLEGAL.sub("\ufffd", visible(content))


def _attribute(key: str) -> str:
    return key.rstrip("_").replace("_", "-")


def _value(value: str | float) -> str:
    return value if isinstance(value, str) else f"{round(value, 3 if abs(value) < 1 else 1):g}"
