"""Dialogue pairs: reading them from files and splitting them for validation."""

from chatbot.corpus.load import Corpus, Sources, load_pairs, open_corpus
from chatbot.corpus.pairs import Pair, context_turns
from chatbot.corpus.source import Problem
from chatbot.corpus.split import split_by_prompt
from chatbot.corpus.tsv import Row, read_pairs, read_rows

__all__ = [
    "Corpus",
    "Pair",
    "Problem",
    "Row",
    "Sources",
    "context_turns",
    "load_pairs",
    "open_corpus",
    "read_pairs",
    "read_rows",
    "split_by_prompt",
]
