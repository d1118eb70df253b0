"""The learning curves of a run as a picture: history.svg.

One self-contained file of shapes and text, without scripts and without anything from the network.
"""

import math
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from xml.etree.ElementTree import Element

from chatbot.explain.svg import document, element, styled, text, tip
from chatbot.metrics import perplexity
from chatbot.runs.events import Measurement
from chatbot.text import plural

_WIDTH, _HEIGHT = 800, 460
_LEFT, _RIGHT, _TOP, _BOTTOM = 70, 724, 96, 396
#: The dots of a curve of more points are smaller, or they would be a thick line.
_LARGE_DOTS = 60
_LONGEST_NAME = 40

_STYLE = """
:root { --training: #b35900; --validation: #0a5fd1; }
@media (prefers-color-scheme: dark) { :root { --training: #ffab70; --validation: #79b8ff; } }
.grid { stroke: var(--line); }
.axis { stroke: var(--faint); }
.curve { fill: none; stroke-width: 2.2; stroke-linejoin: round; stroke-linecap: round; }
.curve.training { stroke: var(--training); stroke-dasharray: 6 4; }
.curve.validation { stroke: var(--validation); }
.dot.training { fill: var(--training); }
.dot.validation { fill: var(--validation); }
.curve.exact { stroke: var(--good); stroke-dasharray: 1 5; }
.dot.exact { fill: var(--good); }
svg text.best { stroke: var(--paper); stroke-width: 5; stroke-linejoin: round; paint-order: stroke; }
circle.best { fill: none; stroke: var(--ink); stroke-width: 2; }
.guide { stroke: var(--faint); stroke-dasharray: 2 4; }
"""

#: A point of a curve: epochs, and nats a token.
Point = tuple[float, float]


def draw_curve(
    history: Sequence[Measurement], steps_per_epoch: int, corpus: str, end: tuple[int, int, float] | None = None
) -> str:
    """Draw the losses over the epochs, with the share of exact replies and the best measurement.

    Args:
        history: All measurements, one at least. A loss that is no number leaves a gap.
        steps_per_epoch: Steps in an epoch, to place measurements within one.
        corpus: What it was trained on, for the title.
        end: Epoch, step and seconds at which the run ended; None for those of the last measurement.

    Returns:
        An SVG document, 800 by 460.
    """
    validated = [report for report in history if report.valid is not None]
    training = [(report.step / steps_per_epoch, report.train_loss) for report in history]
    validation = [(report.step / steps_per_epoch, report.valid.loss) for report in validated if report.valid]
    place = _Place.around([*training, *validation])
    # The height of the picture is all of the replies, so a share is placed as the loss at its height.
    exact = [(report.step / steps_per_epoch, place.at(report.valid.exact)) for report in validated if report.valid]
    name = corpus if len(corpus) <= _LONGEST_NAME else f"{corpus[: _LONGEST_NAME - 1]}…"
    title, said = f"Learning from {name}", _describe(history, end)
    body = [
        *styled(_STYLE),
        text(_LEFT, 30, title, "h1"),
        text(_LEFT, 52, said, "sans faint"),
        *_axes(place),
        *(_share_axis() if validated else _perplexity_axis(place)),
        *_curve(place, "training", training, "training loss {0:.3f}"),
        *_curve(place, "validation", validation, "validation loss {0:.3f}"),
        *_curve(place, "exact", exact, "{1:.0%} of the held-out replies exact", place.share),
        *_best_point(place, history, steps_per_epoch),
        *_legend(bool(validated)),
    ]
    return document(title, said, _WIDTH, _HEIGHT, *body, lang="en") + "\n"


def ticks(low: float, high: float, most: int) -> list[float]:
    """The round numbers that cover a range: multiples of 1, 2 or 5 times a power of ten.

    Args:
        low: The first tick is at most this.
        high: The last is at least this.
        most: Steps between them, at most.
    """
    span = high - low
    if span < max(sys.float_info.min, 1e-9 * abs(high)):  # nothing, or too little to be divided
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
    """The place of a point of a curve on the picture."""

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

    def at(self, share: float) -> float:
        """The loss at a share of the height, from the bottom."""
        return self.up[0] + share * (self.up[-1] - self.up[0])

    def share(self, loss: float) -> float:
        """The share of the height at which a loss is."""
        return (loss - self.up[0]) / (self.up[-1] - self.up[0])

    def y(self, loss: float) -> float:
        return _BOTTOM - (_BOTTOM - _TOP) * (loss - self.up[0]) / (self.up[-1] - self.up[0])


