"""An explanation on a terminal: with bars, shades and lines, or in plain words and figures."""

from collections.abc import Iterator, Sequence

from rich.cells import cell_len
from rich.console import Console, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text
from rich.tree import Tree

from chatbot.explain import Explanation, Neighbours, Step
from chatbot.explain.beam_layout import Branch, lay_out
from chatbot.explain.wording import say_compared, say_facts, say_fate, say_left_out, say_share

_BAR = 16
_OTHERS = 3
#: From nothing to all of the attention.
_SHADES = " ░▒▓█"
#: Columns of a token's name, and of a cell of the heat map with its space.
_NAME, _CELL = 16, 4


def show_explanation(explanation: Explanation, console: Console, plain: bool) -> None:
    """Print an explanation; see `chatbot.cli.explain.render`."""
    _show_exchange(explanation, console)
    if explanation.steps:
        _title(
            console, "Step by step", "the probability of each token, the entropy in bits (0 is certain), the runners-up"
        )
        console.print(_steps(explanation.steps, 0 if plain else _bar(console.width)))
    if explanation.beam:
        layout = lay_out(explanation.beam)
        left_out = f"; {say_left_out(layout)}".removesuffix(".") if layout.left_out else ""
        what = f"the {explanation.decoding.beam} most promising hypotheses at each token, and where they died{left_out}"
        _title(console, "Beam", what)
        console.print(_plain_branches(layout.branches) if plain else _tree(layout.branches))
    if explanation.aligned:
        _title(console, f"Attention ({explanation.attention})", "where each token of the reply looked in the prompt")
        for part in _plain_alignment(explanation) if plain else _heat_maps(explanation, console.width):
            console.print(part)
    _show_neighbours(explanation.neighbours, console)


def _title(console: Console, title: str, about: str) -> None:
    console.print()
    console.print(Text.assemble((title, "bold"), (f"  {about}", "dim")))


def _show_exchange(explanation: Explanation, console: Console) -> None:
    tokens = Text("  ").join(
        Text.assemble((f"{number}:", "dim"), token) for number, token in enumerate(explanation.tokens, 1)
    )
    facts = Text(" · ".join(say_facts(explanation)), style="dim")
    grid = Table.grid(padding=(0, 2))
    grid.add_row(Text("you", style="dim"), tokens)
    grid.add_row(Text("bot", style="bold cyan"), Text(explanation.reply.text or "(says nothing)"))
    grid.add_row("", facts)
    console.print(grid)


def _steps(steps: Sequence[Step], bar: int) -> Table:
    """A row for each step, with bars of so many columns at most."""
    adjusted = any(step.adjusted is not None for step in steps)
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="dim")
    table.add_column("", justify="right", no_wrap=True, min_width=len(str(len(steps))), style="dim")
    name = min(_NAME, max(cell_len(step.token) for step in steps))
    table.add_column("token", no_wrap=True, min_width=name, max_width=_NAME)
    if bar:
        table.add_column("", no_wrap=True, min_width=bar)
    for figure in ("p", *(["chosen by"] if adjusted else []), "bits"):
        table.add_column(figure, justify="right", no_wrap=True, min_width=max(6, len(figure)))
    table.add_column("runners-up", no_wrap=True, overflow="ellipsis")
    for number, step in enumerate(steps, 1):
        bars = [Text("━" * round(step.probability * bar) or "╺", style="cyan")] if bar else []
        chosen_by = [say_share(step.adjusted)] if step.adjusted is not None else []
        figures = [say_share(step.probability), *chosen_by, f"{step.entropy:.2f}"]
        table.add_row(str(number), Text(step.token, style="bold"), *bars, *figures, Text("  ").join(_others(step)))
    return table


def _bar(width: int) -> int:
    """Columns of a bar on a terminal of so many; none where there is no room."""
    return _BAR if width >= 80 else _BAR // 2 if width >= 60 else 0


def _others(step: Step) -> Iterator[Text]:
    for other in step.others[:_OTHERS]:
        yield Text.assemble(
            other.token, (f" {say_share(other.probability)}", "dim"), (" refused" if other.refused else "", "red")
        )


