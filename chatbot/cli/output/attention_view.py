"""Attention of a reply on a terminal: heat maps, or lines of words."""

from collections.abc import Iterator, Sequence

from rich.cells import cell_len
from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from chatbot.cli.output.table import headed_table
from chatbot.explain import Explanation, Step

#: Columns of a token's name, and of a cell of the heat map with its space.
LONGEST_NAME, _CELL = 16, 4


#: From nothing to all of the attention.
_SHADES = " ░▒▓█"


def heat_maps(explanation: Explanation, width: int) -> Iterator[RenderableType]:
    """Yield a heat map for as many tokens of the prompt as there is room for, and another for the next ones.

    Args:
        explanation: Of a bot with attention.
        width: Columns of the page.
    """
    name = min(LONGEST_NAME, max(cell_len(step.token) for step in explanation.steps))
    strongest = max(cell_len(token) for token in explanation.tokens) + 8
    room = max((width - name - strongest - 4) // _CELL, 4)
    for start in range(0, len(explanation.tokens), room):
        yield _heat_map(explanation, range(start, min(start + room, len(explanation.tokens))))


def _heat_map(explanation: Explanation, columns: range) -> Table:
    table = headed_table("", *(str(column + 1) for column in columns), "", padding=(0, 1, 0, 0))
    table.columns[0].justify = "right"
    for column in table.columns[1:-1]:
        column.min_width, column.justify = _CELL - 1, "center"
    for step in explanation.steps:
        shades = [Text(_shade(step.alignment[column]) * (_CELL - 1), style="cyan") for column in columns]
        table.add_row(Text(step.token), *shades, Text(looked_at(explanation.tokens, step, 1), style="dim"))
    return table


def _shade(share: float) -> str:
    return _SHADES[min(int(share * len(_SHADES) + 0.5), len(_SHADES) - 1)]


def alignment_lines(explanation: Explanation) -> Iterator[Text]:
    """Yield a line for each step of an explanation, with the tokens of the prompt that got most attention."""
    for step in explanation.steps:
        yield Text.assemble((f"{step.token}: ", "bold"), looked_at(explanation.tokens, step, 3))


def looked_at(tokens: Sequence[str], step: Step, most: int) -> str:
    """The tokens that got most of the attention, with their shares.

    Args:
        tokens: The tokens of the prompt.
        step: The step.
        most: Number of tokens to name.
    """
    order = sorted(range(len(tokens)), key=lambda place: -step.alignment[place])[:most]
    return ", ".join(f"{tokens[place]} {step.alignment[place]:.0%}" for place in order)
