"""The architecture as a picture: the encoder on the left, the decoder on the right, data from top to bottom."""

from chatbot.explain.architecture import Architecture, Block
from chatbot.explain.section import Section
from chatbot.svg import box, element, text, tip

_WIDTH, _HEIGHT, _DOWN = 330.0, 52.0, 84.0
_LEFT, _RIGHT = 0.0, 510.0
_TOP = 96.0
_ASIDE = 40.0
#: From one line of the legend to the next.
_LINE = 17.0


def draw_architecture(architecture: Architecture) -> Section:
    """Draw a model with its real sizes."""
    config, layers = architecture.config, len(architecture.encoder)
    body = [_heads(), *_inputs(architecture)]
    for number, (read, written) in enumerate(zip(architecture.encoder, architecture.decoder, strict=True)):
        y = _TOP + (number + 1) * _DOWN
        body += [_block(_LEFT, y, read), _block(_RIGHT, y, written)]
        body += [_down(_LEFT, y - _DOWN), _down(_RIGHT, y - _DOWN)]
        by = "recalled" if architecture.recall else f"2 × {config.units}"
        body.append(_across(y, f"h{number + 1}, c{number + 1}: {by}", "mark"))
    between = (_LEFT + _WIDTH + _RIGHT) / 2
    vector = f"sentence vector: {architecture.sentence_vector:,}"
    body.append(text(between, _TOP + _DOWN, vector, "sans mark middle"))
    y = _TOP + layers * _DOWN
    if architecture.attention is not None and architecture.attentional_vector is not None:
        y += _DOWN
        memory = Block("Memory of the prompt", f"{config.units} for each of its tokens")
        body += [_down(_LEFT, y - _DOWN), _down(_RIGHT, y - _DOWN)]
        body += [
            _block(_LEFT, y, memory, ""),
            _block(_RIGHT, y, architecture.attention),
            _across(y, "looked back at", ""),
        ]
        y += _DOWN
        body += [_down(_RIGHT, y - _DOWN), _block(_RIGHT, y, architecture.attentional_vector)]
    lowest = _TOP + (layers + (1 if architecture.attention else 0)) * _DOWN
    if architecture.recall is not None:
        lowest += _DOWN
        body += [_down(_LEFT, lowest - _DOWN), _block(_LEFT, lowest, architecture.recall)]
    y += _DOWN
    body += [_down(_RIGHT, y - _DOWN), _block(_RIGHT, y, architecture.projection), *_loop(y)]
    total = f"{architecture.parameters:,} parameters in all"
    body.append(text(_RIGHT + _WIDTH, y + _HEIGHT + 30, total, "strong end"))
    legend = _legend(architecture)
    last = max(y + _HEIGHT, lowest + _HEIGHT + 12 + len(legend) * _LINE)
    body += [text(_LEFT, last - up * _LINE, line, "sans faint") for up, line in enumerate(reversed(legend))]
    about = "Each box says what it puts out and how many numbers it has learned."
    width = _RIGHT + _WIDTH + _ASIDE + 20
    return Section("architecture", "Architecture", about, width, max(y + _HEIGHT + 34, last + 8), "".join(body))


def _heads() -> str:
    return text(_LEFT, 14, "Encoder", "h2") + text(_RIGHT, 14, "Decoder", "h2")


