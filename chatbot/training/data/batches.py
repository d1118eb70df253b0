"""Padded batches of tokenized pairs.

A batch is a tuple of int32 arrays: the prompt (rows, prompt length), the decoder's input and its target (rows, reply
length each), and the labels (rows,) of an objective beside teacher forcing, if there is one. The target is the reply
and EOS; the input is GO and the reply, the target shifted by one, which is teacher forcing. Rows end in PAD. Pairs that
teach the objective alone have no target; in a batch of such pairs, the reply length is 0.

All batches hold about the same number of tokens, so that each contributes about as much, and pairs of similar lengths,
so that little of them is padding (bucketing).

The content and the order of an epoch follow from the seed and its number alone: a run can be resumed within it.
"""

import math
from collections import deque
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache
from itertools import accumulate
from typing import NamedTuple, TypeAlias, TypeVar

import numpy as np

from chatbot.config import GO
from chatbot.training.data.ragged import Rows, Tokens
from chatbot.training.data.segmentations import Segmentations, Segmenter
from chatbot.training.data.tokenized_pairs import TokenizedPairs
from chatbot.training.data.training_data import TrainingData, TrainingShard, count_batches

#: Prompt, decoder input and target, then labels.
Batch: TypeAlias = tuple[Tokens, ...]
_Item = TypeVar("_Item")

#: Replies whose lengths have about this ratio are batched together.
_LENGTH_RATIO = 1.2
#: The order by prompt length is blurred by this share of the length either way.
_BLUR = 0.15
#: Batches that are prepared while a step runs; one takes a hundredth of a step.
_PREFETCHED = 4
_VALIDATION_TOKENS = 4096


class _ShardOfEpoch(NamedTuple):
    epoch: int
    shard: int


class TrainingBatches:
    """Batches of similar lengths, grouped and ordered anew in each epoch."""

    def __init__(self, data: TrainingData, batch_tokens: int, seed: int, segmenter: Segmenter | None = None) -> None:
        """Prepare; nothing is batched yet.

        Args:
            data: The tokenized corpus.
            batch_tokens: Tokens of a batch, of both sides.
            seed: Decides the order, how much of each target there is, and the segmentation of prompts.
            segmenter: For subword regularization, or None.
        """
        self._data, self._seed, self._segmenter = data, seed, segmenter
        self._counts = data.count_by_shard(batch_tokens)
        self._prepare = lru_cache(maxsize=1)(self._load)

    def batches(self, epoch: int, start: int = 0) -> Iterator[Batch]:
        """The batches of an epoch, the same ones at each call.

        Args:
            epoch: From 1.
            start: How many batches to skip; they are not built.
        """
        return _prefetch(self._epoch(epoch, start), _PREFETCHED)

    def _epoch(self, epoch: int, start: int) -> Iterator[Batch]:
        shards = len(self._counts)
        # No shard has this number.
        order = np.random.default_rng([self._seed, epoch, 0, shards]).permutation(shards).tolist()
        ends = accumulate(self._counts[number] for number in order)
        due = [(number, end) for number, end in zip(order, ends, strict=True) if end > start]
        # The next shard is read while the batches of one are built.
        prepared = _prefetch((self._prepare(number) for number, _ in due), 1)
        for (number, end), (shard, segmentations) in zip(due, prepared, strict=True):
            first = max(0, start - (end - self._counts[number]))
            yield from self._batch_shard(shard, segmentations, _ShardOfEpoch(epoch, number), first)

    def _load(self, number: int) -> tuple[TrainingShard, Segmentations | None]:
        shard = self._data.load(number)
        return shard, self._segmenter.segment(shard.data.prompts) if self._segmenter is not None else None

    def _batch_shard(
        self, shard: TrainingShard, segmentations: Segmentations | None, which: _ShardOfEpoch, start: int
    ) -> Iterator[Batch]:
        """The batches of a shard, without the first `start`."""
        rng = self._rng(which)
        prompts, lengths = shard.data.prompts, shard.prefixes.draw(rng)
        order = _order(prompts.lengths, lengths, rng)
        groups = _cut(prompts.lengths + lengths, order, self._counts[which.shard])
        # The longest replies come first, so that a loss, and what a step takes at most, are known from the start.
        longest = groups.pop()
        rng.shuffle(groups)
        groups.insert(0, longest)
        for number, rows in enumerate(groups[start:], start):
            if segmentations is None:
                prompt = prompts.padded(rows)
            else:
                prompt = segmentations.prompts.padded(segmentations.draw(rows, self._rng(which, number)))
            yield _batch(shard.data, rows, prompt, lengths[rows])

    def _rng(self, which: _ShardOfEpoch, batch: int = 0) -> np.random.Generator:
        return np.random.default_rng([self._seed, which.epoch, batch, which.shard])


