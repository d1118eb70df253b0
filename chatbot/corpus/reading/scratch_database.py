"""A database on disk for what does not fit in memory, gone when it is closed."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

from chatbot.errors import CorpusError

_CACHE_KIB = 64 << 10


@contextmanager
def scratch_database(schema: str) -> Iterator[sqlite3.Connection]:
    """Open a database that disappears with the block; SQLite writes it to disk once it outgrows its cache.

    Args:
        schema: SQL that makes its tables.

    Yields:
        The connection.

    Raises:
        CorpusError: There is no space for it.
    """
    try:
        database = sqlite3.connect("", isolation_level=None)
        try:
            database.execute(f"PRAGMA cache_size = -{_CACHE_KIB}")
            database.execute("PRAGMA journal_mode = OFF")
            database.executescript(schema)
            yield database
        finally:
            database.close()
    except sqlite3.Error as error:
        raise CorpusError(f"the temporary database cannot be used ({error}); free some space in $TMPDIR") from None
