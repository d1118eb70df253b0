"""The parts of the picture of an explanation."""

from chatbot.explain.explanation import Explanation, Neighbours, Step
from chatbot.explain.section import Section
from chatbot.explain.wording import say_compared, say_facts, say_share
from chatbot.svg import LINE, box, clip, element, text, tip, wide

WIDTH = 960.0
_ROW = 26.0
_BAR, _OTHER = 190.0, 128.0
_OTHERS = 4
#: Widths of a cell of the heat map: with its share written in it for a few tokens, else without.
_CELL, _NARROW, _FEW = 46.0, 20.0, 24


def draw_exchange(explanation: Explanation) -> Section:
    """Draw the prompt's tokens, the reply, and how it was chosen."""
    body, x, y = [text(0, 16, "you", "faint")], 40.0, 0.0
    for number, token in enumerate(explanation.tokens, 1):
        width = wide(token) + 12
        if x + width > WIDTH:
            x, y = 40.0, y + _ROW + 8
        body += [box(x, y, width, 24, "box", tip(f"token {number}")), text(x + 6, y + 16, token)]
        x += width + 5
    y += _ROW + 20
    body.append(text(0, y, "bot", "faint"))
    for line in _wrap(explanation.reply.text or "(says nothing)", 120):
        body.append(text(40, y, line, "strong"))
        y += LINE
    body.append(text(40, y + 4, "  ·  ".join(say_facts(explanation)), "faint"))
    return Section(
        "exchange",
        "Prompt and reply",
        "The prompt as the encoder reads it, a token in each box; ▁ is a space.",
        WIDTH,
        y + 12,
        "".join(body),
    )


def draw_steps(steps: tuple[Step, ...]) -> Section:
    """Draw the reply, token by token, with its runners-up."""
    adjusted = any(step.adjusted is not None for step in steps)
    columns = _columns(steps, adjusted)
    heads = [("token", columns["token"]), ("probability", columns["bar"]), ("entropy", columns["entropy"] - 54)]
    if adjusted:
        heads.append(("chosen by", columns["adjusted"] - 66))
    body = [text(x, 12, head, "faint") for head, x in [*heads, ("runners-up", columns["others"])]]
    for number, step in enumerate(steps, 1):
        body.append(_draw_step(number, step, 22 + (number - 1) * _ROW, columns))
    about = (
        "What the model gave each token of the reply, how undecided it was (0 bits is certain),"
        " and what else it could have said."
    )
    if adjusted:
        about += " “Chosen by” is the probability after penalties, temperature and cuts."
    width = columns["others"] + _OTHERS * _OTHER
    return Section("steps", "Step by step", about, width, 22 + len(steps) * _ROW, "".join(body))


def _columns(steps: tuple[Step, ...], adjusted: bool) -> dict[str, float]:
    bar = 34 + max(wide("token"), *(wide(clip(step.token, 16)) for step in steps)) + 14
    entropy = bar + _BAR + 62 + 78
    further = 84 if adjusted else 0
    return {
        "token": 34,
        "bar": bar,
        "entropy": entropy,
        "adjusted": entropy + further,
        "others": entropy + further + 24,
    }


def _draw_step(number: int, step: Step, y: float, columns: dict[str, float]) -> str:
    bar, middle = columns["bar"], y + 16
    parts = [
        text(22, middle, str(number), "faint end"),
        text(columns["token"], middle, clip(step.token, 16), "strong"),
        box(bar, y + 5, _BAR, 14, "track"),
        box(bar, y + 5, max(step.probability * _BAR, 1), 14, "bar", tip(f"{step.token}: {step.probability:.4f}")),
        text(bar + _BAR + 56, middle, say_share(step.probability), "end"),
        text(columns["entropy"], middle, f"{step.entropy:.2f} bits", "faint end"),
    ]
    if step.adjusted is not None:
        parts.append(text(columns["adjusted"], middle, say_share(step.adjusted), "end"))
    for place, other in enumerate(step.others[:_OTHERS]):
        x = columns["others"] + place * _OTHER
        named = f"{clip(other.token, 8)} {say_share(other.probability)}"
        said = f"{other.token}: {other.probability:.4f}{', refused by the settings' if other.refused else ''}"
        parts += [
            text(x, y + 14, named, "bad" if other.refused else "faint"),
            box(x, y + 20, other.probability * (_OTHER - 16), 3, "bar rest", tip(said)),
        ]
    return element("g", *parts)


def draw_alignment(explanation: Explanation) -> Section:
    """Draw where attention looked at each step, as a heat map."""
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
    return Section(
        "alignment", f"Attention ({explanation.attention})", about, width, top + len(steps) * high, "".join(body)
    )


def draw_neighbours(neighbours: Neighbours | None) -> Section:
    """Draw the nearest training prompts with their replies."""
    title = "Nearest training prompts"
    if neighbours is None:
        about = "This bundle keeps no index of its training prompts; it was trained with --no-index."
        return Section("neighbours", title, about, WIDTH, 0, "")
    if not neighbours.nearest:
        about = f"None of the {neighbours.known:,} training prompts shares two characters in a row with this one."
        return Section("neighbours", title, about, WIDTH, 0, "")
    body = []
    for row, one in enumerate(neighbours.nearest):
        y = row * 44.0
        said = f"cosine of the sentence vectors {one.cosine:.3f}, similarity of the characters {one.similarity:.3f}"
        body += [
            box(0, y + 5, 120, 14, "track"),
            box(0, y + 5, max(one.cosine, 0) * 120, 14, "bar", tip(said)),
            text(176, y + 16, f"{one.cosine:.3f}", "end"),
            element("g", tip(one.prompt), text(192, y + 16, clip(one.prompt, 104))),
            element("g", tip(one.reply), text(192, y + 33, clip(f"→ {one.reply}", 104), "faint")),
        ]
    about = f"By the cosine of the sentence vectors, {say_compared(neighbours)}, with the replies recorded for them."
    return Section("neighbours", title, about, WIDTH, 44.0 * len(neighbours.nearest), "".join(body))


def _wrap(content: str, cells: int) -> list[str]:
    lines = [""]
    for word in content.split(" "):
        longer = f"{lines[-1]} {word}".strip()
        if wide(longer) > wide(" ") * cells and lines[-1]:
            lines.append(word)
        else:
            lines[-1] = longer
    return [clip(line, cells) for line in lines]
