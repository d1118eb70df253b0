"""A tokenized corpus in shards, each an even sample of it: one in memory, or many on disk.

What is true of a shard is about true of the corpus, and pairs that are shuffled within their
shards, with the shards in random order, are as well mixed as pairs that are shuffled as a whole
(bounded shuffling; see docs/log.md for what else was measured).
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np

from chatbot.corpus import Corpus, Pair
from chatbot.files import ScratchFile
from chatbot.training.data.ragged import Ragged
from chatbot.training.data.tokenized_pairs import Size, Tokenized, TokenizedPairs


@dataclass(frozen=True)
class Shards:
    """A tokenized corpus.

    Attributes:
        sizes: Of each shard.
        truncated: Pairs of which a side was cut.
        load: Brings a shard, by its number, into memory.
    """

    sizes: Sequence[Size]
    truncated: int
    load: Callable[[int], TokenizedPairs]

    @classmethod
    def of(cls, data: Tokenized) -> "Shards":
        """A single one, in memory."""
        return cls([data.size], data.truncated, lambda _: data)


@dataclass(frozen=True)
class Sharding:
    """How a corpus that does not fit in memory becomes shards.

    Attributes:
        scratch: A folder on the disk that takes them.
        seed: Of which pair goes where.
        vocabulary_size: Decides how many bytes a token takes there.
    """

    scratch: Path
    seed: int
    vocabulary_size: int


@contextmanager
def tokenize_corpus(
    corpus: Corpus,
    tokenize: Callable[[Sequence[Pair]], Tokenized],
    sharding: Sharding,
    on_progress: Callable[[int], None],
) -> Iterator[Shards]:
    """Tokenize the pairs to learn from, once; shards on disk are there while the block is open.

    Args:
        corpus: The pairs.
        tokenize: Gives the token ids of some pairs.
        sharding: Of a corpus that is not in memory.
        on_progress: Told how many pairs of such a corpus are done.

    Raises:
        OutputError: The disk is full.
    """
    if corpus.in_memory:
        yield Shards.of(tokenize(corpus.sample))
        return
    # One shard is read while another is in use: together they have as many pairs as the sample.
    shards = -(-2 * corpus.count // len(corpus.sample))
    with closing(_Store(sharding, shards)) as store:
        truncated = done = 0
        for block in corpus.blocks():
            data = tokenize(block)
            store.deal(data)
            truncated, done = truncated + data.truncated, done + len(block)
            on_progress(done)
        yield Shards(store.sizes, truncated, store.load)


class _Part(NamedTuple):
    """What a shard has of one block: where it is stored, and its size."""

    place: int
    size: Size


class _Store:
    """Shards on disk. A part of one is the lengths of its prompts and targets, what is known, and the tokens."""

    def __init__(self, sharding: Sharding, shards: int) -> None:
        self._file = ScratchFile(sharding.scratch)
        self._rng = np.random.default_rng(sharding.seed)
        self._kind = np.min_scalar_type(sharding.vocabulary_size)
        self._parts: list[list[_Part]] = [[] for _ in range(shards)]
        self._dealt = 0

    def deal(self, data: TokenizedPairs) -> None:
        """Give each shard as many pairs, drawn evenly from a block; over all blocks they differ by one at most."""
        pairs = len(data.prompts.lengths)
        shards = self._rng.permutation(np.arange(self._dealt, self._dealt + pairs) % len(self._parts))
        self._dealt += pairs
        bounds = np.cumsum(np.bincount(shards, minlength=len(self._parts)))
        for parts, rows in zip(self._parts, np.split(np.argsort(shards, kind="stable"), bounds[:-1]), strict=True):
            if len(rows):
                part = data.take(rows)
                parts.append(_Part(self._file.append(self._pack(part)), part.size))

    def _pack(self, part: TokenizedPairs) -> bytes:
        numbers = np.concatenate([part.prompts.lengths, part.targets.lengths, part.known]).astype(np.int32)
        tokens = np.concatenate([part.prompts.values, part.targets.values]).astype(self._kind)
        return numbers.tobytes() + tokens.tobytes()

    def _unpack(self, part: _Part) -> TokenizedPairs:
        pairs, prompts, targets, _ = part.size
        content = self._file.read(part.place, 12 * pairs + self._kind.itemsize * (prompts + targets))
        lengths = np.frombuffer(content, np.int32, 2 * pairs).astype(np.int64)
        known = np.frombuffer(content, np.int32, pairs, offset=8 * pairs)
        values = np.frombuffer(content, self._kind, offset=12 * pairs).astype(np.int32)
        return TokenizedPairs(
            Ragged(values[:prompts], lengths[:pairs]), Ragged(values[prompts:], lengths[pairs:]), known
        )

    @property
    def sizes(self) -> list[Size]:
        """Of each shard."""
        return [Size.of_parts(part.size for part in parts) for parts in self._parts]

    def load(self, number: int) -> TokenizedPairs:
        """Read a shard."""
        return TokenizedPairs.joined([self._unpack(part) for part in self._parts[number]])

    def close(self) -> None:
        self._file.close()