def _inputs(architecture: Architecture) -> list[str]:
    """What comes in on both sides, and the embedding that they share."""
    config = architecture.config
    half = (_WIDTH - 12) / 2
    shared = Block(architecture.embedding.name, architecture.embedding.size, 0, architecture.embedding.layers)
    return [
        _small(_LEFT, _WIDTH, "box", "prompt", f"{config.max_prompt_tokens} tokens at most"),
        _small(_RIGHT, half, "box mark", "while training", "<go> + recorded reply"),
        _small(_RIGHT + half + 12, half, "box dashed", "while answering", "<go>, its last token"),
        element("path", d=f"M{_LEFT + _WIDTH / 2} 66V{_TOP - 7}", class_="edge"),
        element("path", d=f"M{_RIGHT + half / 2} 66V{_TOP - 7}", class_="edge mark"),
        element("path", d=f"M{_RIGHT + half * 1.5 + 12} 66V{_TOP - 7}", class_="edge dashed"),
        *(_arrow_head(x, _TOP, style) for x, style in ((_LEFT + _WIDTH / 2, ""), (_RIGHT + half / 2, "mark"))),
        _arrow_head(_RIGHT + half * 1.5 + 12, _TOP, ""),
        _block(_LEFT, _TOP, architecture.embedding),
        _block(_RIGHT, _TOP, shared, "the encoder's own"),
        text(_RIGHT - 12, 46, "teacher forcing ▸", "sans mark end"),
    ]


def _block(x: float, y: float, block: Block, instead: str | None = None) -> str:
    """A box for a part; `instead` stands where the number of its parameters would."""
    learned = f"{block.parameters:,} parameters" if block.parameters else "learns nothing"
    return element(
        "g",
        box(x, y, _WIDTH, _HEIGHT, "box", *([tip(", ".join(block.layers))] if block.layers else [])),
        text(x + 12, y + 21, block.name, "strong"),
        text(x + 12, y + 40, block.size),
        text(x + _WIDTH - 12, y + 40, learned if instead is None else instead, "faint end"),
    )


def _small(x: float, width: float, style: str, title: str, content: str) -> str:
    faint = text(x + width / 2, 40, title, "faint small middle")
    return element("g", box(x, 26, width, 40, style), faint, text(x + width / 2, 56, content, "small middle"))


def _down(x: float, y: float) -> str:
    """An arrow from the block in the row at `y` to the one below."""
    middle = x + _WIDTH / 2
    return element("path", d=f"M{middle} {y + _HEIGHT}V{y + _DOWN - 7}", class_="edge") + _arrow_head(middle, y + _DOWN)


def _across(y: float, label: str, style: str) -> str:
    """An arrow from left to right, with what it carries."""
    middle = y + _HEIGHT / 2
    path = element("path", d=f"M{_LEFT + _WIDTH} {middle}H{_RIGHT - 7}", class_=f"edge {style}".strip())
    head = f"M{_RIGHT} {middle}l-8 -4.5v9z"
    above = text((_LEFT + _WIDTH + _RIGHT) / 2, middle - 8, label, "middle")
    return path + element("path", d=head, class_=f"head {style}".strip()) + above


def _arrow_head(x: float, y: float, style: str = "") -> str:
    return element("path", d=f"M{x} {y}l-4.5 -8h9z", class_=f"head {style}".strip())


def _loop(y: float) -> list[str]:
    """The way of a token that was said back to the beginning, while answering."""
    right, middle = _RIGHT + _WIDTH, y + _HEIGHT / 2
    path = f"M{right} {middle}H{right + _ASIDE}V46H{right + 7}"
    return [
        element("path", d=path, class_="edge dashed"),
        element("path", d=f"M{right} 46l8 -4.5v9z", class_="head"),
        text(
            0,
            0,
            "the token that was chosen",
            "sans faint middle",
            transform=f"translate({right + _ASIDE + 14} {(y + 46) / 2}) rotate(-90)",
        ),
    ]


def _beginning(architecture: Architecture) -> list[str]:
    if architecture.recall is None:
        return ["The sentence vector is where the decoder begins."]
    return ["The decoder begins with what the reply memory", "makes of the sentence vector and the words."]


def _legend(architecture: Architecture) -> list[str]:
    attention = ["With attention it also looks back at the", "memory at each token."] if architecture.attention else []
    return [
        *_beginning(architecture),
        *attention,
        "Teacher forcing: while training the decoder is",
        "given the recorded reply, whatever it would say.",
    ]
