"""The tree of a beam search as a picture, from left to right, with a row for each end of a branch."""

from collections.abc import Iterator, Sequence
from xml.etree.ElementTree import Element

from chatbot.explain.beam_branches import Branch, lay_out
from chatbot.explain.explanation import BeamNode, Fate
from chatbot.explain.phrases import say_fate, say_left_out, say_share
from chatbot.explain.svg import box, element, text, tip, wide
from chatbot.explain.svg_sections import Section

_ROW, _BOX, _GAP = 34.0, 24.0, 34.0


def draw_beam(nodes: Sequence[BeamNode], beam: int) -> Section:
    """Draw the tree of a beam search.

    Args:
        nodes: The tree.
        beam: Width of the beam.

    Returns:
        The picture.
    """
    layout = lay_out(nodes)
    drawing = _Drawing()
    drawing.draw(layout.branches, wide("<go>") + 4, 0.0)
    return Section(
        name="beam",
        title="Beam",
        about=f"The {beam} most promising hypotheses at each token, each box with its probability after those"
        f" before it, and where they died. {say_left_out(layout)}".strip(),
        width=drawing.width,
        height=_ROW * drawing.rows,
        body=[text(0, 16, "<go>", "faint"), *drawing.edges, *drawing.boxes],
    )


class _Drawing:
    """The drawing so far."""

    def __init__(self) -> None:
        self.edges: list[Element] = []
        self.boxes: list[Element] = []
        self.width, self.rows = 0.0, 0

    def draw(self, branches: Sequence[Branch], x: float, y: float) -> None:
        """Draw branches that begin where a box ended; the first stays in its row."""
        for branch in branches:
            row = self.rows * _ROW
            self.edges.append(_edge(x, y, x + _GAP, row, branch.chosen))
            width = wide(f"{branch.text} {say_share(branch.probability)}") + 14
            self.boxes += _box(branch, x + _GAP, row, width)
            if branch.branches:
                self.draw(branch.branches, x + _GAP + width, row)
            else:
                fate, style = _fate(branch.nodes[-1])
                right = x + _GAP + width + 8
                self.boxes.append(text(right, row + 16, fate, style))
                self.width = max(self.width, right + wide(fate))
                self.rows += 1


def _edge(x1: float, y1: float, x2: float, y2: float, chosen: bool) -> Element:
    y1, y2 = y1 + _BOX / 2, y2 + _BOX / 2
    middle = (x1 + x2) / 2
    path = f"M{x1:.1f} {y1:.1f}C{middle:.1f} {y1:.1f} {middle:.1f} {y2:.1f} {x2:.1f} {y2:.1f}"
    return element("path", d=path, class_="edge mark" if chosen else "edge")


def _box(branch: Branch, x: float, y: float, width: float) -> Iterator[Element]:
    tokens = "\n".join(f"{node.token}  {say_share(node.probability)}  {node.total:.2f} in all" for node in branch.nodes)
    yield box(x, y, width, _BOX, "box mark" if branch.chosen else "box", tip(tokens))
    yield text(x + 6, y + 16, branch.text, "strong" if branch.chosen else "")
    yield text(x + width - 6, y + 16, say_share(branch.probability), "faint end")


def _fate(node: BeamNode) -> tuple[str, str]:
    """The text at the end of a branch, and its style."""
    if node.rank is None:
        return f"✗ {say_fate(node)}", "bad"
    mark = "…" if node.fate is Fate.CUT else "✓"
    return f"{mark} {say_fate(node)}", "good" if node.chosen else "faint"
