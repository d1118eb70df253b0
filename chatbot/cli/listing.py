"""`chatbot list`: the bots that have been trained here."""

from typing import TYPE_CHECKING, Annotated

import typer

from chatbot.cli.exits import exit_codes, tell, write_json

if TYPE_CHECKING:
    from chatbot.catalogue import Entry

_UNKNOWN = "—"


def list_(
    as_json: Annotated[bool, typer.Option("--json", help="Write a JSON array of objects instead of a table.")] = False,
) -> None:
    """List the bundles under checkpoints/, the newest first.

    The star is at the one that answers where none is named. Held out is how well a bot did on
    the pairs that it was not trained on. `chatbot info` says more of one, and verifies its
    checksums, which takes longer.

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

    table = Table("", "name", "trained", "corpus", "pairs", "size", "held out", box=None, padding=(0, 2, 0, 0))
    for place in (4, 5):
        table.columns[place].justify = "right"
    for entry in found:
        table.add_row("*" if entry.newest else "", *_cells(entry))
    Console(highlight=False, markup=False).print(table)


def _cells(entry: "Entry") -> tuple[str, ...]:
    from chatbot.cli.display import say_validation
    from chatbot.text import normalize

    name, size, card = normalize(entry.path.name), f"{entry.bytes / 1e6:.1f} MB", entry.card
    if card is None or entry.problem is not None:
        return name, _UNKNOWN, _UNKNOWN, _UNKNOWN, size, f"damaged: {normalize(entry.problem or '')}"
    return (
        name,
        normalize(card.created or _UNKNOWN)[:10],
        ", ".join(map(normalize, card.corpus or ())) or _UNKNOWN,
        _UNKNOWN if card.training_pairs is None else f"{card.training_pairs:,}",
        size,
        "nothing" if card.held_out is None else say_validation(card.held_out),
    )
