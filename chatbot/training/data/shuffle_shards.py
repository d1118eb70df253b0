"""A tokenized corpus in shards, each a random sample of it: one in memory, or many on disk.

Statistics of a shard are about those of the corpus, and pairs that are shuffled within their shards,
with the shards in random order, are mixed as well as pairs that are shuffled as a whole (bounded
shuffling; see docs/log.md for what else was measured).
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np

from chatbot.corpus import Corpus, Pair
from chatbot.corpus.scratch_file import ScratchFile
from chatbot.training.data.ragged import Ragged
from chatbot.training.data.tokenized_pairs import Size, Tokenized, TokenizedPairs


@dataclass(frozen=True)
class Shards:
    """A tokenized corpus.

    Attributes:
        sizes: The size of each shard.
        truncated: Pairs of which a side was truncated.
        load: Reads a shard, by its number, into memory.
    """

    sizes: Sequence[Size]
    truncated: int
    load: Callable[[int], TokenizedPairs]

    @classmethod
    def of(cls, data: Tokenized) -> "Shards":
        """A corpus in memory as a single shard of its data."""
        return cls([data.size], data.truncated, lambda _: data)


@dataclass(frozen=True)
class Sharding:
    """The parameters of the shards of a corpus that does not fit in memory.

    Attributes:
        scratch: A folder on the disk that holds them.
        seed: Decides which pair goes to which shard.
        vocabulary_size: Decides how many bytes a token takes.
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
    """Tokenize the training pairs, once; shards on disk exist while the block is open.

    Args:
        corpus: The pairs.
        tokenize: Tokenizes some pairs.
        sharding: For a corpus that is not in memory.
        on_progress: Called with the number of pairs of such a corpus that are done.

    Yields:
        The shards.

    Raises:
        OutputError: The disk is full.
    """
    if corpus.in_memory:
        yield Shards.of(tokenize(corpus.sample))
        return
    # One shard is read while another is in use: together they hold as many pairs as the sample.
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
    """The part of a shard that comes from one block: where it is stored, and its size."""

    place: int
    size: Size


class _Store:
    """Shards on disk. A part is stored as the lengths of its prompts and targets, its labels, and its tokens."""

    def __init__(self, sharding: Sharding, shards: int) -> None:
        self._file = ScratchFile(sharding.scratch)
        self._rng = np.random.default_rng(sharding.seed)
        self._kind = np.min_scalar_type(sharding.vocabulary_size)
        self._parts: list[list[_Part]] = [[] for _ in range(shards)]
        self._dealt = self._labels = 0

    def deal(self, data: TokenizedPairs) -> None:
        """Distribute a block at random; over all blocks the shards differ by one pair at most."""
        pairs = len(data.prompts.lengths)
        shards = self._rng.permutation(np.arange(self._dealt, self._dealt + pairs) % len(self._parts))
        self._dealt += pairs
        self._labels = len(data.labels)
        bounds = np.cumsum(np.bincount(shards, minlength=len(self._parts)))
        for parts, rows in zip(self._parts, np.split(np.argsort(shards, kind="stable"), bounds[:-1]), strict=True):
            if len(rows):
                part = data.take(rows)
                parts.append(_Part(self._file.append(self._pack(part)), part.size))

    def _pack(self, part: TokenizedPairs) -> bytes:
        numbers = np.concatenate([part.prompts.lengths, part.targets.lengths, *part.labels]).astype(np.int32)
        tokens = np.concatenate([part.prompts.values, part.targets.values]).astype(self._kind)
        return numbers.tobytes() + tokens.tobytes()

    def _unpack(self, part: _Part) -> TokenizedPairs:
        pairs, prompts, targets, _ = part.size
        columns = 2 + self._labels
        numbers = 4 * columns * pairs
        content = self._file.read(part.place, numbers + self._kind.itemsize * (prompts + targets))
        prompt_lengths, target_lengths, *labels = np.frombuffer(content, np.int32, columns * pairs).reshape(columns, -1)
        values = np.frombuffer(content, self._kind, offset=numbers).astype(np.int32)
        return TokenizedPairs(
            Ragged(values[:prompts], prompt_lengths.astype(np.int64)),
            Ragged(values[prompts:], target_lengths.astype(np.int64)),
            tuple(labels),
        )

    @property
    def sizes(self) -> list[Size]:
        """The size of each shard."""
        return [Size.of_parts(part.size for part in parts) for parts in self._parts]

    def load(self, number: int) -> TokenizedPairs:
        """Read a shard."""
        return TokenizedPairs.joined([self._unpack(part) for part in self._parts[number]])

    def close(self) -> None:
        self._file.close()
