"""Numbers that say how good replies are, each a plain function of texts.

Shares and errors are in 0..1; BLEU and chrF, as ever, in 0..100.
"""

from collections import Counter
from collections.abc import Sequence
from itertools import zip_longest
from typing import Any

import numpy as np

_BINS = 15


def plain(text: str) -> str:
    """A reply as it is compared with another: case and outer spaces aside."""
    return text.strip().casefold()


def is_recorded(reply: str, recorded: Sequence[str]) -> bool:
    """Whether a reply is one of those recorded, case and outer spaces aside."""
    return plain(reply) in map(plain, recorded)


def exact_match(replies: Sequence[str], recorded: Sequence[Sequence[str]]) -> float:
    """Share of the replies that are among those recorded for their prompt."""
    return sum(map(is_recorded, replies, recorded)) / len(replies)


def bleu(replies: Sequence[str], recorded: Sequence[Sequence[str]]) -> float:
    """Corpus BLEU against all replies recorded for each prompt (Papineni et al. 2002; Post 2018)."""
    from sacrebleu.metrics.bleu import BLEU  # noqa: PLC0415  # only evaluation needs it

    # Forced: replies that end in " ." are what the corpus holds, and no sign of tokenized text.
    return float(BLEU(force=True).corpus_score(list(replies), _in_columns(recorded)).score)


def chrf(replies: Sequence[str], recorded: Sequence[Sequence[str]]) -> float:
    """Corpus chrF against all replies recorded for each prompt (Popović 2015), sacreBLEU's chrF2."""
    from sacrebleu.metrics.chrf import CHRF  # noqa: PLC0415  # as above

    return float(CHRF().corpus_score(list(replies), _in_columns(recorded)).score)


def distinct(replies: Sequence[str], size: int) -> float:
    """Different n-grams of words, over all n-grams of words, of all replies together (Li et al. 2016).

    Words are what white space divides. 0 where no reply has so many.
    """
    counts: Counter[tuple[str, ...]] = Counter()
    for reply in replies:
        words = reply.split()
        counts.update(zip(*(words[start:] for start in range(size)), strict=False))
    return len(counts) / counts.total() if counts else 0.0


def top_share(replies: Sequence[str]) -> float:
    """Share of the most frequent reply."""
    return max(Counter(replies).values()) / len(replies)


def calibration_error(confidences: Sequence[float], right: Sequence[bool]) -> float:
    """Expected calibration error, over 15 bins of equal width (Guo et al. 2017, equation 3).

    The distance between the mean confidence and the share of right replies in a bin, averaged
    over the bins by the replies in them. A confidence on an edge belongs to the bin above.
    """
    sure, hits = np.asarray(confidences, np.float64), np.asarray(right, np.float64)
    bins = np.minimum((sure * _BINS).astype(np.intp), _BINS - 1)
    return float(np.abs(np.bincount(bins, sure - hits)).sum() / len(sure))


def _in_columns(recorded: Sequence[Sequence[str]]) -> Any:
    """References as sacreBLEU wants them: the first of every prompt, the second of every prompt, and so on.

    None, which its types do not mention, stands where a prompt has no more.
    """
    return [list(column) for column in zip_longest(*(dict.fromkeys(replies) for replies in recorded))]