class ValidationBatches:
    """Batches of similar lengths with whole replies, in the same order at each iteration."""

    def __init__(self, data: TokenizedPairs) -> None:
        """Group the pairs of the data."""
        self._data = data
        prompts, targets = data.prompts.lengths, data.targets.lengths
        count = count_batches(data.size, 1.0, _VALIDATION_TOKENS)
        self._groups = _cut(prompts + targets, _order(prompts, targets), count)

    def __iter__(self) -> Iterator[Batch]:
        """All pairs, batch by batch."""
        batches = (_batch(self._data, rows, self._data.prompts.padded(rows)) for rows in self._groups)
        return _prefetch(batches, _PREFETCHED)


def _order(prompt_lengths: Rows, target_lengths: Rows, rng: np.random.Generator | None = None) -> Rows:
    """Order rows by reply length in coarse steps, then by prompt length; blurred if `rng` is given.

    Without the blur, pairs with one and the same reply, of one length, would fill whole batches.

    Args:
        prompt_lengths: (rows,) int64.
        target_lengths: (rows,) int64; rows without a target come first.
        rng: The source of the blur.

    Returns:
        (rows,) int64 indices.
    """
    count = len(target_lengths)
    steps = np.log(np.maximum(target_lengths, 1)) / math.log(_LENGTH_RATIO)
    prompts = np.log(prompt_lengths + 1.0)
    if rng is not None:
        steps = steps + rng.random(count)
        prompts = prompts + rng.uniform(-_BLUR, _BLUR, count)
    return np.lexsort((prompts, np.where(target_lengths > 0, np.floor(steps), -1)))


def _cut(lengths: Rows, order: Rows, count: int) -> list[Rows]:
    """Cut an order of rows into groups of about as many tokens each, one row at least.

    Args:
        lengths: (rows,) int64, tokens of each row.
        order: (rows,) int64 indices.
        count: Number of groups.
    """
    ends, ranks = np.cumsum(lengths[order]), np.arange(1, count)
    cuts = np.searchsorted(ends, ends[-1] * ranks / count)
    cuts = np.clip(np.maximum.accumulate(cuts - ranks) + ranks, ranks, len(order) - count + ranks)
    return np.split(order, cuts)


def _batch(data: TokenizedPairs, rows: Rows, prompt: Tokens, target_lengths: Rows | None = None) -> Batch:
    """The batch of some pairs.

    Args:
        data: The pairs.
        rows: (rows,) int64 indices of pairs.
        prompt: (rows, prompt length) int32.
        target_lengths: (rows,) int64, how many tokens of each target to keep; None keeps all.
    """
    target = data.targets.padded(rows, target_lengths)
    go = np.full((len(target), 1), GO, np.int32)
    return prompt, np.concatenate([go, target], axis=1)[:, :-1], target, *(label[rows] for label in data.labels)


def _prefetch(items: Iterator[_Item], count: int) -> Iterator[_Item]:
    """Yield items of which a thread prepares so many while others are in use."""
    with ThreadPoolExecutor(1) as worker:
        ready = deque(worker.submit(next, items, None) for _ in range(count))
        while (item := ready.popleft().result()) is not None:
            ready.append(worker.submit(next, items, None))
            yield item
