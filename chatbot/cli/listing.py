"""`chatbot list`: the bots that have been trained here."""

from typing import TYPE_CHECKING, Annotated

import typer

from chatbot.cli.exits import complain, exit_codes, tell, write_json

if TYPE_CHECKING:
    from chatbot.catalogue import Card, Entry

_UNKNOWN = "—"
#: Columns of a table that no terminal wraps.
_ENDLESS = 10_000


def list_(
    as_json: Annotated[bool, typer.Option("--json", help="Write a JSON array of objects instead of a table.")] = False,
) -> None:
    """List the bundles under checkpoints/, the newest first.

    The star is at the one that answers where none is named. Bits per byte are those of the held-out
    pairs; right is the share of held-out prompts that get the recorded reply, or another of its topic.
    `chatbot info` says more of one, and verifies its checksums, which takes longer.

    Exit codes: 0 listed, 1 failure, 2 wrong usage, 130 interrupted.
    """
    with exit_codes(as_json):
        from chatbot.bundle import CHECKPOINTS
        from chatbot.catalogue import entries

        found = entries()
        if as_json:
            write_json([entry.to_json() for entry in found], indent=2)
        elif found:
            _print_table(found)
        else:
            tell(f"no bundle under {CHECKPOINTS}/; train one with: chatbot train CORPUS")


def _print_table(found: list["Entry"]) -> None:
    from rich.console import Console
    from rich.table import Table

    columns = ("", "name", "trained", "corpus", "pairs", "size", "bits/byte", "right")
    table = Table(*columns, box=None, padding=(0, 2, 0, 0))
    for column in table.columns[4:]:
        column.justify = "right"
    for entry in found:
        table.add_row("*" if entry.newest else "", *_cells(entry))
    console = Console(highlight=False, markup=False)
    console.print(table, width=None if console.is_terminal else _ENDLESS)
    for entry in found:
        if entry.problem is not None:
            complain(entry.problem)


def _cells(entry: "Entry") -> tuple[str, ...]:
    from chatbot.text import normalize

    card, valid = entry.card, entry.card and entry.card.held_out
    return (
        normalize(entry.path.name),
        normalize(card.created)[:10] if card and card.created else _UNKNOWN,
        ", ".join(map(normalize, card.corpus)) if card and card.corpus else _UNKNOWN,
        f"{card.training_pairs:,}" if card and card.training_pairs is not None else _UNKNOWN,
        f"{entry.bytes / 1e6:.1f} MB",
        f"{valid.bits_per_byte:.3f}" if valid else _UNKNOWN,
        "damaged" if entry.problem else _say_right(card),
    )


def _say_right(card: "Card | None") -> str:
    """The share of right replies; of a bundle that does not have it, that of the very replies recorded."""
    if card is not None and card.quality is not None:
        return f"{card.quality.share:.1%}"
    return f"{card.held_out.exact:.1%} exact" if card is not None and card.held_out is not None else _UNKNOWN
