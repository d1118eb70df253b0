"""Diagnosis of a file that is in no known format, with the command to try next."""

import os
import re
import shlex
from collections.abc import Sequence
from dataclasses import replace
from itertools import count
from pathlib import Path
from typing import NamedTuple

from chatbot.corpus.formats import FORMATS, csv_table
from chatbot.corpus.formats.parsing import columns
from chatbot.corpus.formats.parsing.file_sample import FileSample
from chatbot.corpus.formats.parsing.import_format import Format
from chatbot.corpus.formats.parsing.json_records import paths
from chatbot.corpus.importing.recognition import load_format, recognize_sample
from chatbot.corpus.reading import encodings

_SHOWN = 8
_LONGEST_SHOWN = 60
_LINES = 50
#: With what files begin that hold no text.
_MAGICS = (
    (b"{\\rtf", "a Rich Text document; save it as plain text first"),
    (b"%PDF", "a PDF document; save it as text first"),
    (b"\xd0\xcf\x11\xe0", "an Office document of the old kind; save it as CSV or as text first"),
    (b"SQLite format 3", "a database; export the chat from the program that wrote it"),
    (b"PAR1", "a Parquet table; save it as CSV or JSON Lines first"),
    (b"\x89PNG", "a picture"),
    (b"\xff\xd8\xff", "a picture"),
)
_SAYS = re.compile(r"[^\s:][^:]{0,40}:\s\S")


class Diagnosis(NamedTuple):
    """The look of a file, with advice.

    Attributes:
        looks: For people; a phrase that follows "it looks like".
        options: Of `corpus import`, to try; None where there are none.
        advice: What else to do, or empty.
    """

    looks: str
    options: tuple[str, ...] | None = None
    advice: str = ""

    def say(self, source: Path, output: Path) -> str:
        """The diagnosis as half a sentence, with the command to try.

        Args:
            source: The file that was diagnosed.
            output: The corpus file that the command writes.
        """
        parts = [f"it looks like {self.looks}"]
        parts += [self.advice] if self.advice else []
        if self.options is not None:
            parts.append(f"try: {import_command(source, output, self.options)}")
        return "; ".join(parts)


def import_command(source: Path, output: Path, options: Sequence[str] = ()) -> str:
    """The command that imports a file, as one types it.

    Args:
        source: The file to import.
        output: The corpus file to write.
        options: Further words of the command.
    """
    return shlex.join(["chatbot", "corpus", "import", str(source), "-o", str(output), *options])


def unused(path: Path) -> Path:
    """The path, with a number behind its name if something is there: a file to propose for output, never the source."""
    numbered = (path.with_stem(f"{path.stem}-{number}") for number in count(2))
    return next((place for place in numbered if not os.path.lexists(place)), path) if os.path.lexists(path) else path


def hint(path: Path) -> Diagnosis | None:
    """The diagnosis of a file that is no corpus; None where it looks like nothing in particular.

    Args:
        path: The file.

    Raises:
        CorpusError: It cannot be read.
    """
    sample = FileSample.of(path)
    known = None if sample.is_folder else recognize_sample(sample)
    if known is not None:
        return Diagnosis(known.title, ())
    found = diagnose(sample)
    return None if found.options is None else found


def diagnose(sample: FileSample) -> Diagnosis:
    """Return the diagnosis of a sample that no format recognizes."""
    if sample.is_folder:
        return _folder(sample)
    for magic, what in _MAGICS:
        if sample.head.startswith(magic):
            return Diagnosis(what)
    if b"\0" in sample.head:
        return Diagnosis("binary data (it has zero bytes)", advice="export the conversations as text")
    encoding = None if sample.encoding else encodings.guess(sample.head)
    if encoding is not None:
        return _of_encoding(sample, encoding)
    return next(found for look in (_json, _page, _yaml, _table, _chat, _text) if (found := look(sample)) is not None)


def _folder(sample: FileSample) -> Diagnosis:
    """Of a folder its texts, or what else is in it; archives in it are read when they are named themselves."""
    others = sorted(sample.path.iterdir()) if sample.path.is_dir() and not sample.files else []
    files = [str(file.relative_to(sample.path)) for file in sample.files or others]
    archives = [str(file) for file in others if file.suffix.lower() == ".zip"]
    if not files:
        return Diagnosis("a folder without any files")
    advice = f"name the archive itself, {archives[0]}" if archives else "name one file in it that holds a chat"
    return Diagnosis(f"a folder without a chat in a known format ({_shown(files)})", advice=advice)


def _of_encoding(sample: FileSample, encoding: str) -> Diagnosis:
    head = sample.head.decode(encoding, errors="replace").encode()
    decoded = replace(sample, head=head, encoding=encoding)
    known = recognize_sample(decoded)
    inner = Diagnosis(known.title, ()) if known else diagnose(decoded)
    options = (*(inner.options or ()), "--encoding", encoding)
    return Diagnosis(f"{inner.looks}, in {encoding} and not UTF-8", options, inner.advice)


