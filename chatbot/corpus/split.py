"""The validation split: pairs held out by their prompts."""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from chatbot.corpus.reading.tsv import Pair
from chatbot.corpus.reply_set import MOST_REPLIES, are_shared, is_reply_set
from chatbot.text import drop_invisible

#: Of the distinct prompts held out by default: a share, and so many at most. More would tell little
#: more, and the bot would lack them.
_SHARE = 0.1
_MOST = 500

#: The keyed hash of each pair's prompt, of 64 bits.
Ranks = npt.NDArray[np.uint64]


def choose_share(prompts: int) -> float:
    """The share of the distinct prompts to hold out where no option gives it.

    Args:
        prompts: Number of distinct prompts.
    """
    return min(_SHARE, _MOST / max(1, prompts))


def split_by_prompt(pairs: Iterable[Pair], share: float | None, seed: int) -> tuple[list[Pair], list[Pair]]:
    """Split pairs into training and validation so that no prompt is on both sides.

    Prompts that differ only in case count as the same. They are ordered by a keyed hash and
    the first `share` of them, rounded, is held out; so the split depends on the prompts and
    the seed but not on the order of the lines, and most held-out prompts stay held out when
    a corpus grows. No reply of a set loses all of its prompts, unless a share is asked for where each has only one:
    no bot could say it then.

    Args:
        pairs: The corpus, at least one pair.
        share: See `lowest_kept`.
        seed: Key of the hash.

    Returns:
        Training pairs and validation pairs, each in the order of `pairs`.
    """
    pairs = list(pairs)
    ranks, choice = rank_prompts(pairs, seed), SplitChoice(share)
    choice.add(pairs, ranks)
    kept = choice.choose().keeps(ranks).tolist()
    training = [pair for pair, keep in zip(pairs, kept, strict=True) if keep]
    validation = [pair for pair, keep in zip(pairs, kept, strict=True) if not keep]
    return training, validation


@dataclass(frozen=True)
class Split:
    """The choice of what is held out.

    Attributes:
        lowest: The lowest rank of a prompt that is not held out.
        last: Ranks below it whose prompts are left for training all the same.
    """

    lowest: np.uint64
    last: Ranks

    def keeps(self, ranks: Ranks) -> npt.NDArray[np.bool_]:
        """Tell which pairs are left for training.

        Args:
            ranks: Of the pairs, see `rank_prompts`.

        Returns:
            (pairs,) bool.
        """
        return (ranks >= self.lowest) | np.isin(ranks, self.last)


class SplitChoice:
    """The choice of a split for pairs that come in parts."""

    def __init__(self, share: float | None) -> None:
        """Begin without a pair.

        Args:
            share: See `lowest_kept`.
        """
        self._share = share
        self._distinct: list[Ranks] = []
        self._pairs = 0
        self._highest: dict[str, int] = {}

    def add(self, pairs: Sequence[Pair], ranks: Ranks) -> None:
        """Take a part.

        Args:
            pairs: Of the part.
            ranks: Theirs.
        """
        self._distinct.append(np.unique(ranks)[: count_decisive(self._share)])
        self._pairs += len(pairs)
        for pair, rank in zip(pairs, ranks.tolist(), strict=True):
            if len(self._highest) > MOST_REPLIES:  # no set of replies
                break
            self._highest[pair.reply] = max(rank, self._highest.get(pair.reply, 0))

    def choose(self) -> Split:
        """Choose, when all parts have been taken.

        Returns:
            The split.
        """
        counts = len(self._highest), self._pairs
        guarded = is_reply_set(*counts) and (self._share is None or are_shared(*counts))
        last = np.array(list(self._highest.values()) if guarded else [], np.uint64)
        return Split(lowest_kept(np.unique(np.concatenate(self._distinct)), self._share), last)


def rank_prompts(pairs: Iterable[Pair], seed: int) -> Ranks:
    """Rank the prompts of pairs in the order in which prompts are held out.

    Args:
        pairs: The pairs.
        seed: Of the order.

    Returns:
        (pairs,) uint64; pairs of one prompt have one rank.
    """
    prefix = f"{seed}\t"
    digests = (
        hashlib.sha256((prefix + drop_invisible(pair.prompt).casefold()).encode()).digest()[:8] for pair in pairs
    )
    return np.frombuffer(b"".join(digests), ">u8").astype(np.uint64)


def count_decisive(share: float | None) -> int | None:
    """Of the distinct ranks of each part of a corpus, how many of the lowest are enough for `lowest_kept`.

    Args:
        share: See there.

    Returns:
        The number; None for all of them.
    """
    if share is None:
        return round(_MOST / _SHARE)  # from so many distinct prompts on, the lowest `_MOST` are held out
    return 1 if share == 0 else None


def lowest_kept(ranks: Ranks, share: float | None) -> np.uint64:
    """The lowest rank of a prompt that is not held out.

    Args:
        ranks: Of the distinct prompts, in order.
        share: Of the distinct prompts, in 0..1, to hold out; None takes `choose_share`. At least
            one prompt is left for training.
    """
    share = choose_share(len(ranks)) if share is None else share
    return np.uint64(ranks[min(round(share * len(ranks)), len(ranks) - 1)])
