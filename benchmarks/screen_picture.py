"""The screen of a terminal as an SVG picture, in light or dark colours as the page that shows it."""

import io
import re
from collections.abc import Sequence

from rich.color import Color, ColorType
from rich.console import Console
from rich.style import Style
from rich.terminal_theme import TerminalTheme
from rich.text import Text

# The paper, the ink and the sixteen colours of a terminal.
_LIGHT = """
#ffffff #24292f
#24292f #cf222e #116329 #7d4e00 #0969da #8250df #1b7c83 #6e7781
#57606a #a40e26 #1a7f37 #633c01 #218bff #a475f9 #3192aa #8c959f
""".split()  # noqa: SIM905  # a palette reads better so
_DARK = """
#0d1117 #e6edf3
#484f58 #ff7b72 #3fb950 #d29922 #58a6ff #bc8cff #39c5cf #b1bac4
#6e7681 #ffa198 #56d364 #e3b341 #79c0ff #d2a8ff #56d4dd #ffffff
""".split()  # noqa: SIM905  # as above
#: A stand-in for each of them, which no program uses; the picture has a variable in its place.
_MARKS = [(1, 254, number) for number in range(len(_LIGHT))]
_THEME = TerminalTheme(_MARKS[0], _MARKS[1], _MARKS[2:10], _MARKS[10:])
_GREY = Color.from_ansi(8)
#: As Rich draws a terminal, but with the fonts of the computer that shows it.
_FORMAT = """\
<svg viewBox="0 0 {width} {height}" xmlns="http://www.w3.org/2000/svg">
<style>
COLORS
.{unique_id}-matrix {{ font-family: ui-monospace, Menlo, Consolas, "DejaVu Sans Mono", monospace;
  font-size: {char_height}px; line-height: {line_height}px; }}
svg > rect {{ stroke: var(--c9); }}
.{unique_id}-title {{ font: bold 18px sans-serif; }}
{styles}
</style>
<defs>
<clipPath id="{unique_id}-clip-terminal"><rect x="0" y="0" width="{terminal_width}" height="{terminal_height}"/>
</clipPath>
{lines}
</defs>
{chrome}
<g transform="translate({terminal_x}, {terminal_y})" clip-path="url(#{unique_id}-clip-terminal)">
{backgrounds}
<g class="{unique_id}-matrix">
{matrix}
</g>
</g>
</svg>
"""


def draw_screen(title: str, lines: Sequence[Text], columns: int) -> str:
    """Draw a screen.

    Args:
        title: What is above it, the command.
        lines: With the styles of the terminal.
        columns: Of the terminal.

    Returns:
        An SVG document that needs nothing else.
    """
    console = Console(record=True, file=io.StringIO(), width=columns, force_terminal=True, color_system="truecolor")
    for line in lines:
        console.print(_without_dim(line), soft_wrap=True)
    drawn = console.export_svg(title=title, theme=_THEME, code_format=_FORMAT, unique_id="screen")
    for number, mark in enumerate(_MARKS):
        code = "#{:02x}{:02x}{:02x}".format(*mark)
        drawn = drawn.replace(f'fill="{code}"', f'style="fill: var(--c{number})"').replace(code, f"var(--c{number})")
    drawn = re.sub(r'stroke="rgba\([^"]*\)"', "", drawn)  # a white that a light page does not show
    return drawn.replace("COLORS", f"{_rule(_LIGHT)}\n@media (prefers-color-scheme: dark) {{ {_rule(_DARK)} }}")


def _rule(colors: Sequence[str]) -> str:
    return f":root {{ {' '.join(f'--c{number}: {color};' for number, color in enumerate(colors))} }}"


def _without_dim(line: Text) -> Text:
    """The same line with grey in place of dim, which would be a mixture of two colours of the theme."""
    drawn = Text()
    for segment in line.render(Console()):
        style = segment.style or Style()
        plain = style.color is None or style.color.type is ColorType.DEFAULT
        grey = Style(dim=False, color=_GREY if plain else None) if style.dim else Style()
        drawn.append(segment.text.rstrip("\n"), style + grey)
    return drawn
