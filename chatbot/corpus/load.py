"""Reading everything that one training run needs, before anything slow begins."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

from chatbot.corpus.pairs import Pair
from chatbot.corpus.source import Problem
from chatbot.corpus.split import split_by_prompt
from chatbot.corpus.tsv import read_pairs
from chatbot.errors import CorpusError


class Corpus(NamedTuple):
    """Pairs to learn from and pairs to measure on."""

    training: list[Pair]
    validation: list[Pair]


def load_corpus(
    paths: Sequence[Path],
    on_problem: Callable[[Problem], None],
    *,
    valid: Path | None,
    valid_share: float | None,
    seed: int,
) -> Corpus:
    """Read files in turn and hold pairs out for validation.

    Args:
        paths: Corpus files.
        on_problem: Told of every line that is skipped; may raise to stop.
        valid: A file of validation pairs; None holds out `valid_share` of the prompts.
        valid_share: See `split_by_prompt`.
        seed: See `split_by_prompt`.

    Raises:
        CorpusError: A file cannot be read or has no usable pair.
    """
    pairs = [pair for path in paths for pair in load_pairs(path, on_problem)]
    if valid is not None:
        return Corpus(pairs, load_pairs(valid, on_problem))
    return Corpus(*split_by_prompt(pairs, valid_share, seed))


def load_pairs(path: Path, on_problem: Callable[[Problem], None]) -> list[Pair]:
    """Read one file whole.

    Args:
        path: A corpus file.
        on_problem: Told of every line that is skipped; may raise to stop.

    Raises:
        CorpusError: The file cannot be read or has no usable pair.
    """
    pairs = list(read_pairs(path, on_problem))
    if not pairs:
        raise CorpusError(f"{path}: no usable pair; each line needs a prompt, a tab and a reply")
    return pairs
