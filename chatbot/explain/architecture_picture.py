"""The architecture as a picture: encoder, reply memory and decoder beside each other, data from the upper left down.

Solid boxes are parts of the model, dashed ones are what passes between them.
"""

from collections.abc import Mapping, Sequence
from xml.etree.ElementTree import Element

from chatbot.config.architectures.architecture import ModelBlock
from chatbot.config.model_description import ModelDescription, ReplyMemory
from chatbot.explain.phrases import say_architecture, say_sizes
from chatbot.explain.svg import box, element, text, tip
from chatbot.explain.svg_sections import Section
from chatbot.line_wrap import wrap

_WIDTH, _HEIGHT, _DOWN = 226.0, 66.0, 94.0
_GAP = 60.0
#: The columns from the left.
_ENCODER, _MEMORY, _DECODER = (number * (_WIDTH + _GAP) for number in range(3))
#: The first row, under the name of its column.
_TOP = 34.0
#: Left of the encoder and right of the decoder, where arrows go around boxes.
_ASIDE = 24.0
#: From the name of the second column to the words beside it.
_BESIDE_HEAD = 126.0
_LEGEND_LINE, _LEGEND_LETTER = 17.0, 6.5


def draw_architecture(architecture: ModelDescription) -> Section:
    """Draw the architecture of a model, with its real sizes.

    Returns:
        The picture.
    """
    layers, memory = len(architecture.encoder), architecture.memory
    sentence = 1 + layers + 1  # rows, from 0: the prompt, the embedding, a block each
    start = sentence if memory else 0  # where the decoder's input is
    drawing = _Drawing()
    drawing.draw_encoder(architecture)
    if memory:
        drawing.draw_memory(memory, sentence, architecture.states)
    else:
        drawing.draw_states(architecture)
    last = drawing.draw_decoder(architecture, start)
    if memory:
        drawing.write_legend(architecture, _DECODER, 14.0)
    else:
        drawing.write_legend(architecture, _ENCODER, _y(sentence + (1 if architecture.looks_back else 0)) + 14)
    return Section(
        "architecture",
        "Architecture",
        "Each box says what it puts out and how many parameters it has learned; what passes between them is dashed.",
        _ASIDE + _DECODER + _WIDTH + 2 * _ASIDE,
        max(_y(last) + _HEIGHT + 6, drawing.lowest),
        [element("g", *drawing.edges, *drawing.body, transform=f"translate({_ASIDE:g} 0)")],
    )


def _y(row: int) -> float:
    return _TOP + row * _DOWN


def _middle(row: int) -> float:
    return _y(row) + _HEIGHT / 2


