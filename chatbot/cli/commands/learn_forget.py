"""`chatbot learn` and `chatbot forget`: corrections of a trained bot, in seconds."""

import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from chatbot.cli.chat.corrections import FILE
from chatbot.cli.options.command import examples
from chatbot.cli.options.shared_options import Checkpoint
from chatbot.cli.output.exit_codes_and_messages import exit_codes, print_note, print_warning

if TYPE_CHECKING:
    from chatbot.bot.learning import TaughtPair


@examples("""\
# what /teach has collected
chatbot learn

# a file of your own, for a bot that does not answer by default
chatbot learn answers.tsv --checkpoint faq
""")
def learn(
    *,
    corrections: Annotated[
        Path, typer.Argument(metavar="CORRECTIONS", help="A file of pairs: prompt, tab, reply; /teach writes one.")
    ] = FILE,
    checkpoint: Checkpoint = None,
) -> None:
    """Teach a trained bot replies, without a training.

    From now on the bot gives each prompt of the file its reply, near phrasings of it too, and answers everything else
    as before. The bundle keeps what was taught: a training with --init-from goes on with it, and `chatbot forget`
    takes it out again. Of several replies to one prompt the last counts.

    Exit codes: 0 learned, 1 failure, 2 wrong usage, 130 interrupted.
    """
    with exit_codes():
        from chatbot import bundle
        from chatbot.bot import learning
        from chatbot.cli.options.bundle_on_command_line import find_bundle
        from chatbot.runs.run_lock import claim
        from chatbot.text import excerpt, plural

        pairs, started = _read(corrections), time.monotonic()
        place = bundle.absolute_path(find_bundle(checkpoint))
        with claim(place, print_warning):
            source = bundle.Bundle.open(place)
            before, after = bundle.Corrections.of(source), learning.learn(source, pairs)
            for one in learning.not_answered(source, after):
                print_warning(f"{one.file}:{one.line}: not learned; the bot cannot say “{excerpt(one.reply)}”")
            if after == before:
                print(f"{place.name} has learned all of {corrections} already")
                return
            bundle.correct(source, after, print_warning)
        new = len(set(after.learned) - set(before.learned))
        seconds = time.monotonic() - started
        print(f"{place.name} has learned {plural(new, 'correction')} in {seconds:.1f} s, {len(after.learned):,} in all")


@examples("""\
# a reply that must not be said again
chatbot forget "We close at six."

# what was taught for a prompt
chatbot forget "when do you close?"
""")
def forget(
    *,
    text: Annotated[
        str, typer.Argument(metavar="PROMPT-OR-REPLY", help="A prompt that was taught, or a reply, in any case.")
    ],
    checkpoint: Checkpoint = None,
) -> None:
    """Take a reply out of a trained bot, so that it is not said again.

    Of a prompt that was taught, what was taught is taken out, and the bot answers it as before. A recorded reply is not
    said any more, to whatever prompt; the next best one is. `chatbot learn` with the reply brings it back.

    Exit codes: 0 forgotten, 1 failure, 2 wrong usage, 130 interrupted.
    """
    with exit_codes():
        from chatbot import bundle
        from chatbot.bot import learning
        from chatbot.cli.options.bundle_on_command_line import find_bundle
        from chatbot.runs.run_lock import claim

        place = bundle.absolute_path(find_bundle(checkpoint))
        with claim(place, print_warning):
            source = bundle.Bundle.open(place)
            found = learning.forget(source, text)
            bundle.correct(source, found.corrections, print_warning)
        for one in found.removed:
            print(f"{place.name} has forgotten “{one.reply}” to “{one.prompt}”")
            print_note(f"{one.file}:{one.line}: remove this line, or the next `chatbot learn` brings it back")
        if found.reply is not None:
            print(f"{place.name} does not say “{found.reply}” any more")


def _read(path: Path) -> list["TaughtPair"]:
    """The pairs of a file with their places.

    Raises:
        CorpusError: It cannot be read, or has no usable pair.
    """
    from chatbot.bot.learning import TaughtPair
    from chatbot.cli.output.unusable_lines import ProblemReport
    from chatbot.corpus import read_rows
    from chatbot.errors import CorpusError

    problems = ProblemReport(strict=False)
    pairs = [
        TaughtPair(*row.pair, path.name, row.line, next(filter(None, row.further), None))
        for row in read_rows(path, problems)
    ]
    problems.finish()
    if not pairs:
        raise CorpusError(f"{path}: no usable pair; each line needs a prompt, a tab and a reply")
    return pairs
