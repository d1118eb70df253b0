"""The loss curve of a run as a picture: history.svg.

One self-contained SVG file of shapes and text, without scripts and without anything from
elsewhere. It has a light and a dark suit and wears the one that the viewer prefers.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from xml.etree import ElementTree as Tree

from chatbot.progress import Measurement, perplexity

_WIDTH, _HEIGHT = 800, 460
_LEFT, _RIGHT, _TOP, _BOTTOM = 70, 724, 96, 396
#: Above a curve of more points, a dot for each would be a thick line.
_MOST_DOTS = 60
_LONGEST_NAME = 40

_STYLE = """
text { font: 13px system-ui, -apple-system, "Segoe UI", "DejaVu Sans", sans-serif; fill: #1f2328; }
.title { font-size: 18px; font-weight: 600; }
.soft { fill: #59636e; }
.ground { fill: #ffffff; }
.grid { stroke: #d8dee4; }
.axis { stroke: #59636e; }
.curve { fill: none; stroke-width: 2.2; stroke-linejoin: round; stroke-linecap: round; }
.training { stroke: #b35900; stroke-dasharray: 6 4; }
.validation { stroke: #0a5fd1; }
.dot { stroke: none; }
.dot.training { fill: #b35900; }
.dot.validation { fill: #0a5fd1; }
.mark { stroke: #ffffff; stroke-width: 5; stroke-linejoin: round; paint-order: stroke; }
.best { fill: none; stroke: #1f2328; stroke-width: 2; }
.guide { stroke: #59636e; stroke-dasharray: 2 4; }
@media (prefers-color-scheme: dark) {
  text { fill: #e6edf3; }
  .soft { fill: #9198a1; }
  .ground { fill: #0d1117; }
  .grid { stroke: #30363d; }
  .axis, .guide { stroke: #9198a1; }
  .training { stroke: #ffab70; }
  .validation { stroke: #79b8ff; }
  .dot.training { fill: #ffab70; }
  .dot.validation { fill: #79b8ff; }
  .mark { stroke: #0d1117; }
  .best { stroke: #e6edf3; }
}
"""

#: A point of a curve: passes over the pairs, and nats a token.
Point = tuple[float, float]


def draw_curve(history: Sequence[Measurement], steps_per_epoch: int, corpus: str) -> str:
    """Draw the training and the validation loss over the passes, with the best measurement marked.

    Args:
        history: All measurements, one at least. A loss that is no number leaves a gap.
        steps_per_epoch: Steps in a pass, to place measurements within one.
        corpus: What it was trained on, for the title.

    Returns:
        An SVG document, 800 by 460.
    """
    training = [(report.step / steps_per_epoch, report.train_loss) for report in history]
    validation = [(report.step / steps_per_epoch, report.valid.loss) for report in history if report.valid is not None]
    place = _Place.around([*training, *validation])
    name = corpus if len(corpus) <= _LONGEST_NAME else f"{corpus[: _LONGEST_NAME - 1]}…"
    title, said = f"Loss while training on {name}", _describe(history)
    svg = Tree.Element(
        "svg", xmlns="http://www.w3.org/2000/svg", viewBox=f"0 0 {_WIDTH} {_HEIGHT}", role="img", lang="en"
    )
    _add(svg, "title", title)
    _add(svg, "desc", said)
    _add(svg, "style", _STYLE)
    _add(svg, "rect", class_="ground", width=_WIDTH, height=_HEIGHT)
    _add(svg, "text", title, class_="title", x=_LEFT, y=30)
    _add(svg, "text", said, class_="soft", x=_LEFT, y=52)
    _draw_axes(svg, place)
    _draw_curve(svg, place, "training", training)
    _draw_curve(svg, place, "validation", validation)
    _draw_best(svg, place, history, steps_per_epoch)
    _draw_legend(svg, bool(validation))
    Tree.indent(svg)
    return Tree.tostring(svg, encoding="unicode") + "\n"


def ticks(low: float, high: float, most: int) -> list[float]:
    """Round numbers that cover a range: multiples of 1, 2 or 5 times a power of ten.

    Args:
        low: The first tick is at most this.
        high: The last is at least this.
        most: Steps between them, at most.
    """
    span = high - low
    if span <= 0:
        low, high, span = low - 0.5, high + 0.5, 1.0
    power: float = 10.0 ** math.floor(math.log10(span / most))
    for unit in (1, 2, 5, 10, 20):
        step = unit * power
        first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
        if last - first <= most:
            break
    return [number * step for number in range(first, last + 1)]


@dataclass(frozen=True)
class _Place:
    """Where on the picture a point of a curve lies."""

    across: list[float]
    up: list[float]

    @classmethod
    def around(cls, points: Sequence[Point]) -> "_Place":
        losses = [loss for _, loss in points if math.isfinite(loss)] or [0.0]
        low, high = min(losses), max(losses)
        # From zero, unless that would press the curve against the top.
        up = ticks(0.0 if low < high / 2 else low, high, 8)
        return cls(ticks(0.0, max(epochs for epochs, _ in points), 10), up)

    def x(self, epochs: float) -> float:
        return _LEFT + (_RIGHT - _LEFT) * (epochs - self.across[0]) / (self.across[-1] - self.across[0])

    def y(self, loss: float) -> float:
        return _BOTTOM - (_BOTTOM - _TOP) * (loss - self.up[0]) / (self.up[-1] - self.up[0])


def _describe(history: Sequence[Measurement]) -> str:
    """The run in one line, which also stands for the picture where that cannot be seen."""
    best, last = _best(history), history[-1]
    if best.valid is None:
        found = f"training loss {best.train_loss:.3f}, perplexity {_say(perplexity(best.train_loss))}"
    else:
        found = (
            f"validation loss {best.valid.loss:.3f}, perplexity {_say(best.valid.perplexity)},"
            f" {best.valid.exact:.0%} exact"
        )
    lasted = f"{_count(last.epoch, 'epoch')}, {_count(last.step, 'step')}, {last.seconds / 60:.1f} min"
    return f"{lasted}. Best in epoch {best.epoch}: {found}"


def _best(history: Sequence[Measurement]) -> Measurement:
    return [report for report in history if report.best][-1]


def _draw_axes(svg: Tree.Element, place: _Place) -> None:
    for loss in place.up:
        y = place.y(loss)
        _add(svg, "line", class_="grid", x1=_LEFT, y1=y, x2=_RIGHT, y2=y)
        _add(svg, "text", f"{loss:g}", class_="soft", x=_LEFT - 8, y=y + 4, text_anchor="end")
        _add(svg, "text", _say(perplexity(loss)), class_="soft", x=_RIGHT + 12, y=y + 4)
    for epochs in place.across:
        x = place.x(epochs)
        _add(svg, "line", class_="axis", x1=x, y1=_BOTTOM, x2=x, y2=_BOTTOM + 5)
        _add(svg, "text", f"{epochs:g}", class_="soft", x=x, y=_BOTTOM + 20, text_anchor="middle")
    _add(svg, "line", class_="axis", x1=_LEFT, y1=_BOTTOM, x2=_RIGHT, y2=_BOTTOM)
    _add(
        svg,
        "text",
        "passes over the training pairs (epochs)",
        x=(_LEFT + _RIGHT) / 2,
        y=_BOTTOM + 44,
        text_anchor="middle",
    )
    middle = (_TOP + _BOTTOM) / 2
    for x, turn, words in ((22, -90, "loss (nats per token)"), (784, 90, "perplexity (e to the loss)")):
        _add(svg, "text", words, transform=f"translate({x} {middle:g}) rotate({turn})", text_anchor="middle")


def _draw_curve(svg: Tree.Element, place: _Place, kind: str, points: Sequence[Point]) -> None:
    for run in _unbroken(points):
        if len(run) > 1:
            corners = " ".join(f"{place.x(epochs):.1f},{place.y(loss):.1f}" for epochs, loss in run)
            _add(svg, "polyline", class_=f"curve {kind}", points=corners)
        if len(points) <= _MOST_DOTS or len(run) == 1:
            for epochs, loss in run:
                dot = _add(svg, "circle", class_=f"dot {kind}", cx=place.x(epochs), cy=place.y(loss), r=2.5)
                _add(dot, "title", f"{kind} loss {loss:.3f} after {epochs:.3g} epochs")


def _unbroken(points: Sequence[Point]) -> Iterator[list[Point]]:
    """The stretches of a curve between the losses that are no numbers."""
    run: list[Point] = []
    for point in points:
        if math.isfinite(point[1]):
            run.append(point)
        elif run:
            yield run
            run = []
    if run:
        yield run


def _draw_best(svg: Tree.Element, place: _Place, history: Sequence[Measurement], steps_per_epoch: int) -> None:
    best = _best(history)
    loss = best.train_loss if best.valid is None else best.valid.loss
    x, y = place.x(best.step / steps_per_epoch), place.y(loss)
    _add(svg, "line", class_="guide", x1=x, y1=y + 7, x2=x, y2=_BOTTOM)
    _add(svg, "circle", class_="best", cx=x, cy=y, r=6.5)
    # On the side where there is more room, and above the curve, which falls.
    anchor, shift = ("start", 10) if x < (_LEFT + _RIGHT) / 2 else ("end", -4)
    _add(svg, "text", f"best {loss:.3f}", class_="mark", x=x + shift, y=y - 14, text_anchor=anchor)


def _draw_legend(svg: Tree.Element, validated: bool) -> None:
    x = _LEFT
    for kind in ("training", "validation") if validated else ("training",):
        _add(svg, "line", class_=f"curve {kind}", x1=x, y1=72, x2=x + 34, y2=72)
        words = f"{kind}, dropout on" if kind == "training" else "held-out pairs"
        _add(svg, "text", words, x=x + 42, y=76)
        x += 190


def _count(number: int, what: str) -> str:
    return f"{number:,} {what}" if number == 1 else f"{number:,} {what}s"


def _say(number: float) -> str:
    """A perplexity in five characters or so."""
    if number >= 1e6:
        return f"{number:.0e}"
    if number >= 1e4:
        return f"{number / 1000:,.0f}k"
    return f"{number:,.0f}" if number >= 100 else f"{number:.3g}"


def _add(parent: Tree.Element, tag: str, text: str | None = None, **attributes: str | float) -> Tree.Element:
    """An element with attributes such as `class_` and `text_anchor`, as SVG writes them."""
    written = {
        name.rstrip("_").replace("_", "-"): value if isinstance(value, str) else f"{value:.5g}"
        for name, value in attributes.items()
    }
    element = Tree.SubElement(parent, tag, written)
    element.text = text
    return element
