"""An explanation on a terminal: with bars, shades and lines, or in plain words and figures."""

from collections.abc import Sequence

from rich.cells import cell_len
from rich.console import Console, RenderableType
from rich.table import Table
from rich.text import Text

from chatbot.cli.output.attention_view import LONGEST_NAME, alignment_lines, heat_maps, print_heads
from chatbot.cli.output.beam_view import beam_tree, branch_lines
from chatbot.cli.output.states_view import say_states, state_lines, state_table
from chatbot.cli.output.table import headed_table
from chatbot.explain import Explanation, Neighbours, RecalledReplies, Step, head_maps
from chatbot.explain.beam_branches import lay_out
from chatbot.explain.merged_steps import Stretch, stretch_steps
from chatbot.explain.phrases import (
    CERTAIN,
    say_compared,
    say_decoder_start,
    say_facts,
    say_left_out,
    say_recorded,
    say_share,
    say_views,
)

_BAR = 16
_OTHERS = 3
#: Columns of a terminal below which tables are lines of words.
_NARROW = 60
#: Columns below which not even two texts stand beside each other.
_NARROWEST = 24


def show_explanation(explanation: Explanation, console: Console, plain: bool) -> None:
    """Print an explanation; see `render`.

    Args:
        explanation: The explanation.
        console: Where it is printed.
        plain: Whether in words alone, without bars and frames.
    """
    in_words = plain or console.width < _NARROW
    bar = 0 if plain else _bar(console.width)
    _show_exchange(explanation, console)
    if explanation.recalled is not None:
        _title(console, "Reply memory", say_decoder_start(explanation.recalled))
        console.print(_recalled_lines(explanation.recalled) if in_words else _recalled(explanation.recalled, bar // 2))
    if explanation.states is not None:
        for half, about, states in say_states(explanation.states):
            _title(console, half, about)
            console.print(state_lines(states) if in_words else state_table(states, console.width))
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
        console.print(branch_lines(layout.branches) if in_words else beam_tree(layout.branches))
    if explanation.aligned:
        _title(console, f"Attention ({explanation.attention})", "where each token of the reply looked in the prompt")
        for part in alignment_lines(explanation) if in_words else heat_maps(explanation, console.width):
            console.print(part)
    for maps in head_maps(explanation):
        _title(console, maps.title, maps.about)
        print_heads(maps, console, in_words)
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
    table = headed_table("", *([""] if bar else []), "share", *views, "reply")
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
    table = headed_table("", "token", *([""] if bar else []), *figures, "runners-up")
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
    """The text in the column of the tokens."""
    if len(stretch.steps) > 1:
        return f"{len(stretch.steps)} tokens"
    name = Text(stretch.steps[0].token)
    name.truncate(LONGEST_NAME, overflow="ellipsis")
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


def _show_neighbours(neighbours: Neighbours | None, console: Console) -> None:
    if neighbours is None:
        _title(console, "Nearest training prompts", "this bundle keeps no index of them (--no-index)")
    elif not neighbours.nearest:
        _title(console, "Nearest training prompts", f"none of {neighbours.known:,} shares two characters with this one")
    else:
        about = f"by the cosine of the sentence vectors, {say_compared(neighbours)}"
        _title(console, "Nearest training prompts", about)
        rows = [
            (Text(f"{one.cosine:.3f}"), Text.assemble(one.prompt, "\n", (say_recorded(one), "dim")))
            for one in neighbours.nearest
        ]
        console.print(_pairs(rows, console.width))


def render(explanation: Explanation, console: Console, plain: bool = False) -> None:
    """Print an explanation.

    Args:
        explanation: From `chatbot.explain.explain`.
        console: Where to; its width and colours are kept to.
        plain: Words and figures alone, without bars and lines; so it is on a terminal that can show no others.
    """
    from chatbot.cli.output.progress_bars import can_draw

    show_explanation(explanation, console, plain or not can_draw())
