"""Tokenized pairs to padded batches.

A batch is four int32 arrays: the prompt (rows, prompt length), the decoder's input and its
target (rows, reply length each), and which of the known replies that is (rows,). The target is
the reply and EOS; the input is GO and the reply, the target shifted by one, which is teacher
forcing. PAD fills the rows behind.

All batches hold about the same number of tokens, so that each teaches about as much, and
pairs of like lengths, so that little of them is padding.

What a pass holds, and in which order, follows from the seed and the number of the pass alone, so
that a run can begin in the midst of any of them.
"""

import math
from collections import deque
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache
from itertools import accumulate
from typing import NamedTuple, TypeVar

import numpy as np

from chatbot.config import GO
from chatbot.corpus.reply_prefixes import ReplyPrefixes
from chatbot.training.data.ragged import Rows, Tokens
from chatbot.training.data.shards import Shards
from chatbot.training.data.tokenized_pairs import Segmentations, Segmenter, Size, Tokenized, TokenizedPairs

#: Prompt, decoder input, target and known reply.
Batch = tuple[Tokens, Tokens, Tokens, Tokens]
_Item = TypeVar("_Item")

#: Replies whose lengths have about this ratio are batched together.
_LENGTH_RATIO = 1.2
#: The order by prompt length is blurred by this much either way, as a share of the length.
_BLUR = 0.15
#: Batches made ready while a step runs; one takes a hundredth of a step.
_PREFETCHED = 4
_VALIDATION_TOKENS = 4096


class TrainingShard(NamedTuple):
    """A shard as the passes have it: its pairs, and where their targets may end and how often they do not."""

    data: TokenizedPairs
    prefixes: ReplyPrefixes


class _Turn(NamedTuple):
    """A shard in a pass."""

    epoch: int
    shard: int


class TrainingData:
    """A corpus as the passes over it have it.

    Attributes:
        size: Of the corpus, replies whole.
        truncated: Pairs of which a side was cut.
        sample: The first shard; all pairs of a corpus that has one.
    """

    def __init__(self, shards: Shards, whole_replies: int) -> None:
        """Plan what passes have.

        Args:
            shards: The pairs.
            whole_replies: See `TrainingConfig.whole_replies`.
        """
        self._shards = shards
        self._whole_replies = whole_replies
        self.size = Size.of_parts(shards.sizes)
        self.truncated = shards.truncated
        # A corpus of one shard has it from here at every pass.
        self.load = lru_cache(maxsize=1)(self._load)
        self.sample, prefixes = self.load(0)
        # Shards are alike: one tells how much of the targets a pass has of any.
        self._left = prefixes.tokens / shards.sizes[0].target_tokens

    @classmethod
    def of(cls, data: Tokenized, whole_replies: int) -> "TrainingData":
        """Those of a corpus in memory."""
        return cls(Shards.of(data), whole_replies)

    @property
    def target_tokens(self) -> float:
        """Of a pass, on average."""
        return self._left * self.size.target_tokens

    @property
    def tokens(self) -> int:
        """Of a pass, on average, both sides."""
        return round(self.size.prompt_tokens + self.target_tokens)

    def count_batches(self, batch_tokens: int) -> int:
        """Number of batches in a pass, the same for each."""
        return sum(self.count_by_shard(batch_tokens))

    def count_by_shard(self, batch_tokens: int) -> list[int]:
        """The same of each shard."""
        return [_count_batches(size, self._left, batch_tokens) for size in self._shards.sizes]

    def _load(self, number: int) -> TrainingShard:
        data = self._shards.load(number)
        shards = self.size.pairs / len(data.targets.lengths)
        return TrainingShard(data, ReplyPrefixes.of(data.targets.to_keys(), self._whole_replies, shards))


