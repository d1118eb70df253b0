"""Pairs to padded batches of token ids, tokenized by tensorflow-text.

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
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property
from itertools import islice
from typing import Any

import numpy as np
import numpy.typing as npt

from chatbot.config import EOS, GO, ModelConfig
from chatbot.corpus import Pair
from chatbot.quiet import quiet_native_stderr
from chatbot.tails import Rows, Tails
from chatbot.text import fold
from chatbot.tokenizer import Tokenizer
from chatbot.training.backend import tf, tf_text
from chatbot.training.known_replies import number_replies

#: Prompt, decoder input, target and known reply.
Batch = tuple[Any, Any, Any, Any]

#: Replies whose lengths have about this ratio are batched together.
_LENGTH_RATIO = 1.2
#: The order by prompt length is blurred by this much either way, as a share of the length.
_BLUR = 0.15
#: Batches made ready while a step runs; one takes a hundredth of a step.
_PREFETCHED = 4
_VALIDATION_TOKENS = 4096
#: Ways to cut a prompt into tokens.
_WAYS = 16


@dataclass(frozen=True)
class TokenizedPairs:
    """A corpus as token ids, in memory.

    Attributes:
        prompts: Ragged int32 tensor (pairs, tokens).
        targets: The same of replies, each with EOS at its end unless it was cut.
        truncated: Pairs of which a side was cut.
        reply_bytes: UTF-8 bytes of what the targets say, EOS counted as one byte.
        known: (pairs,) int32, see `number_replies`.
    """

    prompts: Any
    targets: Any
    truncated: int
    reply_bytes: int
    known: npt.NDArray[np.int32]

    @cached_property
    def prompt_lengths(self) -> Rows:
        """(pairs,) tokens of each prompt."""
        return np.asarray(self.prompts.row_lengths())

    @cached_property
    def target_lengths(self) -> Rows:
        """(pairs,) tokens of each target."""
        return np.asarray(self.targets.row_lengths())

    @property
    def tokens(self) -> int:
        """Tokens of both sides."""
        return int(self.prompt_lengths.sum() + self.target_lengths.sum())


def tokenize(
    pairs: Sequence[Pair], tokenizer: Tokenizer, config: ModelConfig, known_replies: Sequence[str] = ()
) -> TokenizedPairs:
    """Tokenize a corpus, cutting prompts and replies to the model's longest."""
    with quiet_native_stderr():  # tensorflow-text announces that it does not normalize
        pieces = tf_text.SentencepieceTokenizer(model=tokenizer.model, out_type=tf.int32)
    prompts = pieces.tokenize(tf.constant([fold(pair.prompt) for pair in pairs]))
    replies = pieces.tokenize(tf.constant([pair.reply for pair in pairs]))
    targets = tf.concat([replies, tf.fill([len(pairs), 1], EOS)], axis=1)
    kept_prompts, kept_targets = prompts[:, config.prompt_window], targets[:, : config.max_reply_tokens]
    cut_prompt, cut_reply = (
        np.asarray(whole.row_lengths()) > np.asarray(kept.row_lengths())
        for whole, kept in ((prompts, kept_prompts), (targets, kept_targets))
    )
    said = [
        tokenizer.decode(kept_targets[row].numpy().tolist()) if cut else f"{pair.reply}\n"
        for row, (pair, cut) in enumerate(zip(pairs, cut_reply, strict=True))
    ]
    return TokenizedPairs(
        prompts=kept_prompts,
        targets=kept_targets,
        truncated=int((cut_prompt | cut_reply).sum()),
        reply_bytes=sum(len(text.encode()) for text in said),
        known=number_replies(pairs, known_replies),
    )


@dataclass(frozen=True)
class Segmentations:
    """Several ways to cut each prompt into tokens, for subword regularization.

    Reference: Kudo (2018), "Subword Regularization", section 3.2, with the n best drawn evenly.

    Attributes:
        prompts: Ragged int32 tensor (ways of all pairs in turn, tokens), the best of a pair first.
        starts: (pairs + 1,) where the ways of a pair begin.
        share: Of the prompts of a batch that are cut in another way than the best.
    """

    prompts: Any
    starts: Rows
    share: float

    def draw(self, rows: Rows, rng: np.random.Generator) -> Rows:
        """Choose a way for each of some pairs: rows of `prompts`."""
        first, others = self.starts[rows], self.starts[rows + 1] - self.starts[rows] - 1
        other = 1 + (rng.random(len(rows)) * others).astype(np.int64)
        differs = (rng.random(len(rows)) < self.share) & (others > 0)
        return np.where(differs, first + other, first)


def segment(pairs: Sequence[Pair], tokenizer: Tokenizer, config: ModelConfig, share: float) -> Segmentations:
    """Cut the prompts of a corpus in several ways each."""
    ways = [tokenizer.segmentations(fold(pair.prompt), _WAYS) for pair in pairs]
    flat = [way[config.prompt_window] for each in ways for way in each]
    lengths = [len(way) for way in flat]
    values = np.fromiter((token for way in flat for token in way), np.int32, sum(lengths))
    starts = np.concatenate([[0], np.cumsum([len(each) for each in ways])])
    return Segmentations(tf.RaggedTensor.from_row_lengths(values, lengths), starts, share)


