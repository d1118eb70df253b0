"""Pairs to padded batches of token ids, in `tf.data`, tokenized by tensorflow-text.

A batch is three int32 arrays: the prompt (rows, prompt length), the decoder's input and its
target (rows, reply length each). The target is the reply and EOS; the input is GO and the
reply, the target shifted by one, which is teacher forcing. PAD fills the rows behind.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from chatbot.config import EOS, GO, ModelConfig
from chatbot.corpus import Pair
from chatbot.quiet import quiet_native_stderr
from chatbot.tokenizer import Tokenizer
from chatbot.training.backend import tf, tf_text

#: Pairs whose longer side is below the same bound are batched together.
_BUCKET_BOUNDS = (8, 12, 16, 24, 32, 48, 64, 96)
#: Batches of pairs longer than this hold fewer of them, so that memory stays bounded.
_SHORT = 32
#: Batches made ready while a step runs; one takes a hundredth of a step.
_PREFETCHED = 4


@dataclass(frozen=True)
class TokenizedPairs:
    """A corpus as token ids, kept in memory after the first pass.

    Attributes:
        dataset: Elements are (prompt, target), int32 vectors without padding; the target ends
            with EOS unless the reply was cut.
        lengths: (pairs,) the longer side of each pair in tokens, after cutting.
        truncated: Pairs of which a side was cut.
    """

    dataset: Any
    lengths: np.ndarray[Any, np.dtype[np.int32]]
    truncated: int


def tokenize(pairs: Sequence[Pair], tokenizer: Tokenizer, config: ModelConfig) -> TokenizedPairs:
    """Tokenize a corpus, cutting prompts and replies to the model's longest."""
    with quiet_native_stderr():  # tensorflow-text announces that it does not normalize
        pieces = tf_text.SentencepieceTokenizer(model=tokenizer.model, out_type=tf.int32)

    def to_ids(prompt: Any, reply: Any) -> tuple[Any, Any, Any]:
        prompt_ids = pieces.tokenize(prompt)
        target = tf.concat([pieces.tokenize(reply), [EOS]], axis=0)
        longest_prompt, longest_target = config.max_prompt_tokens, config.max_reply_tokens
        cut = (tf.size(prompt_ids) > longest_prompt) | (tf.size(target) > longest_target)
        return prompt_ids[:longest_prompt], target[:longest_target], cut

    columns = tf.constant([pair.prompt for pair in pairs]), tf.constant([pair.reply for pair in pairs])
    rows = tf.data.Dataset.from_tensor_slices(columns)
    rows = rows.map(to_ids, num_parallel_calls=2).cache()
    facts = [(_longer(prompt, target), cut) for prompt, target, cut in rows.as_numpy_iterator()]
    lengths, cuts = zip(*facts, strict=True)
    dataset = rows.map(lambda prompt, target, _: (prompt, target))
    return TokenizedPairs(dataset, np.asarray(lengths, np.int32), sum(map(bool, cuts)))


def _longer(prompt: Any, target: Any) -> int:
    return max(len(prompt), len(target))


def choose_batch_size(pairs: int) -> int:
    """Pairs in a batch: small ones learn more in a minute, larger ones suit larger corpora."""
    return 16 if pairs < 10_000 else 32 if pairs < 50_000 else 64


def training_batches(data: TokenizedPairs, batch_size: int, seed: int) -> Any:
    """Shuffled, length-bucketed batches; each pass over the dataset is in another order."""
    shuffled = data.dataset.shuffle(len(data.lengths), seed=seed, reshuffle_each_iteration=True)
    return _bucketed(shuffled, batch_size)


def validation_batches(data: TokenizedPairs, batch_size: int) -> Any:
    """Length-bucketed batches in the same order at each pass."""
    return _bucketed(data.dataset, batch_size)


def count_batches(data: TokenizedPairs, batch_size: int) -> int:
    """Number of batches in a pass."""
    buckets = np.digitize(data.lengths, _BUCKET_BOUNDS)
    counts = np.bincount(buckets, minlength=len(_BUCKET_BOUNDS) + 1)
    sizes = _bucket_sizes(batch_size)
    return sum(math.ceil(count / size) for count, size in zip(counts.tolist(), sizes, strict=True))


def _bucket_sizes(batch_size: int) -> list[int]:
    longest = [*_BUCKET_BOUNDS, 2 * _BUCKET_BOUNDS[-1]]
    return [max(1, batch_size * _SHORT // max(_SHORT, bound)) for bound in longest]


def _bucketed(dataset: Any, batch_size: int) -> Any:
    batches = dataset.bucket_by_sequence_length(
        lambda prompt, target: tf.maximum(tf.size(prompt), tf.size(target)),
        bucket_boundaries=list(_BUCKET_BOUNDS),
        bucket_batch_sizes=_bucket_sizes(batch_size),
    )
    # Without autotuning: its thread, now and then, holds the end of a pass back for ten seconds.
    options = tf.data.Options()
    options.autotune.enabled = False
    return batches.map(_teacher_forcing).prefetch(_PREFETCHED).with_options(options)


def _teacher_forcing(prompt: Any, target: Any) -> tuple[Any, Any, Any]:
    go = tf.fill([tf.shape(target)[0], 1], GO)
    return prompt, tf.concat([go, target[:, :-1]], axis=1), target
