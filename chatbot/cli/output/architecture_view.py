"""The architecture of a model on a terminal: drawn where there is room, else line by line."""

from collections.abc import Iterator
from typing import NamedTuple

from rich.align import Align
from rich.console import Console, RenderableType
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from chatbot.explain import ModelBlock, ModelDescription
from chatbot.explain.phrases import say_architecture

_BLOCK, _BETWEEN = 34, 12
_WIDEST = 2 * _BLOCK + _BETWEEN
#: Rows of the decoder above its first block: its input and the embedding.
_BEFORE_BLOCKS = 2
#: Leads from the left column to the right one.
_ACROSS = "────────▶"


def show_architecture(architecture: ModelDescription, name: str, console: Console, plain: bool) -> None:
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
    console.print(Text(" ".join(say_architecture(architecture)), style="dim"))


class _Cell(NamedTuple):
    """A box, with an arrow above it, or the name of the part that begins here."""

    content: Text
    above: Text


_DOWN = Text("↓", style="dim")
_NOTHING = _Cell(Text(), Text())


def _drawing(architecture: ModelDescription) -> Table:
    """The encoder on the left, the reply memory below it, the decoder on the right where its first state comes in."""
    left, right = _encoder_cells(architecture), _decoder_cells(architecture)
    if architecture.memory:
        left += _memory_cells(architecture)
        right = [_NOTHING] * (len(left) - 1 - _BEFORE_BLOCKS) + right
        start = len(left) - 1
    else:
        # The last blocks of the encoder are beside those of the decoder that start from their states.
        start = len(left) - len(architecture.states)
        right = [_NOTHING] * (start - _BEFORE_BLOCKS) + right
    between = {start - _BEFORE_BLOCKS: "teacher\nforcing ▸"}
    for number, states in enumerate(architecture.states):
        between[start + number] = f"{', '.join(states)}\n{_ACROSS}"
    if not architecture.memory:
        between[start] = f"sentence\nvector\n{between[start]}"
    if architecture.looks_back:
        rows = [start + place for place in architecture.looks_back]
        follows = Text() if architecture.memory or not architecture.attention else _DOWN
        left += [_NOTHING] * (rows[0] - len(left)) + [_Cell(_encoder_outputs(architecture), follows)]
        between |= dict.fromkeys(rows, _ACROSS if architecture.attention else f"outputs\n{_ACROSS}")
    left, right = (side + [_NOTHING] * (max(len(left), len(right)) - len(side)) for side in (left, right))
    grid = Table.grid()
    for width in (_BLOCK, _BETWEEN, _BLOCK):
        grid.add_column(width=width, vertical="middle", justify="center")
    for row, (one, other) in enumerate(zip(left, right, strict=True)):
        grid.add_row(*(Align.center(above) for above in (one.above, Text(), other.above)))
        grid.add_row(_box(one.content), Text(between.get(row, ""), style="cyan"), _box(other.content))
    return grid


def _box(content: Text) -> RenderableType:
    return Panel(content, width=_BLOCK) if content else ""


def _encoder_cells(architecture: ModelDescription) -> list[_Cell]:
    prompt, *blocks = _encoder(architecture)
    return [_Cell(prompt, Text("encoder", style="bold")), *(_Cell(block, _DOWN) for block in blocks)]


def _memory_cells(architecture: ModelDescription) -> list[_Cell]:
    """The sentence vector, and what is made of it and of the prompt's words."""
    words, pairs, *blocks = map(_block, architecture.memory.blocks if architecture.memory else ())
    sums = Text("\n").join([words, pairs])
    head = Text.assemble(("+\n", "dim"), ("reply memory", "bold"))
    return [_Cell(_sentence_vector(architecture), _DOWN), _Cell(sums, head), *(_Cell(block, _DOWN) for block in blocks)]


def _decoder_cells(architecture: ModelDescription) -> list[_Cell]:
    given, *blocks = _decoder(architecture)
    return [_Cell(given, Text("decoder", style="bold")), *(_Cell(block, _DOWN) for block in blocks)]


def _lines(architecture: ModelDescription) -> Iterator[Text]:
    memory = [("reply memory", [*map(_block, architecture.memory.blocks)])] if architecture.memory else []
    outputs = [_encoder_outputs(architecture)] if architecture.looks_back else []
    for head, parts in (
        ("encoder", [*_encoder(architecture), *outputs, _sentence_vector(architecture)]),
        *memory,
        ("decoder", _decoder(architecture)),
    ):
        yield Text(head, style="bold")
        for part in parts:
            yield Text.assemble("  ", Text("; ".join(part.plain.splitlines())))


def _encoder(architecture: ModelDescription) -> list[Text]:
    prompt = _caption("Prompt", f"{architecture.config.max_prompt_tokens} tokens at most")
    return [prompt, *map(_block, (architecture.embedding, *architecture.encoder))]


def _encoder_outputs(architecture: ModelDescription) -> Text:
    return _caption("Encoder outputs", f"{architecture.config.units:,} per token of the prompt")


def _sentence_vector(architecture: ModelDescription) -> Text:
    parts = " and ".join(name.removesuffix("1") for name in architecture.states[0])
    size = f"{architecture.sentence_vector:,}"
    each = len(architecture.states) == architecture.config.layers and parts != "sentence"
    return _caption("Sentence vector", f"{size}: {parts} of each layer" if each else size)


def _decoder(architecture: ModelDescription) -> list[Text]:
    given = Text.assemble(
        ("training: ", "bold cyan"), "<go>, recorded reply\n", ("answering: ", "bold"), "<go>, last token"
    )
    embedding = architecture.embedding
    shared = _caption(embedding.name, f"{embedding.size}\nthe encoder's own")
    return [given, shared, *map(_block, (*architecture.decoder, *architecture.head))]


def _block(block: ModelBlock) -> Text:
    learned = f"{block.parameters:,} parameters" if block.parameters else "no parameters"
    return _caption(block.name, f"{block.size}\n{learned}")


def _caption(name: str, size: str) -> Text:
    return Text.assemble((name, "bold"), f"\n{size}")
