"""`chatbot corpus import`: conversations in a foreign format in, a corpus of pairs out."""

import csv
import shlex
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from chatbot.cli.options.click_types import UsageError
from chatbot.cli.options.command import examples
from chatbot.cli.options.shared_options import parse_duration
from chatbot.cli.output.exit_codes_and_messages import exit_codes, print_note
from chatbot.corpus.formats import FORMATS
from chatbot.text import plural

if TYPE_CHECKING:
    from collections import Counter

    from chatbot.corpus.formats.parsing.import_format import Format
    from chatbot.corpus.importing.convert import ImportJob
    from chatbot.corpus.reading.import_counts import ImportCounts

_CHATS = "People's own chats"


#: `auto` and the names of the formats, as Typer wants choices.
FormatChoice = StrEnum("FormatChoice", ["auto", *FORMATS])  # type: ignore[misc]  # mypy wants the names written out
_AUTO = FormatChoice("auto")

_WARNING = (
    "note: a model can repeat what it was trained on, word for word, to anyone who talks to it. These are private"
    " messages, of others too: ask them, look through the file, and share the bot only with people who may read it."
)
_UNREDACTED = " --redact takes out e-mail addresses, phone and card numbers, URLs and @names."
_REDACTED = " What --redact knows is taken out; names, places and secrets in plain words are not."


@examples("""\
# what one person answers in an exported chat, without addresses and numbers
chatbot corpus import _chat.txt -o chat.tsv --as "Your Name" --redact

# prompts that carry the two turns before them
chatbot corpus import result.json -o chat.tsv --context 2

# two columns of a table, to standard output
chatbot corpus import faq.csv --columns Question,Answer -o - | head
""")
def import_(
    source: Annotated[
        Path,
        typer.Argument(metavar="SOURCE", help="A file, also .gz; a .zip as the phone or the site makes it; a folder."),
    ],
    output: Annotated[
        Path, typer.Option("--output", "-o", metavar="FILE", help="The corpus to write, also .gz; - for stdout.")
    ],
    format_: Annotated[
        FormatChoice,
        typer.Option(
            "--format",
            metavar="NAME",
            help=f"What SOURCE is: {', '.join(FORMATS)}; auto recognizes it.",
        ),
    ] = _AUTO,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Overwrite an existing file.")] = False,
    context: Annotated[
        int,
        typer.Option(min=0, max=100, metavar="N", help="Put the N turns before a prompt in front of it, as chat will."),
    ] = 0,
    columns: Annotated[
        str | None,
        typer.Option(
            metavar="PROMPT,REPLY",
            help="Of a table or of JSON, the names of the two columns to read.",
            show_default=False,
        ),
    ] = None,
    encoding: Annotated[
        str | None,
        typer.Option(
            metavar="NAME",
            help="Encoding of SOURCE: windows-1252, shift_jis, …",
            show_default="UTF-8 or UTF-16, as the file shows",
        ),
    ] = None,
    html: Annotated[
        bool | None,
        typer.Option(
            "--html/--no-html",
            help="Decode HTML such as &quot; and <br>.",
            show_default="in tables and published corpora, not in chats",
        ),
    ] = None,
    speaker: Annotated[
        str | None,
        typer.Option(
            "--as",
            metavar="NAME",
            help="Learn only what NAME replies.",
            rich_help_panel=_CHATS,
            show_default="everyone's replies",
        ),
    ] = None,
    gap: Annotated[
        str,
        typer.Option(
            metavar="TIME",
            help="A longer silence ends a conversation: 30m, 6h, none.",
            rich_help_panel=_CHATS,
        ),
    ] = "6h",
    redact: Annotated[
        bool,
        typer.Option(
            "--redact",
            help="Put tokens in place of e-mail addresses, phone and card numbers, URLs and @names.",
            rich_help_panel=_CHATS,
        ),
    ] = False,
) -> None:
    """Make a corpus from conversations in another format.

    Consecutive messages of one person are joined; each turn that answers another becomes a
    pair. Damaged lines are reported as file:line and left out. Standard output carries the
    pairs, with -o -, and nothing else.

    Exit codes: 0 a corpus was written, 1 failure, 2 wrong usage, 130 interrupted.
    """
    silence, names = parse_duration(gap, "--gap"), _columns(columns)
    if names is not None and format_ is not _AUTO:
        _check_takes_columns(str(format_))
    _check_encoding(encoding)
    with exit_codes():
        from chatbot.cli.output.progress_bars import reading_bar
        from chatbot.cli.output.unusable_lines import ProblemReport
        from chatbot.corpus.importing.convert import ImportJob, choose_format, convert, encoding_hint
        from chatbot.corpus.importing.pairing_rules import PairingRules
        from chatbot.corpus.reading.import_counts import ImportCounts

        asked = None if format_ is _AUTO else str(format_)
        job = ImportJob(
            source, output, asked, names, encoding, html, PairingRules(speaker, silence, context, redact), overwrite
        )
        chosen, tally, problems = choose_format(job), ImportCounts(), ProblemReport(strict=False)
        try:
            with reading_bar(f"reading {chosen.title}") as bar:
                convert(job, chosen, tally, problems, bar)
        finally:
            problems.finish()
        print_note(_summary(job, chosen, tally))
        if (hint := encoding_hint(job, tally)) is not None:
            print_note(hint)