class _Drawing:
    """The drawing so far: boxes and text, the arrows that lie under them, and how far down it all goes."""

    def __init__(self) -> None:
        self.body: list[Element] = []
        self.edges: list[Element] = []
        self.lowest = 0.0

    def draw_encoder(self, architecture: ModelDescription) -> None:
        config, layers = architecture.config, len(architecture.encoder)
        self._head(_ENCODER, 0, "Encoder")
        self._data(_ENCODER, 0, "Prompt", f"{config.max_prompt_tokens} tokens at most")
        for row, block in enumerate((architecture.embedding, *architecture.encoder), 1):
            self._down(_ENCODER, row)
            self._block(_ENCODER, row, block)
        if architecture.memory:
            self._down(_ENCODER, layers + 2)
            first, last = (", ".join(architecture.states[place]) for place in (0, -1))
            what = first if first == last else f"{first} … {last}"
            self._data(_ENCODER, layers + 2, "Sentence vector", f"{what}: {architecture.sentence_vector:,}")

    def draw_memory(self, memory: ReplyMemory, sentence: int, states: Sequence[Mapping[str, int]]) -> None:
        rows = dict(zip(memory.blocks, range(sentence - 2, sentence + 3), strict=True))
        self._head(_MEMORY, sentence - 2, "Reply memory")
        self.body.append(text(_MEMORY + _BESIDE_HEAD, _y(sentence - 2) - 14, "candidate replies", "sans faint"))
        for block, row in rows.items():
            self._block(_MEMORY, row, block)
        for row in list(rows.values())[2:]:
            self._down(_MEMORY, row)
        # The prompt's tokens go to both sums, the sentence vector and the sums to the keys.
        turn, right = _MEMORY - _GAP / 2, _MEMORY + _WIDTH
        for block in (memory.words, memory.pairs):
            y = _middle(rows[block])
            self._arrow(f"M{_ENCODER + _WIDTH} {_middle(0)}H{turn}V{y}H{_MEMORY - 7}", _MEMORY, y)
        self._arrow(f"M{_ENCODER + _WIDTH} {_middle(sentence)}H{_MEMORY - 7}", _MEMORY, _middle(sentence), "mark")
        self._arrow(
            f"M{right} {_middle(sentence - 2)}H{right + 16}V{_middle(sentence)}H{right + 7}",
            right,
            _middle(sentence),
            towards=-1,
        )
        for number, sizes in enumerate(states, 1):
            y = _middle(sentence + 1 + number)
            self._arrow(f"M{right} {_middle(sentence + 2)}H{right + 8}V{y}H{_DECODER - 7}", _DECODER, y, "mark")
            self.body.append(text((right + _DECODER) / 2 + 2, y - 8, ", ".join(sizes), "small middle"))

    def draw_states(self, architecture: ModelDescription) -> None:
        """The encoder's last states, which the decoder starts from, layer by layer."""
        between = (_ENCODER + _WIDTH + _DECODER) / 2
        each = len(architecture.states) == len(architecture.encoder)  # else it is the last block that makes them
        for number, sizes in enumerate(architecture.states, 1):
            y = _middle(1 + number)
            start = y if each else _middle(1 + len(architecture.encoder))
            way = "" if each else f"H{_ENCODER + _WIDTH + _GAP / 2}V{y}"
            self._arrow(f"M{_ENCODER + _WIDTH} {start}{way}H{_DECODER - 7}", _DECODER, y, "mark")
            self.body.append(text(between, y - 8, f"{', '.join(sizes)}: {say_sizes(sizes)}", "middle"))
        said = f"sentence vector: {architecture.sentence_vector:,}"
        self.body.append(text(between, _y(2) - 6, said, "sans mark middle"))

    def draw_decoder(self, architecture: ModelDescription, start: int) -> int:
        """Draw the decoder from a row on; returns its last row."""
        embedding = architecture.embedding
        shared = ModelBlock(embedding.name, embedding.size, 0, embedding.layers)
        self._head(_DECODER, start, "Decoder")
        self._draw_decoder_input(start)
        self._block(_DECODER, start + 1, shared, "the encoder's own")
        row = start + 1
        for block in architecture.decoder:
            row += 1
            self._down(_DECODER, row)
            self._block(_DECODER, row, block)
        if architecture.looks_back:
            self._draw_encoder_outputs(architecture, [start + 2 + place for place in architecture.looks_back])
        for block in architecture.head:
            row += 1
            self._down(_DECODER, row)
            self._block(_DECODER, row, block)
        self._draw_loop(start, row)
        return row

    def _draw_decoder_input(self, row: int) -> None:
        half, y = (_WIDTH - 8) / 2, _y(row)
        for number, (style, what, lines) in enumerate(
            (
                ("mark", "teacher forcing", ("while training:", "<go>, then the", "recorded reply")),
                ("dashed", "free running", ("while answering:", "<go>, then its", "own last token")),
            )
        ):
            x = _DECODER + number * (half + 8)
            self.body += [
                box(x, y + 12, half, _HEIGHT - 12, f"box {style}"),
                text(x + half / 2, y + 6, what, f"sans {'mark' if number == 0 else 'faint'} middle"),
                *(
                    text(x + half / 2, y + 28 + 14 * place, line, f"small {'faint ' if place == 0 else ''}middle")
                    for place, line in enumerate(lines)
                ),
            ]
            middle = x + half / 2
            self._arrow(f"M{middle} {y + _HEIGHT}V{y + _DOWN - 7}", middle, y + _DOWN, style, down=True)

    def _draw_encoder_outputs(self, architecture: ModelDescription, rows: Sequence[int]) -> None:
        """The encoder outputs that attention in some rows looks back at; they go around the sentence vector."""
        last = len(architecture.encoder) + (2 if architecture.memory else 1)  # row of the encoder that is taken
        row = max(rows[0], last + 1)
        self._data(_ENCODER, row, "Encoder outputs", f"{architecture.config.units:,} per prompt token")
        # The last block of a transformer's encoder makes the sentence vector, of the outputs of the one before.
        of = len(architecture.encoder) + (1 if architecture.attention else 0)
        if row == of + 1:
            self._down(_ENCODER, row)
        else:
            path = f"M{_ENCODER} {_middle(of)}H{_ENCODER - 16}V{_middle(row)}H{_ENCODER - 7}"
            self._arrow(path, _ENCODER, _middle(row))
        turn = _DECODER - _GAP / 4
        for looking in rows:
            way = f"H{turn}V{_middle(looking)}" if looking != row else ""
            self._arrow(f"M{_ENCODER + _WIDTH} {_middle(row)}{way}H{_DECODER - 7}", _DECODER, _middle(looking))

    def _draw_loop(self, start: int, last: int) -> None:
        """The way of a chosen token back to the beginning, while answering."""
        right, top = _DECODER + _WIDTH, _middle(start) + 6
        path = f"M{right} {_middle(last)}H{right + _ASIDE}V{top}H{right + 7}"
        self._arrow(path, right, top, "dashed", towards=-1)
        turned = f"translate({right + _ASIDE + 14} {(_middle(last) + top) / 2:g}) rotate(-90)"
        self.body.append(text(0, 0, "the chosen token", "sans faint middle", transform=turned))

    def write_legend(self, architecture: ModelDescription, x: float, y: float) -> None:
        """Write what the picture cannot show, a paragraph below the other."""
        for paragraph in (*say_architecture(architecture), f"{architecture.parameters:,} parameters in all."):
            for line in wrap(paragraph, int((_WIDTH + _ASIDE) / _LEGEND_LETTER)):
                self.body.append(text(x, y, line, "sans faint"))
                y += _LEGEND_LINE
            y += 5
        self.lowest = max(self.lowest, y)

    def _head(self, x: float, row: int, title: str) -> None:
        self.body.append(text(x, _y(row) - 14, title, "h2"))

    def _block(self, x: float, row: int, block: ModelBlock, instead: str = "") -> None:
        """A box for a part; `instead` takes the place of the number of its parameters."""
        learned = f"{block.parameters:,} parameters" if block.parameters else "no parameters"
        self._box(x, row, "box", block.name, block.size, instead or learned, ", ".join(block.layers))

    def _data(self, x: float, row: int, name: str, size: str) -> None:
        """A box for what passes between parts."""
        self._box(x, row, "box dashed", name, size)

    def _box(self, x: float, row: int, style: str, name: str, size: str, below: str = "", tipped: str = "") -> None:
        y = _y(row)
        lines = [text(x + 12, y + 20, name, "strong"), text(x + 12, y + 38, size)]
        if below:
            lines.append(text(x + 12, y + 55, below, "faint"))
        self.body.append(element("g", box(x, y, _WIDTH, _HEIGHT, style, *([tip(tipped)] if tipped else [])), *lines))

    def _down(self, x: float, row: int) -> None:
        """An arrow into the box of a row from the one above."""
        middle = x + _WIDTH / 2
        self._arrow(f"M{middle} {_y(row - 1) + _HEIGHT}V{_y(row) - 7}", middle, _y(row), down=True)

    def _arrow(self, path: str, x: float, y: float, style: str = "", *, towards: int = 1, down: bool = False) -> None:
        """An arrow with its point at `x`, `y`, which points to the right, to the left (-1) or down."""
        head = f"M{x} {y}l-4.5 -8h9z" if down else f"M{x} {y}l{-8 * towards} -4.5v9z"
        self.edges.append(element("path", d=path, class_=f"edge {style}".strip()))
        self.edges.append(element("path", d=head, class_="head mark" if style == "mark" else "head"))