@dataclass(frozen=True)
class Lessons:
    """A corpus as the passes over it have it.

    Attributes:
        data: The pairs.
        tails: Where their targets may end, and how often they do not.
    """

    data: TokenizedPairs
    tails: Tails

    @classmethod
    def of(cls, data: TokenizedPairs, whole_replies: int) -> "Lessons":
        """Plan what passes have; see `TrainingConfig.whole_replies`."""
        return cls(data, Tails.of(data.targets.to_list(), whole_replies))

    @property
    def prompt_tokens(self) -> int:
        """Of a pass."""
        return int(self.data.prompt_lengths.sum())

    @property
    def target_tokens(self) -> float:
        """Of a pass, on average."""
        return self.tails.tokens

    @property
    def tokens(self) -> int:
        """Of a pass, on average, both sides."""
        return round(self.prompt_tokens + self.target_tokens)

    def count_batches(self, batch_tokens: int) -> int:
        """Number of batches in a pass, the same for each."""
        return _count_batches(self.data.prompt_lengths + self.data.target_lengths, self.tokens, batch_tokens)


class TrainingBatches:
    """Batches of like lengths; each pass groups and orders the pairs anew."""

    def __init__(
        self, lessons: Lessons, batch_tokens: int, seed: int, segmentations: Segmentations | None = None
    ) -> None:
        """Prepare the passes.

        Args:
            lessons: The pairs.
            batch_tokens: Tokens of a batch.
            seed: Of the order, of what is whole, and of the choice among `segmentations`.
            segmentations: Of the prompts, where they are to be cut now one way, now another.
        """
        data, tails = lessons.data, lessons.tails
        self._lessons, self._seed, self._segmentations = lessons, seed, segmentations
        self._count = lessons.count_batches(batch_tokens)
        decided = tf.ragged.boolean_mask(data.targets, _first(data.targets, tails.decided))
        prompts = data.prompts if segmentations is None else segmentations.prompts
        self._pad = _padding(prompts, tf.concat([data.targets, decided], axis=0), np.tile(data.known, 2))

    def batches(self, epoch: int, start: int = 0) -> Iterator[Batch]:
        """The batches of a pass, the same ones whenever they are asked for.

        Args:
            epoch: The pass, from 1.
            start: How many of its batches to leave out; they are not built.
        """
        return _ahead(self._pad, self._plan(epoch, start))

    def _plan(self, epoch: int, start: int) -> Iterator[tuple[Rows, Rows]]:
        """Rows of the targets and of the prompts of each batch."""
        data, tails = self._lessons.data, self._lessons.tails
        rng = np.random.default_rng([self._seed, epoch])
        whole = tails.draw(rng)
        lengths = np.where(whole, tails.lengths, tails.decided)
        groups = _cut(data.prompt_lengths + lengths, _order(data.prompt_lengths, lengths, rng), self._count)
        rng.shuffle(groups)
        for number, rows in enumerate(groups[start:], start):
            prompts = rows
            if self._segmentations is not None:
                prompts = self._segmentations.draw(rows, np.random.default_rng([self._seed, epoch, number]))
            yield np.where(whole[rows], rows, rows + len(whole)), prompts


class ValidationBatches:
    """Batches of like lengths, replies whole, in the same order at each pass."""

    def __init__(self, data: TokenizedPairs) -> None:
        """Group the pairs."""
        lengths = data.prompt_lengths + data.target_lengths
        count = _count_batches(lengths, data.tokens, _VALIDATION_TOKENS)
        self._groups = _cut(lengths, _order(data.prompt_lengths, data.target_lengths), count)
        self._pad = _padding(data.prompts, data.targets, data.known)

    def __iter__(self) -> Iterator[Batch]:
        """A pass over all pairs."""
        return _ahead(self._pad, ((rows, rows) for rows in self._groups))


def _first(targets: Any, counts: Rows) -> Any:
    """Where the first tokens of each row stand, so many of each: a ragged mask."""
    places = tf.ragged.range(targets.row_lengths())
    return places < tf.cast(counts, places.dtype)[:, None]


def _count_batches(lengths: Rows, tokens: int, batch_tokens: int) -> int:
    return max(1, min(len(lengths), tokens // max(batch_tokens, int(lengths.max()))))


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


def _padding(prompts: Any, targets: Any, known: Any) -> Callable[[Rows, Rows], Batch]:
    """A function from rows of the targets, with what is known of them, and of the prompts to their batch."""
    rows = tf.TensorSpec((None,), tf.int64)

    @tf.function(input_signature=[rows, rows])  # type: ignore[untyped-decorator]  # TensorFlow ships no types
    def pad(reply: Any, prompt: Any) -> Batch:
        prompt_tokens, target = tf.gather(prompts, prompt).to_tensor(), tf.gather(targets, reply).to_tensor()
        go = tf.fill([tf.shape(target)[0], 1], GO)
        decoder_input = tf.concat([go, target[:, :-1]], axis=1)
        return prompt_tokens, decoder_input, target, tf.gather(known, reply)  # PAD is 0

    return pad  # type: ignore[no-any-return]  # as above


def _ahead(pad: Callable[[Rows, Rows], Batch], plan: Iterator[tuple[Rows, Rows]]) -> Iterator[Batch]:
    """Yield batches that a thread makes ready while steps run."""
    with ThreadPoolExecutor(1) as worker:
        ready = deque(worker.submit(pad, *rows) for rows in islice(plan, _PREFETCHED))
        while ready:
            batch = ready.popleft().result()
            ready.extend(worker.submit(pad, *rows) for rows in islice(plan, 1))
            yield batch
