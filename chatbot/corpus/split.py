"""The validation split: pairs held out by their prompts."""

import hashlib
from collections.abc import Iterable, Sequence

import numpy as np
import numpy.typing as npt

from chatbot.corpus.reading.tsv import Pair
from chatbot.corpus.reply_set import is_reply_set
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
    a corpus grows. No reply of a set loses all of its prompts by default: nobody could expect it of a bot then.

    Args:
        pairs: The corpus, at least one pair.
        share: See `lowest_kept`.
        seed: Key of the hash.

    Returns:
        Training pairs and validation pairs, each in the order of `pairs`.
    """
    pairs = list(pairs)
    kept = choose_training(pairs, share, seed).tolist()
    training = [pair for pair, keep in zip(pairs, kept, strict=True) if keep]
    validation = [pair for pair, keep in zip(pairs, kept, strict=True) if not keep]
    return training, validation


def choose_training(pairs: Sequence[Pair], share: float | None, seed: int) -> npt.NDArray[np.bool_]:
    """Choose the pairs that `split_by_prompt` leaves for training.

    Args:
        pairs: See there.
        share: See `lowest_kept`.
        seed: Key of the hash.

    Returns:
        (pairs,) bool.
    """
    ranks = rank_prompts(pairs, seed)
    kept = ranks >= lowest_kept(np.unique(ranks), share)
    if share is None:
        highest = dict[str, int]()
        for pair, rank in zip(pairs, ranks.tolist(), strict=True):
            highest[pair.reply] = max(rank, highest.get(pair.reply, 0))
        if is_reply_set(len(highest), len(pairs)):
            kept |= np.isin(ranks, np.array(list(highest.values()), np.uint64))
    return kept


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
