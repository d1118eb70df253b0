"""The attention weights of a reply as a picture: a heat map of reply tokens by prompt tokens."""

from chatbot.explain.explanation import Explanation
from chatbot.explain.phrases import say_share
from chatbot.explain.svg import box, clip, element, text, tip, wide
from chatbot.explain.svg_sections import Section

#: Widths of a cell of the heat map: with its share written in it for a few tokens, else without.
_CELL, _NARROW, _FEW = 46.0, 20.0, 24


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