def _tree(branches: Sequence[Branch]) -> Tree:
    root = Tree(Text("<go>", style="dim"), guide_style="dim")
    waiting = [(root, branch) for branch in reversed(branches)]
    while waiting:
        place, branch = waiting.pop()
        below = place.add(_branch(branch))
        waiting += [(below, further) for further in reversed(branch.branches)]
    return root


def _plain_branches(branches: Sequence[Branch]) -> Text:
    lines = []
    waiting = [(0, branch) for branch in reversed(branches)]
    while waiting:
        depth, branch = waiting.pop()
        lines.append(Text.assemble("  " * depth, f"{depth + 1}. ", _branch(branch)))
        waiting += [(depth + 1, further) for further in reversed(branch.branches)]
    return Text("\n").join(lines)


def _branch(branch: Branch) -> Text:
    line = Text.assemble(
        (branch.text, "bold cyan" if branch.chosen else ""), (f" {say_share(branch.probability)}", "dim")
    )
    if not branch.branches:
        end = branch.nodes[-1]
        style = "green" if end.chosen else "red" if end.rank is None else "dim"
        line.append(f"  {say_fate(end)}", style=style)
    return line


def _heat_maps(explanation: Explanation, width: int) -> Iterator[RenderableType]:
    """A map for as many tokens of the prompt as there is room for, and another for the next ones."""
    name = min(_NAME, max(cell_len(step.token) for step in explanation.steps))
    strongest = max(cell_len(token) for token in explanation.tokens) + 8
    room = max((width - name - strongest - 4) // _CELL, 4)
    for start in range(0, len(explanation.tokens), room):
        yield _heat_map(explanation, range(start, min(start + room, len(explanation.tokens))))


def _heat_map(explanation: Explanation, columns: range) -> Table:
    table = _table("", *(str(column + 1) for column in columns), "", padding=(0, 1, 0, 0))
    table.columns[0].justify = "right"
    for column in table.columns[1:-1]:
        column.min_width, column.justify = _CELL - 1, "center"
    for step in explanation.steps:
        shades = [Text(_shade(step.alignment[column]) * (_CELL - 1), style="cyan") for column in columns]
        table.add_row(Text(step.token), *shades, Text(_looked_at(explanation.tokens, step, 1), style="dim"))
    return table


def _shade(share: float) -> str:
    return _SHADES[min(int(share * len(_SHADES) + 0.5), len(_SHADES) - 1)]


def _plain_alignment(explanation: Explanation) -> Iterator[Text]:
    for step in explanation.steps:
        yield Text.assemble((f"{step.token}: ", "bold"), _looked_at(explanation.tokens, step, 3))


def _looked_at(tokens: Sequence[str], step: Step, most: int) -> str:
    """The tokens that got most of the attention, with their shares."""
    order = sorted(range(len(tokens)), key=lambda place: -step.alignment[place])[:most]
    return ", ".join(f"{tokens[place]} {step.alignment[place]:.0%}" for place in order)


def _show_neighbours(neighbours: Neighbours | None, console: Console) -> None:
    if neighbours is None:
        _title(console, "Nearest training prompts", "this bundle keeps no index of them (--no-index)")
    elif not neighbours.nearest:
        _title(console, "Nearest training prompts", f"none of {neighbours.known:,} shares two characters with this one")
    else:
        about = f"by the cosine of the sentence vectors, {say_compared(neighbours)}"
        _title(console, "Nearest training prompts", about)
        grid = Table.grid(padding=(0, 2))
        for one in neighbours.nearest:
            grid.add_row(f"{one.cosine:.3f}", Text.assemble(one.prompt, "\n", (f"→ {one.reply}", "dim")))
        console.print(Padding(grid, (0, 0, 0, 1)))


def _table(*heads: str, padding: tuple[int, int, int, int] = (0, 2, 0, 0)) -> Table:
    return Table(*heads, box=None, padding=padding, header_style="dim")
