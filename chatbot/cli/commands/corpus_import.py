"""`chatbot corpus import`: conversations in a foreign format in, a corpus of pairs out."""

import csv
import shlex
from dataclasses import MISSING, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from chatbot.cli.options.click_aliases import UsageError
from chatbot.cli.options.command import examples
from chatbot.cli.options.declared_options import part_of, with_options
from chatbot.cli.output.exit_codes_and_messages import exit_codes, print_note
from chatbot.config.base import Config
from chatbot.config.options import Form, option
from chatbot.corpus.formats import FORMATS
from chatbot.text import plural

if TYPE_CHECKING:
    from collections import Counter

    from chatbot.corpus.formats.parsing.import_format import Format
    from chatbot.corpus.importing.convert import ImportJob
    from chatbot.corpus.reading.import_counts import ImportCounts

_AUTO = "auto"
_CHATS = "People's own chats"

_WARNING = (
    "note: a model can repeat what it was trained on, word for word, to anyone who talks to it. These are private"
    " messages, of others too: ask them, look through the file, and share the bot only with people who may read it."
)
_UNREDACTED = " --redact takes out addresses, numbers of people, keys, URLs and @names."
_REDACTED = " What --redact knows is taken out; names, places and secrets in plain words are not."


@dataclass(frozen=True, kw_only=True)
class ImportOptions(Config):
    """Options of an import.

    Attributes:
        output: The corpus to write; `-` is standard output.
        format: Name of the format, or `auto`.
        overwrite: Whether the corpus may be replaced.
        context: Turns before a prompt that are put in front of it.
        columns: Names of the columns of prompts and replies, with a comma between; None for the usual ones.
        encoding: Name of the encoding; None recognizes it.
        html: Whether HTML is decoded; None as the format does.
        speaker: The one whose replies are learned; None for everyone.
        gap: Silence that ends a conversation, s; None for none.
        redact: Whether addresses, numbers and names are replaced.
    """

    output: Path = option(
        MISSING, "The corpus to write, also .gz; - for stdout.", flags=("--output", "-o"), metavar="FILE"
    )
    format: str = option(
        _AUTO,
        f"What SOURCE is: {', '.join(FORMATS)}; auto recognizes it.",
        metavar="NAME",
        choices=(_AUTO, *FORMATS),
    )
    overwrite: bool = option(False, "Overwrite an existing file.")
    context: int = option(
        0, "Put the N turns before a prompt in front of it, as chat will.", metavar="N", lowest=0, highest=100
    )
    columns: str | None = option(
        None, "Of a table or of JSON, the names of the two columns to read.", metavar="PROMPT,REPLY"
    )
    encoding: str | None = option(
        None,
        "Encoding of SOURCE: windows-1252, shift_jis, …",
        metavar="NAME",
        unset="UTF-8 or UTF-16, as the file shows",
    )
    html: bool | None = option(
        None, "Decode HTML such as &quot; and <br>.", unset="in tables and published corpora, not in chats"
    )
    speaker: str | None = option(
        None,
        "Learn only what NAME replies.",
        flags=("--as",),
        panel=_CHATS,
        metavar="NAME",
        unset="everyone's replies",
    )
    gap: float | None = option(
        6 * 3600.0,
        "A longer silence ends a conversation: 30m, 6h, none.",
        panel=_CHATS,
        metavar="TIME",
        form=Form.DURATION,
    )
    redact: bool = option(
        False,
        "Put tokens in place of addresses, numbers of phones, cards, accounts and ids, keys, URLs and @names.",
        panel=_CHATS,
    )


@examples("""\
# what one person answers in an exported chat, without addresses and numbers
chatbot corpus import _chat.txt -o chat.tsv --as "Your Name" --redact

# prompts that carry the two turns before them
chatbot corpus import result.json -o chat.tsv --context 2

# two columns of a table, to standard output
chatbot corpus import faq.csv --columns Question,Answer -o - | head
""")
@with_options(call=part_of(ImportOptions))
def import_(
    *,
    source: Annotated[
        Path,
        typer.Argument(metavar="SOURCE", help="A file, also .gz; a .zip as the phone or the site makes it; a folder."),
    ],
    call: ImportOptions,
) -> None:
    """Make a corpus from conversations in another format.

    Consecutive messages of one person are joined; each turn that answers another becomes a
    pair. Damaged lines are reported as file:line and left out. Standard output carries the
    pairs, with -o -, and nothing else.

    Exit codes: 0 a corpus was written, 1 failure, 2 wrong usage, 130 interrupted.
    """
    job = _make_job(source, call)
    with exit_codes():
        from chatbot.cli.output.progress_bars import reading_bar
        from chatbot.cli.output.unusable_lines import ProblemReport
        from chatbot.corpus.importing.convert import choose_format, convert, encoding_hint
        from chatbot.corpus.reading.import_counts import ImportCounts

        chosen, tally, problems = choose_format(job), ImportCounts(), ProblemReport(strict=False)
        try:
            with reading_bar(f"reading {chosen.title}") as bar:
                convert(job, chosen, tally, problems, bar)
        finally:
            problems.finish()
        print_note(_summary(job, chosen, tally))
        if (hint := encoding_hint(job, tally)) is not None:
            print_note(hint)


def _make_job(source: Path, call: ImportOptions) -> "ImportJob":
    """The source of an import with its options, checked.

    Raises:
        UsageError: An option has a value that is none, or means nothing beside another.
    """
    from chatbot.corpus.importing.convert import ImportJob
    from chatbot.corpus.importing.pairing_rules import PairingRules

    names, asked = _columns(call.columns), None if call.format == _AUTO else call.format
    if names is not None and asked is not None:
        _check_takes_columns(asked)
    _check_encoding(call.encoding)
    rules = PairingRules(call.speaker, call.gap, call.context, call.redact)
    return ImportJob(source, call.output, asked, names, call.encoding, call.html, rules, call.overwrite)


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