def _columns(text: str | None) -> tuple[str, str] | None:
    if text is None:
        return None
    names = [name.strip() for name in next(csv.reader([text]), [])]
    if len(names) != 2 or not all(names):
        raise typer.BadParameter(f"{text!r} is not two names; write PROMPT,REPLY", param_hint="--columns")
    return names[0], names[1]


def _check_takes_columns(name: str) -> None:
    from chatbot.corpus.importing.recognition import load_format

    if not load_format(name).takes_columns:
        raise UsageError(
            f"--columns is for tables with a header and JSON with keys; leave out --columns or --format {name}"
        )


def _check_encoding(name: str | None) -> None:
    from chatbot.corpus.reading.encodings import is_known

    if name is not None and not is_known(name):
        raise typer.BadParameter(f"{name!r} is not an encoding; try windows-1252", param_hint="--encoding")


def _summary(job: "ImportJob", chosen: "Format", tally: "ImportCounts") -> str:
    place = "standard output" if job.output == Path("-") else str(job.output)
    lines = [
        f"{chosen.title}: {plural(tally.conversations, 'conversation')}, {plural(tally.pairs, 'pair')} to {place}",
        *([f"  read as {tally.encoding}; if letters are wrong, say --encoding"] if tally.encoding else []),
        *(f"  left out: {_times(count)} {reason}" for reason, count in tally.dropped.most_common()),
        *(f"  note: {_times(count)} {what}" for what, count in tally.notes.most_common()),
        *(f"  decoded: {_times(count)} {kind}" for kind, count in tally.decoded.most_common() if count),
        *(f"  redacted: {_times(count)} <{kind}>" for kind, count in tally.redacted.most_common()),
    ]
    if chosen.named and job.rules.speaker is None:
        lines.append(f"  everyone's replies are learned; --as NAME takes one person's: {_counted(tally.names)}")
    if tally.bots:
        lines.append(f"  bots are left out; --as NAME takes the replies of one: {_counted(tally.bots)}")
    if job.rules.context:
        lines.append(f"  prompts carry up to {plural(job.rules.context, 'turn')} before them, which chat will do too")
    if chosen.private:
        lines.append(_WARNING + (_REDACTED if job.rules.redact else _UNREDACTED))
    if place == str(job.output):
        lines.append(f"next: chatbot corpus check {shlex.quote(str(job.output))}")
    return "\n".join(lines)


def _counted(names: "Counter[str]") -> str:
    return ", ".join(f"{name} ({count:,})" for name, count in names.most_common(5))


def _times(number: int) -> str:
    return f"{number:,} ×"