def _describe(history: Sequence[Measurement], end: tuple[int, int, float] | None) -> str:
    """The run in one line, which is also the picture's description for screen readers."""
    best, last = _best(history), history[-1]
    if best.valid is None:
        found = f"training loss {best.train_loss:.3f}, perplexity {_say(perplexity(best.train_loss))}"
    else:
        found = (
            f"validation loss {best.valid.loss:.3f}, perplexity {_say(best.valid.perplexity)},"
            f" {best.valid.exact:.0%} exact"
        )
    epoch, step, seconds = end or (last.epoch, last.step, last.seconds)
    lasted = f"{plural(epoch, 'epoch')}, {plural(step, 'step')}, {seconds / 60:.1f} min"
    return f"{lasted}. Best in epoch {best.epoch}: {found}"


def _best(history: Sequence[Measurement]) -> Measurement:
    return [report for report in history if report.best][-1]


def _axes(place: _Place) -> Iterator[Element]:
    for loss in place.up:
        y = place.y(loss)
        yield element("line", class_="grid", x1=_LEFT, y1=y, x2=_RIGHT, y2=y)
        yield text(_LEFT - 8, y + 4, f"{loss:g}", "sans faint end")
    for epochs in place.across:
        x = place.x(epochs)
        yield element("line", class_="axis", x1=x, y1=_BOTTOM, x2=x, y2=_BOTTOM + 5)
        yield text(x, _BOTTOM + 20, f"{epochs:g}", "sans faint middle")
    yield element("line", class_="axis", x1=_LEFT, y1=_BOTTOM, x2=_RIGHT, y2=_BOTTOM)
    yield text((_LEFT + _RIGHT) / 2, _BOTTOM + 44, "epochs", "sans middle")
    yield _upright(22, -90, "loss (nats per token)")


def _share_axis() -> Iterator[Element]:
    for percent in range(0, 101, 20):
        y = _BOTTOM - (_BOTTOM - _TOP) * percent / 100
        yield element("line", class_="axis", x1=_RIGHT, y1=y, x2=_RIGHT + 5, y2=y)
        yield text(_RIGHT + 12, y + 4, f"{percent}%", "sans faint")
    yield _upright(784, 90, "exact replies, of the held-out ones")


def _perplexity_axis(place: _Place) -> Iterator[Element]:
    for loss in place.up:
        yield text(_RIGHT + 12, place.y(loss) + 4, _say(perplexity(loss)), "sans faint")
    yield _upright(784, 90, "perplexity (e to the loss)")


def _upright(x: float, turn: int, words: str) -> Element:
    return text(0, 0, words, "sans middle", transform=f"translate({x} {(_TOP + _BOTTOM) / 2:g}) rotate({turn})")


def _curve(
    place: _Place, kind: str, points: Sequence[Point], saying: str, share: Callable[[float], float] = float
) -> Iterator[Element]:
    """Straight lines from each measured point to the next, and a dot at each.

    Args:
        place: Of the picture.
        kind: Class of the curve.
        points: Measured.
        saying: Format of a dot's tooltip, with its height and what `share` makes of it.
        share: See `saying`.
    """
    radius = 2.5 if len(points) <= _LARGE_DOTS else 1.5
    for run in _unbroken(points):
        if len(run) > 1:
            corners = " ".join(f"{place.x(epochs):.1f},{place.y(loss):.1f}" for epochs, loss in run)
            yield element("polyline", class_=f"curve {kind}", points=corners)
        for epochs, loss in run:
            said = tip(f"{saying.format(loss, share(loss))} after {epochs:.3g} epochs")
            yield element("circle", said, class_=f"dot {kind}", cx=place.x(epochs), cy=place.y(loss), r=radius)


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


def _best_point(place: _Place, history: Sequence[Measurement], steps_per_epoch: int) -> Iterator[Element]:
    best = _best(history)
    loss = best.train_loss if best.valid is None else best.valid.loss
    x, y = place.x(best.step / steps_per_epoch), place.y(loss)
    yield element("line", class_="guide", x1=x, y1=y + 7, x2=x, y2=_BOTTOM)
    yield element("circle", class_="best", cx=x, cy=y, r=6.5)
    # On the side where there is more room, and above the curve, which falls.
    side, shift = ("", 10) if x < (_LEFT + _RIGHT) / 2 else (" end", -4)
    yield text(x + shift, y - 14, f"best {loss:.3f}", f"sans best{side}")


def _legend(validated: bool) -> Iterator[Element]:
    curves = {"training": "training loss, dropout on", "validation": "held-out loss", "exact": "exact replies"}
    x = _LEFT
    for kind, words in curves.items() if validated else [("training", curves["training"])]:
        yield element("line", class_=f"curve {kind}", x1=x, y1=72, x2=x + 34, y2=72)
        yield text(x + 42, 76, words, "sans")
        x += 220


def _say(number: float) -> str:
    """A perplexity in five characters or so."""
    if number >= 1e6:
        return f"{number:.0e}"
    if number >= 1e4:
        return f"{number / 1000:,.0f}k"
    return f"{number:,.0f}" if number >= 100 else f"{number:.3g}"
