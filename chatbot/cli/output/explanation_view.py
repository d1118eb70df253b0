"""An explanation on a terminal: with bars, shades and lines, or in plain words and figures."""

from collections.abc import Iterator, Sequence

from rich.cells import cell_len
from rich.console import Console, RenderableType
from rich.table import Table
from rich.text import Text
from rich.tree import Tree

from chatbot.explain import Explanation, Neighbours, RecalledReplies, Step
from chatbot.explain.beam_layout import Branch, lay_out
from chatbot.explain.phrases import (
    CERTAIN,
    say_compared,
    say_decoder_start,
    say_facts,
    say_fate,
    say_left_out,
    say_share,
    say_views,
)
from chatbot.explain.step_layout import Stretch, stretch_steps

_BAR = 16
_OTHERS = 3
#: Columns of a terminal below which tables are lines of words.
_NARROW = 60
#: Columns below which not even two texts stand beside each other.
_NARROWEST = 24
#: From nothing to all of the attention.
_SHADES = " ░▒▓█"
#: Columns of a token's name, and of a cell of the heat map with its space.
_NAME, _CELL = 16, 4


def show_explanation(explanation: Explanation, console: Console, plain: bool) -> None:
    """Print an explanation; see `chatbot.cli.commands.explain.render`."""
    in_words = plain or console.width < _NARROW
    bar = 0 if plain else _bar(console.width)
    _show_exchange(explanation, console)
    if explanation.recalled is not None:
        _title(console, "Reply memory", say_decoder_start(explanation.recalled))
        console.print(_recalled_lines(explanation.recalled) if in_words else _recalled(explanation.recalled, bar // 2))
    if explanation.steps:
        about = "the probability of each token, the entropy in bits (0 is certain), the runners-up"
        _title(console, "Step by step", about)
        stretches = stretch_steps(explanation.steps)
        console.print(_step_lines(stretches) if in_words else _steps(stretches, bar, console.width))
    if explanation.beam:
        layout = lay_out(explanation.beam)
        left_out = f"; {say_left_out(layout)}".removesuffix(".") if layout.left_out else ""
        what = f"the {explanation.decoding.beam} most promising hypotheses at each token, and where they died{left_out}"
        _title(console, "Beam", what)
        console.print(_branch_lines(layout.branches) if in_words else _tree(layout.branches))
    if explanation.aligned:
        _title(console, f"Attention ({explanation.attention})", "where each token of the reply looked in the prompt")
        for part in _alignment_lines(explanation) if in_words else _heat_maps(explanation, console.width):
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
    rows = [
        (Text("you", style="dim"), tokens),
        (Text("bot", style="bold cyan"), Text(explanation.reply.text or "(says nothing)")),
        (Text(), facts),
    ]
    console.print(_pairs(rows, console.width))


def _pairs(rows: Sequence[tuple[Text, Text]], width: int) -> RenderableType:
    """A short text with a long one beside it, or above it where a terminal has no room for two columns."""
    if width < _NARROWEST:
        return Text("\n").join([text for row in rows for text in row if text])
    grid = Table.grid(padding=(0, 2))
    grid.add_column()
    grid.add_column(overflow="fold")
    for row in rows:
        grid.add_row(*row)
    return grid


def _recalled(recalled: RecalledReplies, bar: int) -> Table:
    """A row for each recalled reply, with bars of so many columns at most."""
    views = recalled.views
    table = _table("", *([""] if bar else []), "share", *views, "reply")
    for column in table.columns[:-1]:
        column.no_wrap, column.justify = True, "right"
    if bar:
        table.columns[1].justify, table.columns[1].min_width = "left", bar
    for one in recalled.replies:
        bars = [Text(_stroke(one.share, bar), style="cyan")] if bar else []
        by_view = [
            Text(say_share(one.by_view[view]), style="cyan" if view in one.first_of else "dim") for view in views
        ]
        topic = f"  {one.topic}" if one.topic else ""
        reply = Text.assemble((one.reply, "bold" if one.said else ""), (topic, "dim"))
        table.add_row("▸" if one.said else "", *bars, say_share(one.share), *by_view, reply)
    return table


def _recalled_lines(recalled: RecalledReplies) -> Text:
    lines = []
    for one in recalled.replies:
        notes = [*say_views(one), *([f"topic {one.topic}"] if one.topic else []), *(["the reply"] if one.said else [])]
        lines.append(Text.assemble(f"{say_share(one.share)}  {one.reply}", (f"  {', '.join(notes)}", "dim")))
    return Text("\n").join(lines)


def _steps(stretches: Sequence[Stretch], bar: int, width: int) -> Table:
    """A row for each stretch, with bars of so many columns at most, on a terminal of a width."""
    steps = [step for stretch in stretches for step in stretch.steps]
    adjusted = any(step.adjusted is not None for step in steps)
    figures = ["p", *(["chosen by"] if adjusted else []), "bits"]
    numbers = max(len(stretch.numbers) for stretch in stretches)
    name = max(cell_len(_name(stretch)) for stretch in stretches)
    sizes = [numbers, name, *([bar] if bar else []), *(max(6, len(figure)) for figure in figures)]
    room = width - sum(sizes) - 2 * len(sizes) - 2
    table = _table("", "token", *([""] if bar else []), *figures, "runners-up")
    for column, size in zip(table.columns, sizes, strict=False):
        column.min_width, column.no_wrap = size, True
    for column in (table.columns[0], *table.columns[-1 - len(figures) : -1]):
        column.justify = "right"
    for stretch in stretches:
        step, together = stretch.steps[0], len(stretch.steps) > 1
        bars = [Text(_stroke(step.probability, bar), style="cyan")] if bar else []
        chosen_by = [] if not adjusted else [CERTAIN if together else say_share(step.adjusted or 0.0)]
        figure = CERTAIN if together else say_share(step.probability)
        last = Text(stretch.text, style="bold") if together else _fitting(_others(step), room)
        token = Text(_name(stretch), style="dim" if together else "bold")
        table.add_row(stretch.numbers, token, *bars, figure, *chosen_by, f"{stretch.entropy:.2f}", last)
    return table


def _step_lines(stretches: Sequence[Stretch]) -> Text:
    lines = []
    for stretch in stretches:
        step = stretch.steps[0]
        if len(stretch.steps) > 1:
            figures = [f"{CERTAIN} each"]
        else:
            figures = [say_share(step.probability)]
            figures += [f"chosen by {say_share(step.adjusted)}"] if step.adjusted is not None else []
        line = Text.assemble(f"{stretch.numbers}. ", (stretch.text if len(stretch.steps) > 1 else step.token, "bold"))
        line.append(f"  {', '.join([*figures, f'{stretch.entropy:.2f} bits'])}")
        if len(stretch.steps) == 1:
            line = Text("; ").join([line, *_others(step)])
        lines.append(line)
    return Text("\n").join(lines)


def _name(stretch: Stretch) -> str:
    """What stands in the column of the tokens."""
    if len(stretch.steps) > 1:
        return f"{len(stretch.steps)} tokens"
    name = Text(stretch.steps[0].token)
    name.truncate(_NAME, overflow="ellipsis")
    return name.plain


def _bar(width: int) -> int:
    """Columns of a bar on a terminal of so many; none where there is no room."""
    return _BAR if width >= 80 else _BAR // 2 if width >= _NARROW else 0


def _stroke(share: float, bar: int) -> str:
    return "━" * round(share * bar) or "╺"


def _others(step: Step) -> list[Text]:
    return [
        Text.assemble(
            other.token, (f" {say_share(other.probability)}", "dim"), (" refused" if other.refused else "", "red")
        )
        for other in step.others[:_OTHERS]
    ]


def _fitting(parts: Sequence[Text], room: int) -> Text:
    """As many of the first parts as there is room for, but one at least."""
    shown, size = [*parts[:1]], sum(part.cell_len for part in parts[:1])
    for part in parts[1:]:
        size += 2 + part.cell_len
        if size > room:
            break
        shown.append(part)
    return Text("  ").join(shown)


def _tree(branches: Sequence[Branch]) -> Tree:
    root = Tree(Text("<go>", style="dim"), guide_style="dim")
    waiting = [(root, branch) for branch in reversed(branches)]
    while waiting:
        place, branch = waiting.pop()
        below = place.add(_branch(branch))
        waiting += [(below, further) for further in reversed(branch.branches)]
    return root


def _branch_lines(branches: Sequence[Branch]) -> Text:
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


def _alignment_lines(explanation: Explanation) -> Iterator[Text]:
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
        rows = [
            (Text(f"{one.cosine:.3f}"), Text.assemble(one.prompt, "\n", (f"→ {one.reply}", "dim")))
            for one in neighbours.nearest
        ]
        console.print(_pairs(rows, console.width))


def _table(*heads: str, padding: tuple[int, int, int, int] = (0, 2, 0, 0)) -> Table:
    """A table whose last column breaks what is wider than it, and cuts nothing."""
    table = Table(*heads, box=None, padding=padding, header_style="dim")
    table.columns[-1].overflow = "fold"
    return table


def render(explanation: "Explanation", console: "Console", plain: bool = False) -> None:
    """Print an explanation.

    Args:
        explanation: From `chatbot.explain.explain`.
        console: Where to; its width and colours are kept to.
        plain: Words and figures alone, without bars and lines; so it is on a terminal that can show no others.
    """
    from chatbot.cli.output.explanation_view import show_explanation
    from chatbot.cli.output.progress_bars import can_draw

    show_explanation(explanation, console, plain or not can_draw())