def _json(sample: FileSample) -> Diagnosis | None:
    if not sample.text.lstrip()[:1] or sample.text.lstrip()[0] not in "[{":
        return None
    found = paths(sample)
    keys = sorted({path.removeprefix("item.").split(".", 1)[0] for path in found} - {"", "item"})
    if not keys:
        return Diagnosis("JSON without objects, or damaged from the first line on", advice=_formats())
    looks = f"JSON with the keys {_shown(keys)}"
    proposed = columns.propose(keys)
    if proposed is not None:
        return Diagnosis(looks, ("--columns", ",".join(proposed)))
    leaves = {path.rpartition(".")[2] for path in found}
    near = max(_known(), key=lambda known: len(known.keys & leaves))
    if len(near.keys & leaves) < 2:
        return Diagnosis(looks, advice=f"name two of them with --columns PROMPT,REPLY; {_formats()}")
    return Diagnosis(f"{looks}, most like {near.title}", ("--format", near.name))


def _page(sample: FileSample) -> Diagnosis | None:
    start = sample.text.lstrip()[:200].casefold()
    if start.startswith(("<!doctype html", "<html")):
        return Diagnosis("a web page", advice="export the chat as JSON or as text")
    return Diagnosis("an XML document", advice=_formats()) if start.startswith("<?xml") else None


def _yaml(sample: FileSample) -> Diagnosis | None:
    nested = [line for line in sample.lines[:_LINES] if line.lstrip().startswith("- - ")]
    if not nested:
        return None
    return Diagnosis(
        "YAML that begins with a list of lists, without a key", advice="write `conversations:` as the first line"
    )


def _table(sample: FileSample) -> Diagnosis | None:
    number, header, separators = csv_table.header_of(enumerate(sample.lines[:_LINES], 1))
    headers = {one: [name.strip() for name in csv_table.cells_of(header, one)] for one in separators}
    for names in headers.values():
        for marks, (looks, advice) in _tables().items():
            if set(names) >= marks:
                return Diagnosis(looks, advice=advice)
        proposed = columns.propose(names)
        if proposed is not None:
            return Diagnosis(f"a table with the columns {_shown(names)}", ("--columns", _quoted(proposed)))
    separator = max(separators, key=lambda one: _width(headers[one], sample.lines[number:_LINES], one))
    names = headers[separator]
    if _width(names, sample.lines[number:_LINES], separator) < 2:
        return None
    first = {"\t": "question, a tab, answer"}.get(separator, f"question{separator}answer")
    above = f"write {first} above them"
    if any(len(name) > _LONGEST_SHOWN or name.endswith(("?", ".", "!")) or not name for name in names):
        return Diagnosis(f"a table without a header (its first line is {_cut(header)!r})", advice=above)
    return Diagnosis(
        f"a table with the columns {_shown(names)}",
        ("--columns", _quoted(names[:2])),
        f"if these are texts already, {above}; if they are names of prompt and reply",
    )


def _width(names: Sequence[str], others: Sequence[str], separator: str) -> int:
    """The number of columns of a header by a separator, if most lines have as many; else 0."""
    alike = sum(len(csv_table.cells_of(line, separator)) == len(names) for line in others)
    return len(names) if 2 * alike >= len(others) else 0


def _chat(sample: FileSample) -> Diagnosis | None:
    lines = sample.lines[:_LINES]
    for known in _known():
        if known.line_start is not None and _most_match(known.line_start, lines):
            return Diagnosis(
                f"a chat log, most like a {known.title}, but its lines have another form ({_cut(lines[0])!r})",
                ("--format", known.name),
            )
    if _most_match(_SAYS, lines):
        return Diagnosis(f"a conversation in lines such as {_cut(lines[0])!r}", advice=f"{_A_CORPUS}; {_formats()}")
    return None


def _most_match(start: re.Pattern[str], lines: Sequence[str]) -> bool:
    return 2 * sum(start.match(line) is not None for line in lines) > len(lines)


_A_CORPUS = "a corpus has a prompt, a tab and a reply a line"


def _text(sample: FileSample) -> Diagnosis:
    if not sample.lines:  # spaces of another encoding are no text
        return Diagnosis("an empty file")
    return Diagnosis(f"plain text ({_cut(sample.lines[0])!r})", advice=f"{_A_CORPUS}; {_formats()}")


def _known() -> list[Format]:
    return list(map(load_format, FORMATS))


def _tables() -> dict[frozenset[str], tuple[str, str]]:
    return {marks: said for known in _known() for marks, said in known.tables.items()}


def _formats() -> str:
    return f"if you know the format, name it with --format: {', '.join(FORMATS)}"


def _shown(names: Sequence[str]) -> str:
    return ", ".join(_cut(name) for name in names[:_SHOWN]) + (", …" if len(names) > _SHOWN else "")


def _cut(text: str) -> str:
    text = text.strip()
    return text if len(text) <= _LONGEST_SHOWN else f"{text[:_LONGEST_SHOWN]}…"


def _quoted(names: Sequence[str]) -> str:
    """Two names as --columns takes them."""
    return ",".join(f'"{name}"' if "," in name or '"' in name else name for name in names)
