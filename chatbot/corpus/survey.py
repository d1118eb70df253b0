"""Statistics of a corpus, counted in one reading and in bounded memory.

What must be compared over the whole file, duplicates and the like, is kept as hashes in a
database on disk, with the beginning of each text to show.
"""

import hashlib
import random
import sqlite3
from collections import Counter
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from chatbot.corpus.reading import markup
from chatbot.corpus.reading.open_file import Problem, ReadObserver
from chatbot.corpus.reading.scratch_database import scratch_database
from chatbot.corpus.reading.tsv import Pair, Row, read_rows
from chatbot.corpus.redaction.redact import personal_data
from chatbot.corpus.survey_result import SIDES, Example, PhrasedAnswer, Survey
from chatbot.corpus.writing_systems import script_of
from chatbot.text import count_turns, drop_invisible, fold

_SAMPLE = 4000
_LONGEST_SAMPLED = 5000
_LONGEST_SHOWN = 60
_MOST_SHOWN = 5
_MOST_PLACES = 50
_SCHEMA = """
CREATE TABLE pairs (prompt INTEGER, reply INTEGER, said TEXT, answered TEXT, times INTEGER, line INTEGER);
CREATE TABLE test (prompt INTEGER PRIMARY KEY, line INTEGER);
"""
#: Each holds all that is asked of it, in the order of its groups, so that nothing else is sorted or looked up.
_INDEXES = """
CREATE INDEX by_prompt ON pairs (prompt, reply, said, times);
CREATE INDEX by_reply ON pairs (reply, prompt, answered, times, line);
"""
#: Different pairs that are counted in memory before they are written.
_MOST_COUNTED = 1 << 14
#: Characters of a pair that is looked at once, however often it occurs.
_LONGEST_KEPT = 200


class _Look(NamedTuple):
    """The facts about a pair by itself.

    Attributes:
        row: For the database: the hashes of both sides, and what is shown of them.
        scripts: Of both sides.
        context_turns: That the prompt carries.
        personal: How many of each kind of personal data.
        markup: Likewise of HTML.
    """

    row: tuple[int, int, str, str]
    scripts: tuple[str, str]
    context_turns: int
    personal: Counter[str]
    markup: Counter[str]


def survey(path: Path, test: Path | None = None, watch: ReadObserver | None = None) -> Survey:
    """Return the counts of a corpus file.

    Args:
        path: The corpus.
        test: A file of pairs whose prompts should not be in the corpus.
        watch: Told how much has been read.

    Raises:
        CorpusError: A file cannot be read.
    """
    seen = Survey(path)
    with scratch_database(_SCHEMA) as database:
        database.execute("BEGIN")
        database.executemany("INSERT INTO pairs VALUES (?, ?, ?, ?, ?, ?)", _different(_rows(seen, watch)))
        for index in _INDEXES.strip().split("\n"):
            database.execute(index)
        _compare(database, seen)
        if test is not None:
            rows = read_rows(test, lambda _: None, watch)
            database.executemany("INSERT OR IGNORE INTO test VALUES (?, ?)", _test_prompts(rows))
            _find_leaks(database, seen)
    return seen


def _rows(seen: Survey, watch: ReadObserver | None) -> Iterator[tuple[tuple[int, int, str, str], int]]:
    """The usable rows as the database holds them, with their lines, each counted in passing."""

    def on_problem(problem: Problem) -> None:
        seen.problems[problem.what.split(":", 1)[0]] += 1
        if len(seen.places) < _MOST_PLACES:
            seen.places.append(problem)

    draw = random.Random(0)
    for row in read_rows(seen.path, on_problem, watch):
        seen.pairs += 1
        short = len(row.pair.prompt) + len(row.pair.reply) <= _LONGEST_KEPT
        look = _look_once(row.pair) if short else _look(row.pair)
        _count(seen, row, look)
        _keep_sample(seen, row.pair, draw)
        yield look.row, row.line
    seen.alphabet.discard(" ")


def _look(pair: Pair) -> _Look:
    prompt, reply = pair
    both = f"{prompt}\n{reply}"
    return _Look(
        (_hash(drop_invisible(prompt).casefold()), _hash(reply), _shown(prompt), _shown(reply)),
        (script_of(prompt), script_of(reply)),
        count_turns(prompt),
        personal_data(both),
        markup.count(both),
    )


_look_once = lru_cache(maxsize=1 << 14)(_look)


