"""`chatbot use`, `rename` and `rm`: the default bot, the names of bots, their removal."""

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from chatbot.cli.options.click_aliases import UsageError
from chatbot.cli.options.command import examples
from chatbot.cli.options.shared_options import complete_bundle
from chatbot.cli.output.exit_codes_and_messages import FAILURE, exit_codes, print_note, print_warning
from chatbot.errors import BundleError

_BOT = "A bundle: its folder, or its name as `chatbot list` shows it."


@examples("""\
# let the bot named dialogs answer when none is named
chatbot use dialogs
chatbot chat
""")
def use(
    name: Annotated[Path, typer.Argument(metavar="NAME", help=_BOT, autocompletion=complete_bundle)],
) -> None:
    """Choose the bot that answers when none is named.

    It answers until another one is chosen or trained. A choice among the bundles under checkpoints/
    holds in this folder; one among those in your home for bots holds wherever there is no checkpoints/.

    Exit codes: 0 chosen, 1 there is no such bundle or it is damaged, 2 wrong usage, 130 interrupted.
    """
    with exit_codes():
        from chatbot import bundle

        place = bundle.locate(name, bundle.is_bundle)
        bundle.Bundle.open(place).verify()
        bundle.set_default(place)
        print(f"{place.name} answers by default now ({place})")


@examples("""\
# give it another name
chatbot rename faq help-desk

# move it to your home for bots, to talk to it from every folder
chatbot rename faq --to-home
""")
def rename(
    old: Annotated[Path, typer.Argument(metavar="OLD", help=_BOT, autocompletion=complete_bundle)],
    new: Annotated[
        Path | None,
        typer.Argument(metavar="NEW", help="Its new name; or a path, which moves it there."),
    ] = None,
    to_home: Annotated[
        bool,
        typer.Option("--to-home", help="Move it to your home for bots, where it answers from every folder."),
    ] = False,
) -> None:
    """Rename a bot, or move it.

    An interrupted run and logs of its training go with it. If it answered by default, it still does,
    unless it is moved out of checkpoints/ and your home for bots: the newest that is left answers then.

    Exit codes: 0 renamed, 1 failure, 2 wrong usage, 130 interrupted.
    """
    if new is None and not to_home:
        raise UsageError("NEW is missing: give the new name, or --to-home")
    if to_home and new is not None and new.name != str(new):
        raise UsageError("--to-home says which folder it goes to; give NEW as a name without a folder")
    with exit_codes():
        from chatbot import bundle
        from chatbot.runs.run_lock import claim

        place = bundle.absolute_path(bundle.locate(old, bundle.is_bot))
        folder = _home() if to_home else place.parent
        target = folder / place.name if new is None else folder / new if new.name == str(new) else new
        parts = bundle.bot_folders(place)
        with claim(place, print_warning):
            bundle.move(place, target, parts)
        print(f"{place} is now {target}")


@examples("""\
# remove a bot, after a question
chatbot rm faq

# several, unasked
chatbot rm faq faq-2 --yes
""")
def rm(
    names: Annotated[list[Path], typer.Argument(metavar="NAME", help=_BOT, autocompletion=complete_bundle)],
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Don't ask.")] = False,
) -> None:
    """Remove bots: their bundles, interrupted runs and training logs.

    Shows what will be removed and asks first. If one of them answered by default, the newest that
    is left in its folder does so afterwards.

    Exit codes: 0 removed, 1 failure or the answer was no, 2 wrong usage, 130 interrupted.
    """
    if not yes and (sys.stdin is None or not sys.stdin.isatty()):
        raise UsageError("there is no terminal to ask on; pass --yes to remove without a question")
    with exit_codes():
        from chatbot import bundle
        from chatbot.runs.run_lock import claim

        places = list(dict.fromkeys(bundle.absolute_path(bundle.locate(name, bundle.is_bot)) for name in names))
        parts = {place: bundle.bot_folders(place) for place in places}
        for path in (path for paths in parts.values() for path in paths):
            print(f"{path}  {_say_size(path)}")
        if not yes and not _confirm(places):
            print_note("nothing was removed")
            raise typer.Exit(FAILURE)
        for place, paths in parts.items():
            with claim(place, print_warning):
                bundle.remove(place, paths)
            print(f"removed {place.name}")


def _home() -> Path:
    from chatbot import bundle

    home = bundle.home()
    if home is None:
        raise BundleError("no home folder is known for you; choose a folder for bots with --home DIR or CHATBOT_HOME")
    return home


def _confirm(places: Sequence[Path]) -> bool:
    what = "it" if len(places) == 1 else f"all {len(places)} bots"
    typer.echo(f"Remove {what}? [y/N] ", nl=False, err=True)
    return sys.stdin.readline().strip().lower() in {"y", "yes"}


def _say_size(folder: Path) -> str:
    size = sum(file.lstat().st_size for file in folder.rglob("*") if not file.is_dir())
    return f"{size / 1e6:.1f} MB"
