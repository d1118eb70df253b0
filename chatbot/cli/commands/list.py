"""`chatbot list`: the bots that have been trained."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from chatbot.cli.options.command import examples
from chatbot.cli.output.exit_codes_and_messages import exit_codes, print_note, print_warning
from chatbot.cli.output.json_output import write_json

if TYPE_CHECKING:
    from chatbot.bundle.listing import ListedBundle
    from chatbot.bundle.metadata import BundleMetadata

_UNKNOWN = "—"


@examples("""\
# the bots under checkpoints/ and in your home for bots, the newest first
chatbot list

# those in another folder
chatbot list bots

# their names only
chatbot list --json | jq -r '.[].name'
""")
def list_(
    folders: Annotated[
        list[Path] | None,
        typer.Argument(
            metavar="FOLDER", help="Folders of bundles.", show_default="checkpoints/, and your home for bots"
        ),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Write a JSON array of objects instead of a table.")] = False,
) -> None:
    """List bots, the newest first.

    The star marks the bot that answers when none is named. Bits per byte are those of the held-out pairs;
    right is the share of held-out prompts that get the recorded reply, or another of its topic. `chatbot
    info` shows more about one bot, and verifies its checksums, which takes longer. A narrow terminal gets
    fewer columns; names are never cut.

    Exit codes: 0 listed, 1 failure, 2 wrong usage, 130 interrupted.
    """
    with exit_codes(as_json):
        from chatbot import bundle

        asked = folders or bundle.folders()
        found = _find(asked, must_be_there=folders is not None)
        if as_json:
            write_json([entry.to_json() for entry in found], indent=2)
            return
        runs = [place for folder in asked for place in bundle.runs_in(folder)]
        if found:
            _print_table(found)
        elif not runs:
            places = " or ".join(str(bundle.absolute_path(folder)) for folder in asked)
            print_note(f"no bundle in {places}; train one with: chatbot train {bundle.suggest_corpus()}")
        for place in runs:
            print_note(_say_run(place))


def _say_run(place: Path) -> str:
    return (
        f"{place}: a training run without a bundle yet; if it was interrupted, continue it with --resume, or remove it"
        " with `chatbot rm`"
    )


def _find(folders: Sequence[Path], must_be_there: bool) -> list["ListedBundle"]:
    """The bots in folders; one folder that cannot be read hides nothing of the others.

    Raises:
        BundleError: None of them can be read.
    """
    from chatbot import bundle
    from chatbot.bundle.listing import list_bundles
    from chatbot.errors import BundleError

    default = bundle.default_bundle()
    found, problems = [], []
    for folder in folders:
        try:
            if must_be_there and not folder.is_dir():
                raise BundleError(f"{folder}: no such folder")
            found += list_bundles(folder, default)
        except BundleError as error:
            problems.append(error)
    if len(problems) == len(folders):
        raise problems[0]
    for problem in problems:
        print_warning(str(problem))
    return found


def _print_table(found: Sequence["ListedBundle"]) -> None:
    from chatbot.cli.output.table import Column, print_table
    from chatbot.text import from_home

    columns = [
        Column(""),
        Column("name"),
        Column("trained"),
        Column("corpus", rank=2),
        Column("pairs", right=True, rank=3),
        Column("size", right=True, rank=5),
        Column("bits/byte", right=True, rank=4),
        Column("right", right=True, rank=1),
    ]
    rows = [["*" if entry.default else "", *_cells(entry)] for entry in found]
    folders = [from_home(entry.path.parent) for entry in found]
    if len(set(folders)) > 1:
        columns.append(Column("folder", rank=1))
        rows = [[*row, folder] for row, folder in zip(rows, folders, strict=True)]
    print_table(columns, rows)
    for entry in found:
        if entry.problem is not None:
            print_warning(entry.problem)


def _cells(entry: "ListedBundle") -> tuple[str, ...]:
    from chatbot.cli.options.bundle_on_command_line import typed_name
    from chatbot.text import normalize

    known, valid = entry.metadata, entry.metadata and entry.metadata.held_out
    return (
        normalize(typed_name(entry.path)),
        normalize(known.created)[:10] if known and known.created else _UNKNOWN,
        ", ".join(map(normalize, known.corpus)) if known and known.corpus else _UNKNOWN,
        f"{known.training_pairs:,}" if known and known.training_pairs is not None else _UNKNOWN,
        f"{entry.scanned.bytes / 1e6:.1f} MB",
        f"{valid.bits_per_byte:.3f}" if valid else _UNKNOWN,
        "damaged" if entry.problem else _say_right(known),
    )


def _say_right(known: "BundleMetadata | None") -> str:
    """The share of right replies; of a bundle that does not have it, that of the very replies recorded."""
    if known is not None and known.quality is not None:
        return f"{known.quality.share:.1%}"
    return f"{known.held_out.exact:.1%} exact" if known is not None and known.held_out is not None else _UNKNOWN
