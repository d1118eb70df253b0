"""The states of the encoder and of the decoder on a terminal: as tables, or as lines of words."""

from collections.abc import Iterator, Sequence

from rich.table import Table
from rich.text import Text

from chatbot.cli.output.table import headed_table
from chatbot.explain.phrases import say_share
from chatbot.explain.states import States, TokenState

#: Numbers of a state in a line of words, and columns of one in a table.
_IN_WORDS, _CELL = 4, 7


def say_states(states: States) -> Iterator[tuple[str, str, Sequence[TokenState]]]:
    """Yield each half with its heading, what is shown of it, and its states."""
    size = f"{len(states.encoder[-1].numbers):,} numbers"
    about = "the state after each token: how far it moved, its cosine with"
    yield "Encoder", f"{about} the last, which is the sentence vector; the first of {size}", states.encoder
    size = f"{len(states.decoder[-1].numbers):,} numbers"
    yield "Decoder", f"{about} the one that it started from; the first of {size}", states.decoder


def state_table(states: Sequence[TokenState], width: int) -> Table:
    """A row for each state, with as many of its numbers as there is room for.

    Args:
        states: Of one half.
        width: Columns of the page.
    """
    names = max(len(state.token) for state in states)
    room = max(1, (width - names - 32) // _CELL)
    table = headed_table("token", "id", "moved", "cosine", "state")
    for column in table.columns[1:4]:
        column.justify, column.no_wrap = "right", True
    for state in states:
        figures = [str(state.id), say_share(state.moved), f"{state.cosine:+.2f}"]
        numbers = Text(" ").join(map(_number, state.numbers[:room]))
        table.add_row(Text(state.token, style="bold"), *figures, numbers)
    return table


def state_lines(states: Sequence[TokenState]) -> Text:
    """A line for each state: its token, how far it moved, its cosine, and its first numbers.

    Args:
        states: Of one half.
    """
    lines = []
    for state in states:
        facts = f"id {state.id}, moved {say_share(state.moved)}, cosine {state.cosine:+.2f}; "
        numbers = " ".join(f"{number:+.2f}" for number in state.numbers[:_IN_WORDS])
        lines.append(Text.assemble((state.token, "bold"), f"  {facts}", (numbers, "dim")))
    return Text("\n").join(lines)


def _number(number: float) -> Text:
    return Text(f"{number:+.2f}", style="cyan" if abs(number) >= 0.5 else "dim")
