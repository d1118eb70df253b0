"""`chatbot audit`: what of a corpus a bot gives away, before its bundle is shared."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from chatbot.cli.options.command import examples
from chatbot.cli.options.shared_options import Checkpoint
from chatbot.cli.output.exit_codes_and_messages import exit_codes
from chatbot.cli.output.json_output import write_json

if TYPE_CHECKING:
    from chatbot.bot.memorization import MemorizedString
    from chatbot.bot.readable_texts import ReadableFile
    from chatbot.corpus import Row

#: Strings that a table has; JSON has all.
_SHOWN = 40
_NONE = "—"


@examples("""\
# what the bot gives away of what it was trained on
chatbot audit corpora/family.tsv

# the strings that it can be made to say
chatbot audit family.tsv --json | jq -r '.strings[] | select(.said_to != []) | .string'
""")
def audit(
    *,
    corpus: Annotated[Path, typer.Argument(metavar="CORPUS", help="A file of pairs: prompt, tab, reply; also .gz.")],
    checkpoint: Checkpoint = None,
    strings: Annotated[
        int,
        typer.Option(min=1, max=100_000, metavar="N", help="Look at N rare strings at most, the most private first."),
    ] = 200,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object instead of tables.")] = False,
) -> None:
    """Find what a bot gives away of the corpus that it was trained on.

    Rare strings of the corpus are personal data as `corpus import --redact` finds them, numbers, names and
    words that at most two pairs have. The bot is asked for those of the replies: by their prompts, by parts of
    these, with --free, and by the beginning of the reply. The exposure is that of Carlini et al. (2019): the
    bits by which the bot prefers a string to random ones of its form. About 1 is chance, and the figure behind
    it is the most that there can be. The second table has what anyone can read in the files of the bundle.

    Finding nothing proves nothing: see the page about privacy.

    Exit codes: 0 audited, 1 failure, 2 wrong usage, 130 interrupted.
    """
    with exit_codes(as_json):
        from chatbot.bot.chatbot import Chatbot
        from chatbot.bot.memorization import find_memorized
        from chatbot.bot.readable_texts import find_readable
        from chatbot.bundle import Bundle
        from chatbot.cli.options.bundle_on_command_line import find_bundle
        from chatbot.cli.output.progress_bars import ProgressBars
        from chatbot.corpus.rare_strings import find_rare_strings, words_of

        source = Bundle.open(find_bundle(checkpoint))
        rows = _read(corpus)
        rare = find_rare_strings(rows, strings)
        with ProgressBars() as bars:
            bot = Chatbot.open(source)
            texts = [*(row.pair.reply for row in rows), *(reply.text for reply in bot.known_replies)]
            found = find_memorized(bot, rare, words_of(texts), bars.show)
        files = find_readable(source, [row.pair for row in rows], rare)
        if as_json:
            report = {"strings": [one.to_json() for one in found], "files": [one.to_json() for one in files]}
            write_json({"pairs": len(rows), "said": sum(bool(one.said_to) for one in found), **report}, indent=2)
        else:
            _print_strings(found, files)
            _print_files(files)


def _read(corpus: Path) -> list["Row"]:
    from chatbot.cli.output.unusable_lines import ProblemReport
    from chatbot.corpus import read_rows
    from chatbot.errors import CorpusError

    problems = ProblemReport(strict=False)
    try:
        rows = list(read_rows(corpus, problems))
    finally:
        problems.finish()
    if not rows:
        raise CorpusError(f"{corpus}: no usable pair; each line is a prompt, a tab and a reply")
    return rows


def _print_strings(found: Sequence["MemorizedString"], files: Sequence["ReadableFile"]) -> None:
    from chatbot.cli.output.table import Column, print_table
    from chatbot.text import excerpt, plural

    spoken = [one for one in found if one.string.in_reply]
    said = [one for one in spoken if one.said_to]
    if spoken:
        columns = [
            Column("string"),
            Column("kind", rank=2),
            Column("line", right=True, rank=1),
            Column("exposure", right=True),
            Column("said to"),
        ]
        rows = [
            [
                excerpt(one.string.text, 40),
                one.string.kind,
                f"{one.string.line:,}",
                _NONE if one.exposure is None else f"{one.exposure.bits:.1f} of {one.exposure.most:.1f}",
                ", ".join(one.said_to) or _NONE,
            ]
            for one in spoken[:_SHOWN]
        ]
        print_table(columns, rows)
        if len(spoken) > _SHOWN:
            typer.echo(f"{len(spoken) - _SHOWN:,} more are not shown; --json has them all")
        typer.echo("")
    readable = {string for file in files for string in file.strings}
    typer.echo(
        f"{len(said):,} of {plural(len(spoken), 'rare string')} of the replies can be brought up;"
        f" {len(readable):,} of {len(found):,} of the corpus can be read in the bundle"
    )
    typer.echo("")


def _print_files(files: Sequence["ReadableFile"]) -> None:
    from chatbot.cli.output.table import Column, print_table

    figures = [Column(title, right=True) for title in ("prompts", "replies", "rare strings")]
    rows = [
        [one.file, f"{one.prompts:,}", f"{one.replies:,}", f"{len(one.strings):,}", "guesses" if one.guessable else ""]
        for one in files
    ]
    print_table([Column("readable in"), *figures, Column("to confirm", rank=1)], rows)
