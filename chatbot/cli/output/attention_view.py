"""Attention of a reply on a terminal: heat maps, or lines of words."""

from collections.abc import Iterator, Sequence

from rich.cells import cell_len
from rich.console import Console, RenderableType
from rich.table import Table
from rich.text import Text

from chatbot.cli.output.table import headed_table
from chatbot.explain import Explanation, HeadMaps, Step

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


def print_heads(maps: HeadMaps, console: Console, in_words: bool) -> None:
    """Print the attentions of one kind: a small heat map for each head, or a line for each in words.

    Args:
        maps: Of a transformer.
        console: Where to.
        in_words: Whether each head is a line, with the pair of tokens between which it is strongest.
    """
    for block, heads in enumerate(maps.shares, 1):
        names = [f"block {block}, head {head}" for head in range(1, len(heads) + 1)]
        if in_words:
            for name, rows in zip(names, heads, strict=True):
                console.print(Text.assemble((f"{name}: ", "bold"), _strongest(maps, rows)))
            continue
        label = min(LONGEST_NAME, max(map(cell_len, maps.rows)))
        each = max(len(maps.columns), len(names[0])) + 2
        beside = max(1, (console.width - label - 2) // each)
        for start in range(0, len(heads), beside):
            table = headed_table("", *names[start : start + beside], padding=(0, 2, 0, 0))
            table.columns[0].justify, table.columns[0].max_width = "right", label
            for row, token in enumerate(maps.rows):
                shades = ("".join(map(_shade, rows[row])) for rows in heads[start : start + beside])
                table.add_row(Text(token, no_wrap=True), *(Text(one, style="cyan") for one in shades))
            console.print(table)


def _strongest(maps: HeadMaps, rows: Sequence[Sequence[float]]) -> str:
    share, row, column = max((share, row, column) for row, of in enumerate(rows) for column, share in enumerate(of))
    return f"{maps.rows[row]} looked most at {maps.columns[column]}, {share:.0%}"


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
