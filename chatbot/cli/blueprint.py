"""The architecture of a model on a terminal: drawn where there is room, else line by line."""

from collections.abc import Iterator
from itertools import zip_longest

from rich.align import Align
from rich.console import Console, RenderableType
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from chatbot.explain import Architecture, Block

_BLOCK, _BETWEEN = 34, 12
_WIDEST = 2 * _BLOCK + _BETWEEN


def show_architecture(architecture: Architecture, name: str, console: Console, plain: bool) -> None:
    """Print an architecture.

    Args:
        architecture: From `chatbot.explain.describe`.
        name: Of the bot.
        console: Where to.
        plain: Words and figures alone, without boxes and lines.
    """
    console.print(Text.assemble((name, "bold"), (f"  {architecture.parameters:,} parameters", "dim")))
    if plain or console.width < _WIDEST:
        for line in _lines(architecture):
            console.print(line)
    else:
        console.print(_drawing(architecture))
    attention = ", and looks back at the memory at every token" if architecture.attention else ""
    console.print(
        Text(
            f"{_beginning(architecture)}{attention}."
            " Teacher forcing: while training it is given the recorded reply, whatever it would have said.",
            style="dim",
        )
    )


def _beginning(architecture: Architecture) -> str:
    vector = f"the sentence vector, {architecture.sentence_vector:,} numbers"
    if architecture.recall is None:
        return f"The decoder begins with {vector}"
    return f"The decoder begins with what the reply memory makes of {vector}, and of the prompt's words"


def _drawing(architecture: Architecture) -> Table:
    grid = Table.grid()
    for width in (_BLOCK, _BETWEEN, _BLOCK):
        grid.add_column(width=width, vertical="middle", justify="center")
    grid.add_row(Text("encoder", style="bold"), "", Text("decoder", style="bold"))
    rows = list(zip_longest(_encoder(architecture), _between(architecture), _decoder(architecture)))
    for number, (left, middle, right) in enumerate(rows):
        if number:
            grid.add_row(*(Align.center(Text("↓" if one else "", style="dim")) for one in (left, None, right)))
        grid.add_row(_box(left), Text(middle or "", style="cyan"), _box(right))
    return grid


def _box(content: Text | None) -> RenderableType:
    return "" if content is None else Panel(content, width=_BLOCK)


def _lines(architecture: Architecture) -> Iterator[Text]:
    vector = f"{architecture.sentence_vector:,} numbers, h and c of each layer"
    for head, parts in (
        ("encoder", _encoder(architecture)),
        ("sentence vector", iter([Text(vector)])),
        ("decoder", _decoder(architecture)),
    ):
        yield Text(head, style="bold")
        for part in parts:
            yield Text.assemble("  ", Text("; ".join(part.plain.splitlines())))


def _encoder(architecture: Architecture) -> Iterator[Text]:
    config = architecture.config
    yield _said("prompt", f"{config.max_prompt_tokens} tokens at most")
    yield from map(_block, (architecture.embedding, *architecture.encoder))
    if architecture.attention:
        yield _said("memory of the prompt", f"{config.units} for each of its tokens")
    if architecture.recall:
        yield _block(architecture.recall)


def _between(architecture: Architecture) -> Iterator[str]:
    """What passes from the encoder's blocks to the decoder's in the same row."""
    yield from ("teacher\nforcing ▸", "")
    size = "recalled" if architecture.recall else f"2 × {architecture.config.units}"
    for number, _ in enumerate(architecture.encoder, 1):
        yield f"h{number}, c{number}\n────────▶\n{size}"
    if architecture.attention:
        yield "looked at\n────────▶"


def _decoder(architecture: Architecture) -> Iterator[Text]:
    yield Text.assemble(
        ("training: ", "bold cyan"), "<go>, recorded reply\n", ("answering: ", "bold"), "<go>, last token"
    )
    yield _block(Block(architecture.embedding.name, f"{architecture.embedding.size}, the encoder's own"))
    yield from map(_block, architecture.decoder)
    if architecture.attention and architecture.attentional_vector:
        yield from map(_block, (architecture.attention, architecture.attentional_vector))
    yield _block(architecture.projection)


def _block(block: Block) -> Text:
    learned = f"\n{block.parameters:,} parameters" if block.parameters else ""
    return _said(block.name, f"{block.size}{learned}")


def _said(name: str, size: str) -> Text:
    return Text.assemble((name, "bold"), f"\n{size}")
