"""The screen of a terminal as an SVG picture, in the colours of the page that shows it."""

from collections.abc import Iterator, Sequence
from xml.etree.ElementTree import Element

from rich.cells import cell_len
from rich.color import Color, ColorType
from rich.console import Console
from rich.style import Style
from rich.text import Text

from chatbot.explain.svg import CELL, clip, document, element, styled, text

_MARGIN, _BAR = 16.0, 34.0
#: Pixels from one line to the next, so few that the lines of boxes and trees meet.
_LINE = 15.0

# The sixteen colours of a terminal, which has a theme of its own in the light and in the dark.
_LIGHT = """
#24292f #cf222e #116329 #7d4e00 #0969da #8250df #1b7c83 #6e7781
#57606a #a40e26 #1a7f37 #633c01 #218bff #a475f9 #3192aa #8c959f
""".split()  # noqa: SIM905  # a palette reads better so
_DARK = """
#484f58 #ff7b72 #3fb950 #d29922 #58a6ff #bc8cff #39c5cf #b1bac4
#6e7681 #ffa198 #56d364 #e3b341 #79c0ff #d2a8ff #56d4dd #ffffff
""".split()  # noqa: SIM905  # as above
_STYLE = """
svg text.bold { font-weight: 700; }
svg text.italic { font-style: italic; }
.dim { opacity: 0.62; }
"""


def draw_screen(title: str, lines: Sequence[Text], columns: int) -> str:
    """Draw a screen.

    Args:
        title: What stands above it, the command.
        lines: With the styles of the terminal.
        columns: Of the terminal.

    Returns:
        An SVG document that needs nothing else.
    """
    width, height = columns * CELL + 2 * _MARGIN, _BAR + len(lines) * _LINE + 2 * _MARGIN
    frame = {"width": width - 1, "height": height - 1, "rx": 8}
    body = [
        *styled(_STYLE, _theme()),
        element("rect", class_="box", x=0.5, y=0.5, **frame),
        element("path", class_="paper", d=_screen_outline(width, height)),
        *(element("circle", class_="track", cx=_MARGIN + 4 + 16 * number, cy=_BAR / 2, r=5) for number in range(3)),
        text(width / 2, _BAR / 2 + 4, clip(title, columns - 16), "faint middle"),
    ]
    for number, line in enumerate(lines):
        body += _draw_line(line, _BAR + _MARGIN + number * _LINE)
    return document(title, "\n".join(line.plain for line in lines), width, height, *body) + "\n"


def _screen_outline(width: float, height: float) -> str:
    """Below the bar, with the lower corners as round as those of the frame."""
    return f"M1 {_BAR}H{width - 1:g}V{height - 9:g}a8 8 0 0 1 -8 8H9a8 8 0 0 1 -8 -8z"


def _theme() -> str:
    def rules(colors: Sequence[str]) -> str:
        return " ".join(f"--c{number}: {color};" for number, color in enumerate(colors))

    return f":root {{ {rules(_LIGHT)} }}\n@media (prefers-color-scheme: dark) {{ :root {{ {rules(_DARK)} }} }}"


def _draw_line(line: Text, y: float) -> Iterator[Element]:
    column = 0
    for segment in line.render(Console()):
        cells, style = cell_len(segment.text), segment.style or Style()
        x, length = _MARGIN + column * CELL, cells * CELL
        ink, ground = _fill(style.color, "var(--ink)"), _fill(style.bgcolor, "")
        if style.reverse:
            ink, ground = ground or "var(--paper)", ink
        if ground:
            yield element("rect", x=x, y=y, width=length, height=_LINE, style=f"fill: {ground}")
        if segment.text.strip():
            yield _draw_run(segment.text, x, y, style, ink)
        column += cells


def _draw_run(content: str, x: float, y: float, style: Style, ink: str) -> Element:
    """Text of one style; every font is stretched to the cells of the terminal."""
    names = " ".join(name for name in ("bold", "dim", "italic") if getattr(style, name))
    inked = {} if ink == "var(--ink)" else {"style": f"fill: {ink}"}
    lead = len(content) - len(content.lstrip())
    shown = content.strip()
    return element(
        "text",
        shown,
        x=x + lead * CELL,
        y=y + 11.5,
        textLength=cell_len(shown) * CELL,
        **({"class_": names} if names else {}),
        **inked,
    )


def _fill(color: Color | None, default: str) -> str:
    """A colour of the theme, or one that is the same in the light and in the dark."""
    if color is None or color.type is ColorType.DEFAULT:
        return default
    if color.number is not None and color.number < 16:
        return f"var(--c{color.number})"
    return color.get_truecolor().hex
