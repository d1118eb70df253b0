"""Holding pairs out for validation."""

import hashlib
from collections.abc import Iterable

from chatbot.corpus.pairs import Pair

#: Of the distinct prompts held out by default: a share, and so many at most. More would tell little
#: more, and the bot would lack them.
_SHARE = 0.1
_MOST = 500


def choose_share(prompts: int) -> float:
    """Share of so many distinct prompts to hold out where nobody says how many."""
    return min(_SHARE, _MOST / max(1, prompts))


def split_by_prompt(pairs: Iterable[Pair], share: float | None, seed: int) -> tuple[list[Pair], list[Pair]]:
    """Split pairs into training and validation so that no prompt stands on both sides.

    Prompts that differ only in case count as the same. They are ordered by a keyed hash and
    the first `share` of them, rounded, is held out; so the split depends on the prompts and
    the seed but not on the order of the lines, and most held-out prompts stay held out when
    a corpus grows.

    Args:
        pairs: The corpus.
        share: Of the distinct prompts, in 0..1, to hold out; None takes `choose_share`. At least
            one prompt is left for training.
        seed: Key of the hash.

    Returns:
        Training pairs and validation pairs, each in the order of `pairs`.
    """
    pairs = list(pairs)
    prompts = sorted({pair.prompt.casefold() for pair in pairs}, key=lambda prompt: _rank(prompt, seed))
    share = choose_share(len(prompts)) if share is None else share
    held_out = set(prompts[: min(round(share * len(prompts)), len(prompts) - 1)])
    training = [pair for pair in pairs if pair.prompt.casefold() not in held_out]
    validation = [pair for pair in pairs if pair.prompt.casefold() in held_out]
    return training, validation


def _rank(prompt: str, seed: int) -> bytes:
    return hashlib.sha256(f"{seed}\t{prompt}".encode()).digest()
