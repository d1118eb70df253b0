"""A foreign file to a corpus of pairs, from recognition to the summary."""

from collections import Counter
from collections.abc import Callable, Generator
from contextlib import closing
from dataclasses import dataclass, field, replace
from pathlib import Path

from chatbot.corpus.formats.parsing.file_sample import FileSample
from chatbot.corpus.formats.parsing.import_format import Format
from chatbot.corpus.formats.parsing.intake import DAMAGED, Intake
from chatbot.corpus.importing.pair_writer import check_output, open_pairs
from chatbot.corpus.importing.pairing import make_pairs
from chatbot.corpus.importing.pairing_rules import PairingRules
from chatbot.corpus.importing.recognition import load_format, recognize, recognize_sample, samples_of
from chatbot.corpus.importing.unknown_format import diagnose, import_command
from chatbot.corpus.reading.encodings import guess
from chatbot.corpus.reading.import_counts import ImportCounts
from chatbot.corpus.reading.open_file import Problem, ReadObserver
from chatbot.corpus.reading.tsv import Pair
from chatbot.corpus.reading.turns import Turns
from chatbot.errors import CorpusError

_SHOWN_NAMES = 10


@dataclass(frozen=True)
class ImportJob:
    """The source and the options of an import.

    Attributes:
        source: A file, or a folder or zip archive, of which the files of one format are read.
        output: The corpus file, or `-`.
        format: A name in `chatbot.corpus.formats.FORMATS`, or None to recognize it.
        columns: Names of the two columns of a table.
        encoding: Of the text; None for UTF-8, or what `FileSample.of` takes it for.
        html: Whether HTML is decoded; None leaves it to the format.
        rules: How turns become pairs; whether HTML is decoded is not taken from here.
        overwrite: Whether a file at `output` may be replaced.
    """

    source: Path
    output: Path
    format: str | None = None
    columns: tuple[str, str] | None = None
    encoding: str | None = None
    html: bool | None = None
    rules: PairingRules = field(default_factory=PairingRules)
    overwrite: bool = False


def choose_format(job: ImportJob) -> Format:
    """The format that was asked for, or else the one that recognizes the content.

    Args:
        job: The source and the options of the import.

    Raises:
        CorpusError: The source cannot be read or is of no known format, or an option is of no use with its format.
    """
    chosen = recognize(job.source, job.columns, job.encoding)
    if job.format is not None:
        chosen = load_format(job.format)
    if chosen is None:
        raise CorpusError(f"{job.source}: not recognized; {_diagnosis(job)}")
    if job.columns is not None and not chosen.takes_columns:
        raise CorpusError(f"{job.source}: --columns is for tables and JSON records, and this is {chosen.title}")
    if job.rules.speaker is not None and not chosen.named:
        raise CorpusError(f"{job.source}: --as is for chats between people with names, and this is {chosen.title}")
    return chosen


def convert(
    job: ImportJob,
    chosen: Format,
    tally: ImportCounts,
    on_problem: Callable[[Problem], None],
    watch: ReadObserver | None = None,
) -> None:
    """Read the source and write its pairs.

    Args:
        job: What to import.
        chosen: See `choose_format`.
        tally: Counts what came of it, until the end or an error.
        on_problem: Told of each damaged line or record.
        watch: Told how much has been read.

    Raises:
        CorpusError: The source is damaged beyond its lines, has no pair or nobody of the name
            asked for, or the output cannot be written; then there is no output.
    """
    check_output(job.output, job.overwrite)
    _require_apart(job)
    intake = Intake(tally, on_problem, watch, job.columns, job.encoding)
    with open_pairs(job.output, job.overwrite) as writer, closing(_pairs(job, chosen, intake, tally)) as pairs:
        for pair in pairs:
            writer.write(pair)
        _require_pairs(job, chosen, tally)


def _require_apart(job: ImportJob) -> None:
    """The corpus never takes the place of the file that it is made of, or of the archive around it."""
    for place in (job.source, *job.source.parents):
        if place.is_file() and job.output.exists() and place.samefile(job.output):
            raise CorpusError(f"{job.output}: the file that is to be imported; choose another name for the corpus")


def _pairs(job: ImportJob, chosen: Format, intake: Intake, tally: ImportCounts) -> Generator[Pair, None, None]:
    with closing(_turns(job, chosen, intake, tally)) as turns:
        html = chosen.from_web if job.html is None else job.html
        yield from make_pairs(turns, replace(job.rules, html=html), tally)


def _turns(job: ImportJob, chosen: Format, intake: Intake, tally: ImportCounts) -> Turns:
    """The turns of the source, or of each file in it."""
    before = None
    for sample in samples_of(job.source, chosen, intake):
        whole, _ = chosen.part_of(sample.path)
        if before not in (None, whole):
            yield None
        before = whole
        intake.encoding = sample.encoding
        tally.encoding = tally.encoding or sample.encoding
        with closing(chosen.read(sample.path, intake)) as turns:
            yield from turns


def _require_pairs(job: ImportJob, chosen: Format, tally: ImportCounts) -> None:
    if job.rules.speaker is not None and not tally.heard:
        what = (
            f"{job.rules.speaker!r} says nothing in words"
            if tally.matched
            else f"nobody is called {job.rules.speaker!r}"
        )
        bots = f"; bots: {_counted(tally.bots)}" if tally.bots else ""
        raise CorpusError(f"{job.source}: {what}; who speaks: {_counted(tally.names) or 'nobody'}{bots}")
    if not tally.pairs:
        dropped = ", ".join(f"{count:,} × {reason}" for reason, count in tally.dropped.most_common())
        why = f" (left out: {dropped})" if dropped else ""
        why += f"; --as NAME learns the replies of a bot: {_counted(tally.bots)}" if tally.bots else ""
        raise CorpusError(f"{job.source}: no pair found as {chosen.title}{why}{_other_way(job, chosen)}")


def _diagnosis(job: ImportJob) -> str:
    """The diagnosis of the source, and what to try."""
    found = diagnose(FileSample.of(job.source, job.columns, job.encoding))
    if job.columns is not None and "--columns" not in (found.options or ()):
        return f"it has no columns {' and '.join(job.columns)}; {found.say(job.source, job.output)}"
    return found.say(job.source, job.output)


def _other_way(job: ImportJob, chosen: Format) -> str:
    """The advice where nothing was found, if the source looks like another format or encoding."""
    sample = FileSample.of(job.source, job.columns, job.encoding)
    encoding = None if sample.encoding else guess(sample.head)
    known = None if sample.is_folder else recognize_sample(sample)
    options = [*(("--format", known.name) if known and known.name != chosen.name else ())]
    options += ["--encoding", encoding] if encoding else []
    return f"; try: {import_command(job.source, job.output, options)}" if options else ""


def encoding_hint(job: ImportJob, tally: ImportCounts) -> str | None:
    """The advice how to read lines that were left out because they are not UTF-8; None where their encoding is unclear.

    Args:
        job: The source and the options of the import.
        tally: The counts of the import.
    """
    if not tally.dropped[DAMAGED] or job.encoding is not None:
        return None
    sample = FileSample.of(job.source)
    encoding = None if sample.encoding else guess(sample.head)
    if encoding is None:
        return None
    command = import_command(job.source, job.output, ["--encoding", encoding, "--overwrite"])
    return f"lines that are not UTF-8 look like {encoding}; to read them: {command}"


def _counted(names: Counter[str]) -> str:
    return ", ".join(f"{name} ({count:,})" for name, count in names.most_common(_SHOWN_NAMES))