class TrainingBatches:
    """Batches of like lengths; each pass groups and orders the pairs anew."""

    def __init__(
        self, training_data: TrainingData, batch_tokens: int, seed: int, segmenter: Segmenter | None = None
    ) -> None:
        """Prepare the passes.

        Args:
            training_data: The pairs.
            batch_tokens: Tokens of a batch.
            seed: Of the order, of what is whole, and of how prompts are cut.
            segmenter: Of the prompts, where they are to be cut now one way, now another.
        """
        self._tokenized, self._seed, self._segmenter = training_data, seed, segmenter
        self._counts = training_data.count_by_shard(batch_tokens)
        self._prepare = lru_cache(maxsize=1)(self._load)

    def batches(self, epoch: int, start: int = 0) -> Iterator[Batch]:
        """The batches of a pass, the same ones whenever they are asked for.

        Args:
            epoch: The pass, from 1.
            start: How many of its batches to leave out; they are not built.
        """
        return _ahead(self._pass(epoch, start), _PREFETCHED)

    def _pass(self, epoch: int, start: int) -> Iterator[Batch]:
        shards = len(self._counts)
        # No shard has this number.
        order = np.random.default_rng([self._seed, epoch, 0, shards]).permutation(shards).tolist()
        ends = accumulate(self._counts[number] for number in order)
        due = [(number, end) for number, end in zip(order, ends, strict=True) if end > start]
        # The next shard is read while the batches of one are made.
        prepared = _ahead((self._prepare(number) for number, _ in due), 1)
        for (number, end), (lesson, ways) in zip(due, prepared, strict=True):
            first = max(0, start - (end - self._counts[number]))
            yield from self._shard(lesson, ways, _Turn(epoch, number), first)

    def _load(self, number: int) -> tuple[TrainingShard, Segmentations | None]:
        lesson = self._tokenized.load(number)
        return lesson, self._segmenter.segment(lesson.data.prompts) if self._segmenter is not None else None

    def _shard(self, lesson: TrainingShard, ways: Segmentations | None, turn: _Turn, start: int) -> Iterator[Batch]:
        """The batches of a shard from one on."""
        rng = self._rng(turn)
        (prompts, targets), prefixes = lesson.data.sides, lesson.prefixes
        lengths = np.where(prefixes.draw(rng), prefixes.lengths, prefixes.prefix_lengths)
        order = _order(prompts.lengths, lengths, rng)
        groups = _cut(prompts.lengths + lengths, order, self._counts[turn.shard])
        rng.shuffle(groups)
        for number, rows in enumerate(groups[start:], start):
            if ways is None:
                prompt = prompts.padded(rows)
            else:
                prompt = ways.prompts.padded(ways.draw(rows, self._rng(turn, number)))
            yield _teacher_forcing(prompt, targets.padded(rows, lengths[rows]), lesson.data.known[rows])

    def _rng(self, turn: _Turn, batch: int = 0) -> np.random.Generator:
        return np.random.default_rng([self._seed, turn.epoch, batch, turn.shard])


class ValidationBatches:
    """Batches of like lengths, replies whole, in the same order at each pass."""

    def __init__(self, data: TokenizedPairs) -> None:
        """Group the pairs."""
        self._data = data
        prompts, targets = data.prompts.lengths, data.targets.lengths
        count = _count_batches(data.size, 1.0, _VALIDATION_TOKENS)
        self._groups = _cut(prompts + targets, _order(prompts, targets), count)

    def __iter__(self) -> Iterator[Batch]:
        """A pass over all pairs."""
        return _ahead((self._batch(rows) for rows in self._groups), _PREFETCHED)

    def _batch(self, rows: Rows) -> Batch:
        prompts, targets = self._data.prompts, self._data.targets
        return _teacher_forcing(prompts.padded(rows), targets.padded(rows), self._data.known[rows])


def _count_batches(size: Size, left: float, batch_tokens: int) -> int:
    """Number of batches of some pairs of whose targets' tokens such a share is left."""
    tokens = round(size.prompt_tokens + left * size.target_tokens)
    return max(1, min(size.pairs, tokens // max(batch_tokens, size.longest)))


def _order(prompt_lengths: Rows, target_lengths: Rows, rng: np.random.Generator | None = None) -> Rows:
    """Rows by reply length in coarse steps, then by prompt length; blurred where `rng` is given.

    Without the blur, pairs with one and the same reply, of one length, would fill whole batches.
    """
    count = len(target_lengths)
    steps = np.log(target_lengths) / math.log(_LENGTH_RATIO)
    prompts = np.log(prompt_lengths + 1.0)
    if rng is not None:
        steps = steps + rng.random(count)
        prompts = prompts + rng.uniform(-_BLUR, _BLUR, count)
    return np.lexsort((prompts, np.floor(steps)))


def _cut(lengths: Rows, order: Rows, count: int) -> list[Rows]:
    """Cut an order into `count` groups of about as many tokens each, and of one row at least."""
    ends, ranks = np.cumsum(lengths[order]), np.arange(1, count)
    cuts = np.searchsorted(ends, ends[-1] * ranks / count)
    cuts = np.clip(np.maximum.accumulate(cuts - ranks) + ranks, ranks, len(order) - count + ranks)
    return np.split(order, cuts)


def _teacher_forcing(prompt: Tokens, target: Tokens, known: Tokens) -> Batch:
    go = np.full((len(target), 1), GO, np.int32)
    return prompt, np.concatenate([go, target[:, :-1]], axis=1), target, known


def _ahead(items: Iterator[_Item], count: int) -> Iterator[_Item]:
    """Yield items of which a thread makes so many ready while others are in use."""
    with ThreadPoolExecutor(1) as worker:
        ready = deque(worker.submit(next, items, None) for _ in range(count))
        while (item := ready.popleft().result()) is not None:
            ready.append(worker.submit(next, items, None))
            yield item
