"""Turns in the order of their time, for exports that hold them in another."""

import json
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

from chatbot.corpus.reading.scratch_database import scratch_database
from chatbot.corpus.reading.turns import Turn

_SCHEMA = "CREATE TABLE turns (part TEXT, time REAL, place INTEGER, turn TEXT)"


class TurnOrder:
    """Turns that are put in order on the disk, so that their number does not matter."""

    def __init__(self, database: sqlite3.Connection) -> None:
        """Begin with none; see `turn_order`.

        Args:
            database: Empty, with the tables of `turn_order`.
        """
        self._database = database
        self._place = 0
        self._time = 0.0

    def add(self, turn: Turn, part: str = "", newest_first: bool = False) -> None:
        """Add a turn; one without a time keeps its place after the turn that was added before.

        Args:
            turn: What was said.
            part: Turns of one part stay together, in the order of the names of the parts.
            newest_first: Whether of turns of one time the one that is added later was said earlier.
        """
        self._place += 1
        self._time = self._time if turn.time is None else turn.time
        place = -self._place if newest_first else self._place
        row = (part, self._time, place, json.dumps(turn))
        self._database.execute("INSERT INTO turns VALUES (?, ?, ?, ?)", row)

    def turns(self) -> Iterator[tuple[str, Turn]]:
        """Yield (part, turn), the oldest of each part first."""
        for part, turn in self._database.execute("SELECT part, turn FROM turns ORDER BY part, time, place"):
            speaker, text, time, learn, alternatives, aliases, *rest = json.loads(turn)
            yield part, Turn(speaker, text, time, learn, tuple(alternatives), tuple(aliases), *rest)


@contextmanager
def turn_order() -> Iterator[TurnOrder]:
    """Open an order of turns on disk, of which nothing is left after the block.

    Yields:
        The order, without turns.

    Raises:
        CorpusError: There is no space for it.
    """
    with scratch_database(_SCHEMA) as database:
        database.execute("BEGIN")
        yield TurnOrder(database)
