"""Dialogue pairs: reading them from files and splitting them for validation.

The public names are imported when first used, so that the table of foreign formats costs nothing.
"""

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from chatbot.corpus.load import Corpus, Sources, load_pairs, load_topics, open_corpus
    from chatbot.corpus.reading.open_file import Problem
    from chatbot.corpus.reading.tsv import Pair, Row, context_turns, read_pairs, read_rows
    from chatbot.corpus.split import split_by_prompt

__all__ = [
    "Corpus",
    "Pair",
    "Problem",
    "Row",
    "Sources",
    "context_turns",
    "load_pairs",
    "load_topics",
    "open_corpus",
    "read_pairs",
    "read_rows",
    "split_by_prompt",
]

_HOMES = {
    "Corpus": "load",
    "Pair": "reading.tsv",
    "Problem": "reading.open_file",
    "Row": "reading.tsv",
    "Sources": "load",
    "context_turns": "reading.tsv",
    "load_pairs": "load",
    "load_topics": "load",
    "open_corpus": "load",
    "read_pairs": "reading.tsv",
    "read_rows": "reading.tsv",
    "split_by_prompt": "split",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f"{__name__}.{_HOMES[name]}"), name)
