"""The sample of a corpus that does not fit in memory."""

from collections.abc import Sequence

import numpy as np

from chatbot.corpus.origins import Origins
from chatbot.corpus.reading.tsv import Pair
from chatbot.corpus.split import Ranks, Split
from chatbot.corpus.spool import Spool, parse


def draw_sample(spool: Spool, split: Split, size: int, seed: int) -> tuple[list[Pair], Origins]:
    """Draw pairs to learn from evenly, and beside them one of each reply of a set.

    What is fitted to the sample alone would never choose a reply that is too rare to be drawn.

    Args:
        spool: The pairs.
        split: Which of them are left for training.
        size: Pairs to draw evenly.
        seed: Of the draw.

    Returns:
        The pairs in their order, and the file and the line that each comes from.
    """
    count = sum(int(split.keeps(ranks).sum()) for ranks in spool.ranks())
    rng = np.random.default_rng(seed)
    drawn = np.sort(rng.choice(count, min(count, size), replace=False, shuffle=False))
    chosen, origins, before = list[Pair](), [np.empty(0, np.uint64)], 0
    replies = set[str]()
    for (lines, ranks), places in zip(spool.blocks(), spool.origins(), strict=True):
        kept = np.flatnonzero(split.keeps(ranks))
        here = kept[drawn[(drawn >= before) & (drawn < before + len(kept))] - before]
        rows = np.union1d(here, np.array(_first_rows(lines, ranks, split, replies), np.int64))
        chosen += [parse(lines[row]) for row in rows]
        origins.append(places[rows])
        before += len(kept)
    return chosen, np.concatenate(origins)


def _first_rows(lines: Sequence[str], ranks: Ranks, split: Split, replies: set[str]) -> list[int]:
    """The rows of a block with the first pair of each reply of a set, by its last prompt.

    Args:
        lines: Of the block.
        ranks: Of its prompts.
        split: With the last prompt of each reply of a set.
        replies: Those that have a pair already; takes the others.
    """
    rows = []
    for row in np.flatnonzero(np.isin(ranks, split.last)).tolist():
        reply = parse(lines[row]).reply
        if reply not in replies:
            replies.add(reply)
            rows.append(row)
    return rows
