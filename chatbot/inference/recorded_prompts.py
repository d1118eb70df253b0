"""The prompts that a bot has learned, by a hash of their tokens, with the replies that are recorded for them.

A network finds the recorded replies of nearly all prompts that it was trained on, and of the last ones not. So a
prompt that is one of them to the token is looked up, and its recorded replies get nearly all of the shares of the
reply memory.
"""

import hashlib
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Protocol, Self

import numpy as np
import numpy.typing as npt

from chatbot.errors import BundleError
from chatbot.files import Readable
from chatbot.inference.array_file import read_table, write_table

#: The share of the replies that are recorded for a prompt, together.
RECORDED_SHARE = 0.99
_ENTRY = np.dtype([("prompt", "<u8"), ("reply", "<u4"), ("count", "<u4")])


class KnownPrompts(Protocol):
    """Prompts whose replies are known without the reply memory."""

    def recall(self, prompts: Sequence[Sequence[int]], shares: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
        """Give the replies of known prompts their shares.

        Args:
            prompts: Token ids of each.
            shares: (prompts, replies) float32, of the reply memory.

        Returns:
            (prompts, replies) float32, perhaps with more replies.
        """
        ...


class RecordedPrompts:
    """Recorded replies by prompt; threads may share it."""

    def __init__(self, table: npt.NDArray[np.void]) -> None:
        """Take a table.

        Args:
            table: (prompts with each of their replies,), by the hash of the prompt (uint64): the number of a reply
                (uint32), and how often it is recorded (uint32).
        """
        self._table = table
        self._hashes = np.ascontiguousarray(table["prompt"])

    @classmethod
    def of(cls, pairs: Iterable[tuple[Sequence[int], int]]) -> Self:
        """The prompts of pairs.

        Args:
            pairs: The token ids of each prompt, and the number of its reply.

        Returns:
            The prompts.
        """
        counts = Counter((_hash(prompt), reply) for prompt, reply in pairs)
        return cls(np.array([(*key, count) for key, count in sorted(counts.items())], _ENTRY))

    @classmethod
    def load(cls, file: Readable, replies: int) -> Self:
        """Read what `save` wrote.

        Args:
            file: The file.
            replies: Number of known replies of the bot.

        Returns:
            The prompts.

        Raises:
            BundleError: The file cannot be read, or is no table of prompts of such a bot.
        """
        table = read_table(file, _ENTRY.__eq__, "prompts")
        is_sorted = bool((table["prompt"][1:] >= table["prompt"][:-1]).all())
        if not is_sorted or (len(table) and (int(table["reply"].max()) >= replies or not int(table["count"].min()))):
            raise BundleError(f"{file}: not a table of prompts of its bundle's bot; train again with --overwrite")
        return cls(table)

    def save(self, path: Path) -> None:
        """Write the table; the same prompts give the same bytes.

        Args:
            path: The file.
        """
        write_table(path, self._table)

    def recall(self, prompts: Sequence[Sequence[int]], shares: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
        """Give the recorded replies of known prompts their share.

        Args:
            prompts: Token ids of each.
            shares: (prompts, replies) float32, of the reply memory.

        Returns:
            The same, but for the rows of prompts that are known: in those the recorded replies have `RECORDED_SHARE`,
            divided as often as each is recorded, and all replies the rest.
        """
        hashes = np.array([_hash(prompt) for prompt in prompts], np.uint64)
        starts, ends = (np.searchsorted(self._hashes, hashes, side) for side in ("left", "right"))
        if (starts == ends).all():
            return shares
        known = shares.copy()
        for row in np.flatnonzero(starts < ends).tolist():
            entries = self._table[starts[row] : ends[row]]
            known[row] *= 1 - RECORDED_SHARE
            np.add.at(known[row], entries["reply"], RECORDED_SHARE * entries["count"] / entries["count"].sum())
        return known


def _hash(prompt: Sequence[int]) -> int:
    """A hash of 64 bits of token ids: among a million prompts, none shares its hash with another, in all likelihood."""
    digest = hashlib.blake2b(np.asarray(prompt, "<i4").tobytes(), digest_size=8).digest()
    return int.from_bytes(digest, "little")
