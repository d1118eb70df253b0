"""The risk of answering as a picture: right answers kept against wrong ones said, with the bot's own threshold.

One self-contained file of shapes and text, without scripts and without anything from the network.
"""

from collections.abc import Iterator, Sequence
from xml.etree.ElementTree import Element

from chatbot.bot.risk_curve import RiskCurve
from chatbot.explain.svg import document, element, styled, text, tip
from chatbot.text import plural

_WIDTH, _HEIGHT = 760, 560
_LEFT, _RIGHT, _TOP, _BOTTOM = 80, 720, 120, 490
_LONGEST_NAME = 40
_STYLE = """
:root { --outside: #b35900; --wrong: #0a5fd1; }
@media (prefers-color-scheme: dark) { :root { --outside: #ffab70; --wrong: #79b8ff; } }
.grid { stroke: var(--line); }
.curve { fill: none; stroke-width: 2.2; stroke-linejoin: round; stroke-linecap: round; }
.curve.outside { stroke: var(--outside); stroke-dasharray: 6 4; }
.curve.wrong { stroke: var(--wrong); }
.own { fill: var(--paper); stroke: var(--ink); stroke-width: 2; }
.guide { stroke: var(--faint); stroke-dasharray: 2 4; }
"""

#: A point of a curve: the shares that are said of what should not be, and of the right answers; and the threshold.
Point = tuple[float, float, float]


def draw_risk(curve: RiskCurve, name: str) -> str:
    """Draw the right answers kept over the wrong ones said.

    Args:
        curve: The shares by threshold.
        name: Of the corpus, for the title.

    Returns:
        An SVG document, 760 by 560.
    """
    shown = name if len(name) <= _LONGEST_NAME else f"{name[: _LONGEST_NAME - 1]}…"
    title, said = f"Answers kept and said: {shown}", list(_say(curve))
    points = [curve.own, *curve.points]
    wrong = [(one.wrong_said, one.right_kept, one.threshold) for one in points]
    outside = [(one.outside_said, one.right_kept, one.threshold) for one in points if one.outside_said is not None]
    body = [
        *styled(_STYLE),
        text(_LEFT, 32, title, "h1"),
        *(text(_LEFT, 54 + 18 * row, line, "sans faint") for row, line in enumerate(said)),
        *_axes(),
        *_guide(curve.own.right_kept),
        *(_curve("wrong", wrong, "wrong answers, of the corpus") if curve.wrong else ()),
        *(_curve("outside", outside, "prompts from outside") if outside else ()),
        *_legend([("wrong", "wrong answers, of the corpus")] * bool(curve.wrong) + _outside_legend(curve)),
    ]
    return document(title, " ".join(said), _WIDTH, _HEIGHT, *body, lang="en") + "\n"


def _say(curve: RiskCurve) -> Iterator[str]:
    """The point of the bot's own threshold in words, which describe the picture to screen readers too."""
    own = curve.own
    yield (
        f"At the bot's own threshold, {own.threshold:.2g}, it keeps {own.right_kept:.1%} of"
        f" {plural(curve.right, 'right answer')} and says {own.wrong_said:.1%} of {plural(curve.wrong, 'wrong one')}."
    )
    if curve.outside is not None:
        answered = f"{curve.outside_answered:,} of {plural(curve.outside, 'prompt')} from outside"
        yield f"It answers {answered} ({own.outside_said:.1%}); AUROC {curve.auroc:.3f}."


def _outside_legend(curve: RiskCurve) -> list[tuple[str, str]]:
    return [] if curve.outside is None else [("outside", "prompts from outside")]


def _x(share: float) -> float:
    return _LEFT + (_RIGHT - _LEFT) * share


def _y(share: float) -> float:
    return _BOTTOM - (_BOTTOM - _TOP) * share


def _axes() -> Iterator[Element]:
    for percent in range(0, 101, 20):
        x, y = _x(percent / 100), _y(percent / 100)
        yield element("line", class_="grid", x1=_LEFT, y1=y, x2=_RIGHT, y2=y)
        yield element("line", class_="grid", x1=x, y1=_TOP, x2=x, y2=_BOTTOM)
        yield text(_LEFT - 8, y + 4, f"{percent}%", "sans faint end")
        yield text(x, _BOTTOM + 20, f"{percent}%", "sans faint middle")
    yield text((_LEFT + _RIGHT) / 2, _BOTTOM + 46, "said of what should not be", "sans middle")
    turned = f"translate(24 {(_TOP + _BOTTOM) / 2:g}) rotate(-90)"
    yield text(0, 0, "right answers kept", "sans middle", transform=turned)


def _guide(right_kept: float) -> Iterator[Element]:
    y = _y(right_kept)
    yield element("line", class_="guide", x1=_LEFT, y1=y, x2=_RIGHT, y2=y)


def _curve(kind: str, points: Sequence[Point], words: str) -> Iterator[Element]:
    """A line through the points, and a ring around the first of them, that of the bot's own threshold."""
    own, *others = points
    corners = " ".join(f"{_x(said):.1f},{_y(kept):.1f}" for said, kept, _ in sorted(others, key=lambda one: -one[2]))
    yield element("polyline", class_=f"curve {kind}", points=corners)
    said, kept, threshold = own
    about = tip(f"threshold {threshold:.2g}: {kept:.1%} of the right answers kept, {said:.1%} said of {words}")
    yield element("circle", about, class_="own", cx=_x(said), cy=_y(kept), r=6)
    yield text(_x(said) + 10, _y(kept) + 20, f"{said:.0%}", "sans strong")


def _legend(curves: Sequence[tuple[str, str]]) -> Iterator[Element]:
    x = _LEFT
    for kind, words in curves:
        yield element("line", class_=f"curve {kind}", x1=x, y1=100, x2=x + 34, y2=100)
        yield text(x + 42, 104, words, "sans")
        x += 250
    yield element("circle", class_="own", cx=x + 6, cy=100, r=6)
    yield text(x + 20, 104, "own threshold", "sans")
