"""Tables of short cells, which are never cut: a terminal that is too narrow gets fewer columns."""

import os
import shutil
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import typer

from chatbot.text import visible

if TYPE_CHECKING:
    from rich.table import Table

_GAP = 2


@dataclass(frozen=True)
class Column:
    """A column of a table.

    Attributes:
        title: Above it.
        right: Whether its cells are aligned to the right, as figures are.
        rank: Where there is no room the columns of the highest rank are left out first; 0 for never.
    """

    title: str
    right: bool = False
    rank: int = 0


def print_table(columns: Sequence[Column], rows: Sequence[Sequence[str]]) -> None:
    """Print a table to standard output; off a terminal it has all columns, however wide that is.

    Args:
        columns: What there is of each row.
        rows: Texts without line ends, a cell for each column.
    """
    cells = [[column.title for column in columns], *(list(map(visible, row)) for row in rows)]
    widths = [max(map(_width, column)) for column in zip(*cells, strict=True)]
    shown = list(range(len(columns)))
    room = shutil.get_terminal_size().columns if sys.stdout.isatty() else None
    while room is not None and sum(widths[one] + _GAP for one in shown) - _GAP > room:
        least = max(shown, key=lambda one: columns[one].rank)
        if columns[least].rank == 0:
            break
        shown.remove(least)
    for number, row in enumerate(cells):
        line = (" " * _GAP).join(_pad(row[one], widths[one], columns[one].right) for one in shown).rstrip()
        typer.echo(bold(line) if number == 0 else line)


def _pad(text: str, width: int, right: bool) -> str:
    space = " " * (width - _width(text))
    return f"{space}{text}" if right else f"{text}{space}"


def _width(text: str) -> int:
    """Columns of a screen that a text takes."""
    from wcwidth import wcswidth

    return max(wcswidth(text), 0)


def page_width() -> int:
    """The columns of a page: those of the terminal, but no longer lines than are read with ease."""
    return min(shutil.get_terminal_size().columns, 100)


def bold(title: str) -> str:
    """A title for a terminal, unless nothing is to be drawn there."""
    if os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb":
        return title
    return typer.style(title, bold=True)


def headed_table(*heads: str, padding: tuple[int, int, int, int] = (0, 2, 0, 0)) -> "Table":
    """A table whose last column breaks long cells, and cuts nothing.

    Args:
        heads: The heads of the columns.
        padding: Cells above, right of, below and left of each text.
    """
    from rich.table import Table

    table = Table(*heads, box=None, padding=padding, header_style="dim")
    table.columns[-1].overflow = "fold"
    return table


#: Columns below which tables show nothing but dots, and digits of more columns than any screen has.
_NARROWEST, _WIDEST_DIGITS = 20, 5


def forget_odd_width() -> None:
    """Ignore a `COLUMNS` that is no number of columns that anything can be read in, as some pipelines set it."""
    columns = os.environ.get("COLUMNS", "")
    if not columns.isdecimal() or len(columns) > _WIDEST_DIGITS or int(columns) < _NARROWEST:
        os.environ.pop("COLUMNS", None)
