"""The parts of the picture of an explanation."""

from collections.abc import Sequence
from dataclasses import dataclass
from xml.etree.ElementTree import Element

from chatbot.explain.explanation import Explanation, Neighbours, RecalledReplies, RecalledReply, Step
from chatbot.explain.html_sections import write_exchange, write_neighbours, write_recalled
from chatbot.explain.merged_steps import Stretch, stretch_steps
from chatbot.explain.phrases import (
    CERTAIN,
    say_compared,
    say_decoder_start,
    say_facts,
    say_notes,
    say_recorded,
    say_share,
)
from chatbot.explain.svg import CELL, LINE, box, clip, element, text, tip, wide
from chatbot.line_wrap import wrap


@dataclass(frozen=True)
class Section:
    """A part of a picture, drawn from its own upper left corner on.

    Attributes:
        name: One word, by which it can be found in the picture.
        title: What it shows.
        about: How to read it, in a sentence or two.
        width: In pixels.
        height: In pixels.
        body: SVG elements.
        page: Elements of HTML that a page shows in place of the drawing, where its own lines are the better ones.
    """

    name: str
    title: str
    about: str
    width: float
    height: float
    body: Sequence[Element] = ()
    page: Sequence[Element] = ()


#: Pixels that a part takes where its content leaves it the choice, as wide as pages show without shrinking it.
WIDTH = 840.0
_ROW = 26.0
_NAME = 14
_BAR, _OTHER = 110.0, 128.0
_OTHERS = 3
#: Of the reply memory: the bar of a share, and where the three of the views begin, with the width of each.
_SHARE, _VIEW, _VIEWS = 150.0, 46.0, 236.0


def draw_exchange(explanation: Explanation) -> Section:
    """Draw the prompt and the reply of an explanation, token by token, and the facts about the reply.

    Returns:
        The picture.
    """
    body, x, y = [text(0, 16, "you", "faint")], 40.0, 0.0
    for number, token in enumerate(explanation.tokens, 1):
        width = wide(token) + 12
        if x + width > WIDTH:
            x, y = 40.0, y + _ROW + 8
        body += [box(x, y, width, 24, "box", tip(f"token {number}")), text(x + 6, y + 16, token)]
        x += width + 5
    y += _ROW + 20
    body.append(text(0, y, "bot", "faint"))
    reply, facts = explanation.reply.text or "(says nothing)", "  ·  ".join(say_facts(explanation))
    body += _lines(40, y, reply, WIDTH, "strong")
    y += LINE * len(_wrap(reply, WIDTH - 40))
    body.append(text(40, y + 4, facts, "faint"))
    return Section(
        "exchange",
        "Prompt and reply",
        "The prompt as the encoder reads it, a token in each box; ▁ is a space.",
        WIDTH,
        y + 12,
        body,
        write_exchange(explanation, reply),
    )


def draw_recalled(recalled: RecalledReplies) -> Section:
    """Draw the shares of the recalled candidate replies, overall and by view.

    Returns:
        The picture.
    """
    heads = [("share", 0.0), *zip(recalled.views, map(_view_x, range(len(recalled.views))), strict=True)]
    body, y = [text(x, 12, head, "faint") for head, x in heads], 22.0
    for one in recalled.replies:
        body += _draw_recalled(one, y)
        y += 30 + LINE * len(_wrap(one.reply, WIDTH))
    about = f"{say_decoder_start(recalled)}."
    about = f"{about[0].upper()}{about[1:]} A plain encoder-decoder has no such memory."
    return Section("recall", "Reply memory: candidate replies", about, WIDTH, y, body, write_recalled(recalled))


def _view_x(number: int) -> float:
    return _VIEWS + number * (_VIEW + 68)


def _draw_recalled(one: RecalledReply, y: float) -> list[Element]:
    parts = [
        box(0, y + 3, _SHARE, 14, "track"),
        box(0, y + 3, max(one.share * _SHARE, 1), 14, "bar", tip(f"{one.reply}: {one.share:.4f}")),
        text(_SHARE + 54, y + 14, say_share(one.share), "end"),
    ]
    for number, (view, share) in enumerate(one.by_view.items()):
        x, style = _view_x(number), "bar" if view in one.first_of else "bar rest"
        parts += [
            box(x, y + 5, _VIEW, 10, "track"),
            box(x, y + 5, max(share * _VIEW, 1), 10, style, tip(f"{view}: {share:.4f}")),
            text(x + _VIEW + 50, y + 14, say_share(share), "end" if view in one.first_of else "faint end"),
        ]
    if note := say_notes(one):
        parts.append(text(WIDTH, y + 14, clip(note, 20), f"{'good' if one.said else 'faint'} end"))
    return [*parts, *_lines(0, y + 34, one.reply, WIDTH, "strong" if one.said else "")]


def draw_steps(steps: tuple[Step, ...]) -> Section:
    """Draw the steps of the reply, token by token, with the runners-up.

    Returns:
        The picture.
    """
    adjusted = any(step.adjusted is not None for step in steps)
    stretches = stretch_steps(steps)
    columns = _columns(stretches, adjusted)
    heads = [("token", columns["token"]), ("probability", columns["bar"]), ("entropy", columns["entropy"] - 54)]
    if adjusted:
        heads.append(("chosen by", columns["adjusted"] - 66))
    body = [text(x, 12, head, "faint") for head, x in [*heads, ("runners-up", columns["others"])]]
    y = 22.0
    for stretch in stretches:
        body.append(_draw_certain(stretch, y, columns) if len(stretch.steps) > 1 else _draw_step(stretch, y, columns))
        y += _ROW + LINE * (len(_wrap(stretch.text, _OTHERS * _OTHER)) - 1 if len(stretch.steps) > 1 else 0)
    about = (
        "What the model gave each token of the reply, how undecided it was (0 bits is certain),"
        " and what else it could have said."
    )
    if len(stretches) < len(steps):
        about += " Tokens in a row of which it was certain share a line."
    if adjusted:
        about += " “Chosen by” is the probability after penalties, temperature and cuts."
    return Section("steps", "Step by step", about, columns["others"] + _OTHERS * _OTHER, y, body)


