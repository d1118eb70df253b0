"""The tree of a beam search as a picture: a column for each token, a row for each end of a branch."""

from collections.abc import Sequence

from chatbot.explain.beam_layout import Layout, lay_out
from chatbot.explain.explanation import BeamNode, Fate
from chatbot.explain.svg import Section, box, element, text, tip, wide
from chatbot.explain.wording import say_fate, say_share

_LEAVES = 40
_ROW, _BOX, _GAP = 34.0, 24.0, 26.0
_MARKS = {Fate.ENDED: "✓", Fate.CUT: "…", Fate.CROWDED_OUT: "✗", Fate.OUT_OF_REACH: "✗", Fate.WENT_ON: ""}
_ROOT = -1


def draw_beam(nodes: Sequence[BeamNode], beam: int) -> Section:
    """Draw the tree."""
    layout = lay_out(nodes, _LEAVES)
    rows: dict[int, float] = {}
    _place(layout, _ROOT, rows, [0])
    columns = _columns(nodes, rows)
    body = [_edge(nodes, number, rows, columns) for number in rows if number != _ROOT]
    body += [
        _node(nodes[number], rows[number], columns, number not in layout.children) for number in rows if number != _ROOT
    ]
    body.append(text(0, rows[_ROOT] * _ROW + 16, "<go>", "faint"))
    ends = [
        columns[nodes[number].step] + wide(f"  {nodes[number].token}  {say_fate(nodes[number])}") + 30
        for number in rows
        if number not in layout.children
    ]
    left_out = f" {layout.left_out:,} further branches are not shown." if layout.left_out else ""
    return Section(
        name="beam",
        title="Beam",
        about=f"The {beam} most promising hypotheses at each token, with what the model gave the token."
        f" ✓ ended, ✗ dropped: crowded out by better ones, or out of reach of the best.{left_out}",
        width=max(ends, default=0),
        height=_ROW * (max(rows.values()) + 1),
        body="".join(body),
    )


def _place(layout: Layout, number: int, rows: dict[int, float], next_row: list[int]) -> None:
    """Rows of a node and of what continues it: a leaf takes the next one, a branch that of its first child."""
    waiting = [(number, False)]
    while waiting:  # not by recursion: replies may be long
        place, visited = waiting.pop()
        children = layout.children.get(place, [])
        if visited:
            rows[place] = rows[children[0]]
        elif children:
            waiting.append((place, True))
            waiting += [(child, False) for child in reversed(children)]
        else:
            rows[place] = float(next_row[0])
            next_row[0] += 1


def _columns(nodes: Sequence[BeamNode], rows: dict[int, float]) -> dict[int, float]:
    """Where the column of each step begins, as wide as its longest token."""
    widths: dict[int, float] = {}
    for number in rows:
        if number != _ROOT:
            node = nodes[number]
            widths[node.step] = max(widths.get(node.step, 0.0), _node_width(node))
    columns, x = {}, wide("<go>") + _GAP
    for step in sorted(widths):
        columns[step] = x
        x += widths[step] + _GAP
    return columns


def _node_width(node: BeamNode) -> float:
    return wide(f"{node.token} {say_share(node.probability)}") + 12


def _edge(nodes: Sequence[BeamNode], number: int, rows: dict[int, float], columns: dict[int, float]) -> str:
    node = nodes[number]
    x2, y2 = columns[node.step], rows[number] * _ROW + _BOX / 2
    y1 = rows[node.parent] * _ROW + _BOX / 2
    parent = wide("<go>") if node.parent == _ROOT else columns[node.step - 1] + _node_width(nodes[node.parent])
    turn = x2 - _GAP + 4  # behind the longest token of the column before
    path = f"M{parent:.1f} {y1:.1f}H{turn:.1f}"
    path += f"H{x2:.1f}" if y1 == y2 else f"C{turn + 12:.1f} {y1:.1f} {turn + 4:.1f} {y2:.1f} {x2:.1f} {y2:.1f}"
    return element("path", d=path, class_="edge mark" if node.chosen else "edge")


def _node(node: BeamNode, row: float, columns: dict[int, float], last: bool) -> str:
    x, y, width = columns[node.step], row * _ROW, _node_width(node)
    said = f"{node.token}: {say_share(node.probability)}, {node.total:.2f} in all, {node.fate.value}"
    parts = [
        box(x, y, width, _BOX, "box mark" if node.chosen else "box", tip(said)),
        text(x + 6, y + 16, node.token, "strong" if node.chosen else ""),
        text(x + width - 6, y + 16, say_share(node.probability), "faint end"),
    ]
    if last:
        style = "good" if node.chosen else "" if node.fate in (Fate.ENDED, Fate.CUT) else "bad"
        parts.append(text(x + width + 8, y + 16, _MARKS[node.fate], style))
        parts.append(text(x + width + 22, y + 16, say_fate(node), "good" if node.chosen else "faint"))
    return element("g", *parts)
