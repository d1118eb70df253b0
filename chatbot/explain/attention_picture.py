"""The attention weights of a reply as pictures: heat maps of the tokens that look by those that are looked at."""

from xml.etree.ElementTree import Element

from chatbot.explain.attention_heads import HeadMaps
from chatbot.explain.explanation import Explanation
from chatbot.explain.phrases import say_share
from chatbot.explain.svg import box, clip, element, text, tip, wide
from chatbot.explain.svg_sections import Section

#: Widths of a cell of the heat map: with its share written in it for a few tokens, else without.
_CELL, _NARROW, _FEW = 46.0, 20.0, 24
#: A cell of the map of one head, the space between two maps, and the line above each.
_SMALL, _APART, _LINE = 12.0, 22.0, 18.0


def draw_alignment(explanation: Explanation) -> Section:
    """Draw the attention at each step of an explanation, as a heat map.

    Returns:
        The picture.
    """
    steps, tokens = explanation.steps, explanation.tokens
    left = max(wide(clip(step.token, 16)) for step in steps) + 12
    top = max(wide(clip(token, 16)) for token in tokens) * 0.71 + 18
    cell, high = _CELL if len(tokens) <= _FEW else _NARROW, 24.0
    body = []
    for column, token in enumerate(tokens):
        x, y = left + (column + 0.5) * cell, top - 8
        body.append(text(x, y, clip(token, 16), transform=f"rotate(-45 {x:.1f} {y:.1f})"))
    for row, step in enumerate(steps):
        y = top + row * high
        body.append(text(left - 10, y + 16, clip(step.token, 16), "end"))
        for column, share in enumerate(step.alignment):
            x = left + column * cell
            said = tip(f"{step.token} looked at {tokens[column]}: {say_share(share)}")
            body.append(box(x, y, cell - 2, high - 2, "track"))
            body.append(
                element("rect", said, x=x, y=y, width=cell - 2, height=high - 2, rx=3, class_="bar", fill_opacity=share)
            )
            if share >= 0.1 and cell == _CELL:
                body.append(
                    text(x + cell / 2 - 1, y + 15, f"{share:.0%}", f"small middle {'on-mark' if share > 0.6 else ''}")
                )
    width = left + len(tokens) * cell + top
    about = "How much of its attention each token of the reply (rows) gave each token of the prompt (columns)."
    return Section("alignment", f"Attention ({explanation.attention})", about, width, top + len(steps) * high, body)


def draw_heads(maps: HeadMaps) -> Section:
    """Draw the attentions of one kind: a small heat map for each head, the blocks below each other.

    Returns:
        The picture.
    """
    left = max(wide(clip(token, 16)) for token in maps.rows) + 12
    wide_map, high_map = len(maps.columns) * _SMALL, len(maps.rows) * _SMALL
    body: list[Element] = []
    for block, heads in enumerate(maps.shares):
        top = block * (high_map + _LINE + _APART) + _LINE
        for row, token in enumerate(maps.rows):
            body.append(text(left - 10, top + (row + 0.8) * _SMALL, clip(token, 16), "small end"))
        for head, rows in enumerate(heads):
            x = left + head * (wide_map + _APART)
            body.append(text(x, top - 6, f"block {block + 1}, head {head + 1}", "small faint"))
            body += _small_map(maps, rows, x, top)
    size = left + len(maps.shares[0]) * (wide_map + _APART), len(maps.shares) * (high_map + _LINE + _APART)
    return Section(f"heads-{maps.kind}", maps.title, f"By block and head: {maps.about}.", *size, body)


def _small_map(maps: HeadMaps, rows: tuple[tuple[float, ...], ...], left: float, top: float) -> list[Element]:
    drawn = []
    for row, shares in enumerate(rows):
        for column, share in enumerate(shares):
            x, y = left + column * _SMALL, top + row * _SMALL
            said = tip(f"{maps.rows[row]} looked at {maps.columns[column]}: {say_share(share)}")
            drawn.append(box(x, y, _SMALL - 1, _SMALL - 1, "track"))
            size = {"width": _SMALL - 1, "height": _SMALL - 1}
            drawn.append(element("rect", said, x=x, y=y, **size, class_="bar", fill_opacity=round(share, 3)))
    return drawn