def _columns(stretches: Sequence[Stretch], adjusted: bool) -> dict[str, float]:
    token = 12 + max(wide(stretch.numbers) for stretch in stretches)
    bar = token + max(wide("token"), *(wide(_name(stretch)) for stretch in stretches)) + 14
    entropy = bar + _BAR + 54 + 78
    further = 84 if adjusted else 0
    return {
        "token": token,
        "bar": bar,
        "entropy": entropy,
        "adjusted": entropy + further,
        "others": entropy + further + 20,
    }


def _name(stretch: Stretch) -> str:
    return f"{len(stretch.steps)} tokens" if len(stretch.steps) > 1 else clip(stretch.steps[0].token, _NAME)


def _draw_certain(stretch: Stretch, y: float, columns: dict[str, float]) -> Element:
    """Several steps of which the model was certain, in one row."""
    least = min(step.probability for step in stretch.steps)
    said = "\n".join(f"{step.token}: {step.probability:.4f}" for step in stretch.steps)
    parts = _draw_figures(stretch, y, columns, least, CERTAIN, said)
    if stretch.steps[0].adjusted is not None:
        parts.append(text(columns["adjusted"], y + 16, CERTAIN, "end"))
    return element(
        "g", *parts, *_lines(columns["others"], y + 16, stretch.text, columns["others"] + _OTHERS * _OTHER, "strong")
    )


def _draw_step(stretch: Stretch, y: float, columns: dict[str, float]) -> Element:
    step = stretch.steps[0]
    said = f"{step.token}: {step.probability:.4f}"
    parts = _draw_figures(stretch, y, columns, step.probability, say_share(step.probability), said)
    if step.adjusted is not None:
        parts.append(text(columns["adjusted"], y + 16, say_share(step.adjusted), "end"))
    for place, other in enumerate(step.others[:_OTHERS]):
        x = columns["others"] + place * _OTHER
        named = f"{clip(other.token, 8)} {say_share(other.probability)}"
        said = f"{other.token}: {other.probability:.4f}{', refused by the settings' if other.refused else ''}"
        parts += [
            text(x, y + 14, named, "bad" if other.refused else "faint"),
            box(x, y + 20, other.probability * (_OTHER - 16), 3, "bar rest", tip(said)),
        ]
    return element("g", *parts)


def _draw_figures(
    stretch: Stretch, y: float, columns: dict[str, float], probability: float, named: str, said: str
) -> list[Element]:
    """The first columns of a row: its numbers, its token or how many it has, the probability and the entropy."""
    bar, style = columns["bar"], "strong" if len(stretch.steps) == 1 else "faint"
    return [
        text(columns["token"] - 12, y + 16, stretch.numbers, "faint end"),
        text(columns["token"], y + 16, _name(stretch), style),
        box(bar, y + 5, _BAR, 14, "track"),
        box(bar, y + 5, max(probability * _BAR, 1), 14, "bar", tip(said)),
        text(bar + _BAR + 54, y + 16, named, "end"),
        text(columns["entropy"], y + 16, f"{stretch.entropy:.2f} bits", "faint end"),
    ]


def draw_neighbours(neighbours: Neighbours | None) -> Section:
    """Draw the neighbours of the prompt, the nearest training prompts with their replies.

    Returns:
        The picture.
    """
    title = "Nearest training prompts"
    if neighbours is None:
        about = "This bundle keeps no index of its training prompts; it was trained with --no-index."
        return Section("neighbours", title, about, WIDTH, 0)
    if not neighbours.nearest:
        about = f"None of the {neighbours.known:,} training prompts shares two characters in a row with this one."
        return Section("neighbours", title, about, WIDTH, 0)
    body: list[Element] = []
    y, left = 0.0, 192.0
    for one in neighbours.nearest:
        said = f"cosine of the sentence vectors {one.cosine:.3f}, similarity of the characters {one.similarity:.3f}"
        prompt, reply = (_wrap(content, WIDTH - left) for content in (one.prompt, say_recorded(one)))
        body += [
            box(0, y + 5, 120, 14, "track"),
            box(0, y + 5, max(one.cosine, 0) * 120, 14, "bar", tip(said)),
            text(176, y + 16, f"{one.cosine:.3f}", "end"),
            *_lines(left, y + 16, one.prompt, WIDTH),
            *_lines(left, y + 16 + LINE * len(prompt), say_recorded(one), WIDTH, "faint"),
        ]
        y += 8 + LINE * (len(prompt) + len(reply))
    about = f"By the cosine of the sentence vectors, {say_compared(neighbours)}, with the replies recorded for them."
    return Section("neighbours", title, about, WIDTH, y, body, write_neighbours(neighbours))


def _lines(x: float, y: float, content: str, right: float, style: str = "") -> list[Element]:
    """A text in as many lines as it takes between `x` and `right`."""
    return [text(x, y + LINE * number, line, style) for number, line in enumerate(_wrap(content, right - x))]


def _wrap(content: str, width: float) -> list[str]:
    return wrap(content, int(width / CELL))