def _count(seen: Survey, row: Row, look: _Look) -> None:
    for side, text, script in zip(SIDES, row.pair, look.scripts, strict=True):
        seen.characters += len(text)
        seen.alphabet.update(text)
        seen.lengths[side][len(text)] += 1
        seen.scripts[side][script] += 1
    seen.context_turns = max(seen.context_turns, look.context_turns)
    for counts, total, lines in (
        (look.personal, seen.personal, seen.personal_lines),
        (look.markup, seen.markup, seen.markup_lines),
    ):
        if counts:
            total.update(counts)
            if len(lines) < _MOST_PLACES:
                lines.append(row.line)


def _keep_sample(seen: Survey, pair: Pair, draw: random.Random) -> None:
    """Reservoir sampling (Vitter 1985, algorithm R)."""
    place = seen.pairs - 1 if seen.pairs <= _SAMPLE else draw.randrange(seen.pairs)
    if place >= _SAMPLE:
        return
    cut = Pair(fold(pair.prompt[:_LONGEST_SAMPLED]), pair.reply[:_LONGEST_SAMPLED])
    if place < len(seen.sample):
        seen.sample[place] = cut
    else:
        seen.sample.append(cut)


def _different(
    rows: Iterator[tuple[tuple[int, int, str, str], int]],
) -> Iterator[tuple[int, int, str, str, int, int]]:
    """Rows with how often they come and their first lines, those that come soon again once."""
    counted: Counter[tuple[int, int, str, str]] = Counter()
    first: dict[tuple[int, int, str, str], int] = {}
    for row, line in rows:
        counted[row] += 1
        first.setdefault(row, line)
        if len(counted) > _MOST_COUNTED:
            yield from ((*each, times, first[each]) for each, times in counted.items())
            counted.clear()
            first.clear()
    yield from ((*each, times, first[each]) for each, times in counted.items())


def _test_prompts(rows: Iterator[Row]) -> Iterator[tuple[int, int]]:
    return ((_hash(drop_invisible(row.pair.prompt).casefold()), row.line) for row in rows)


def _hash(text: str) -> int:
    """64 bits of a text, of which two texts of a corpus practically never share all."""
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest(), signed=True)


def _shown(text: str) -> str:
    return text if len(text) <= _LONGEST_SHOWN else text[: _LONGEST_SHOWN - 1] + "…"


def _compare(database: sqlite3.Connection, seen: Survey) -> None:
    def ask(query: str) -> list[Example]:
        return [Example(*row) for row in database.execute(f"{query} LIMIT {_MOST_SHOWN}")]

    different, seen.prompts, seen.replies = (
        database.execute(f"SELECT COUNT(*) FROM (SELECT 1 FROM pairs GROUP BY {columns})").fetchone()[0]
        for columns in ("prompt, reply", "prompt", "reply")
    )
    seen.duplicates = seen.pairs - different
    several = "FROM pairs GROUP BY prompt HAVING COUNT(DISTINCT reply) > 1"
    seen.contradicted = database.execute(f"SELECT COUNT(*) FROM (SELECT 1 {several})").fetchone()[0]
    seen.contradictions = ask(f"SELECT MIN(said), COUNT(DISTINCT reply) {several} ORDER BY 2 DESC, 1")
    seen.frequent = ask("SELECT MIN(answered), SUM(times) FROM pairs GROUP BY reply ORDER BY 2 DESC, 1")
    _count_phrasings(database, seen)


def _count_phrasings(database: sqlite3.Connection, seen: Survey) -> None:
    """Count the different prompts of each reply; those with the fewest are looked for among answers alone."""
    each = "SELECT MIN(answered), COUNT(DISTINCT prompt) AS phrasings, MIN(line) AS line FROM pairs GROUP BY reply"
    counts = f"SELECT phrasings, COUNT(*) FROM ({each}) GROUP BY phrasings"
    seen.phrasings = Counter(dict(database.execute(counts)))
    if seen.has_reply_set:
        fewest = database.execute(f"{each} ORDER BY phrasings, line LIMIT {_MOST_SHOWN}")
        seen.fewest_phrasings = [PhrasedAnswer(*row) for row in fewest]


def _find_leaks(database: sqlite3.Connection, seen: Survey) -> None:
    both = "FROM test JOIN pairs USING (prompt) GROUP BY prompt"
    seen.test_prompts = database.execute("SELECT COUNT(*) FROM test").fetchone()[0]
    seen.leaked = database.execute(f"SELECT COUNT(*) FROM (SELECT 1 {both})").fetchone()[0]
    query = f"SELECT MIN(said), SUM(times), MIN(test.line) {both} ORDER BY 3 LIMIT {_MOST_SHOWN}"
    seen.leaks = [Example(text, times) for text, times, _ in database.execute(query)]
