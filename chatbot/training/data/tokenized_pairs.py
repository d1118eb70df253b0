"""Pairs as token ids, tokenized by tensorflow-text."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import tensorflow as tf
import tensorflow_text as tf_text

from chatbot.config import EOS, ModelConfig
from chatbot.corpus import Pair
from chatbot.inference.litert.native_stderr import quiet_native_stderr
from chatbot.text import fold
from chatbot.tokenizer import Tokenizer
from chatbot.training.data.ragged import Ragged, Rows, Tokens


class Size(NamedTuple):
    """The size of some pairs: their number, the tokens of each side, and the most tokens of a pair."""

    pairs: int
    prompt_tokens: int
    target_tokens: int
    longest: int

    @classmethod
    def of_parts(cls, parts: Iterable["Size"]) -> "Size":
        """The size of several parts together."""
        pairs, prompts, targets, longest = zip(*parts, strict=True)
        return cls(sum(pairs), sum(prompts), sum(targets), max(longest))


@dataclass(frozen=True)
class TokenizedPairs:
    """Pairs as token ids.

    Attributes:
        prompts: (pairs, tokens).
        targets: (pairs, tokens) replies, each with EOS at its end unless it was truncated.
        labels: Arrays of (pairs,) int32 for an objective beside teacher forcing; none for open dialogue.
    """

    prompts: Ragged
    targets: Ragged
    labels: tuple[Tokens, ...] = ()

    @classmethod
    def joined(cls, parts: Sequence["TokenizedPairs"]) -> "TokenizedPairs":
        """Concatenate the pairs of several parts.

        Returns:
            All pairs.
        """
        prompts, targets = (Ragged.joined(side) for side in zip(*(part.sides for part in parts), strict=True))
        labels = zip(*(part.labels for part in parts), strict=True)
        return TokenizedPairs(prompts, targets, tuple(map(np.concatenate, labels)))

    def take(self, rows: Rows) -> "TokenizedPairs":
        """Select pairs.

        Args:
            rows: (selected,) int64 indices, in any order.

        Returns:
            The selected pairs, in the order of the indices.
        """
        labels = tuple(label[rows] for label in self.labels)
        return TokenizedPairs(self.prompts.take(rows), self.targets.take(rows), labels)

    @property
    def sides(self) -> tuple[Ragged, Ragged]:
        """Prompts and targets."""
        return self.prompts, self.targets

    @property
    def size(self) -> Size:
        """Their number and their tokens."""
        prompts, targets = self.prompts.lengths, self.targets.lengths
        return Size(len(prompts), int(prompts.sum()), int(targets.sum()), int((prompts + targets).max()))


@dataclass(frozen=True, kw_only=True)
class Tokenized(TokenizedPairs):
    """Pairs as token ids, with figures about their texts.

    Attributes:
        truncated: Pairs of which a side was truncated.
        reply_bytes: UTF-8 bytes of the targets as text, EOS counted as one byte.
    """

    truncated: int
    reply_bytes: int


def tokenize(
    pairs: Sequence[Pair], tokenizer: Tokenizer, config: ModelConfig, labels: tuple[Tokens, ...] = ()
) -> Tokenized:
    """Tokenize pairs, truncating prompts and replies to the longest that the model reads.

    Args:
        pairs: With normalized texts.
        tokenizer: Of the model.
        config: Shape of the model.
        labels: Of the pairs, see `TokenizedPairs`.

    Returns:
        The tokenized pairs, with the number of those that were truncated.
    """
    with quiet_native_stderr():  # tensorflow-text announces that it does not normalize
        pieces = tf_text.SentencepieceTokenizer(model=tokenizer.model, out_type=tf.int32)
    texts = tf.constant([pair.reply for pair in pairs])
    prompts = pieces.tokenize(tf.constant([fold(pair.prompt) for pair in pairs]))
    targets = tf.concat([pieces.tokenize(texts), tf.fill([len(pairs), 1], EOS)], axis=1)
    kept_prompts, kept_targets = prompts[:, config.prompt_window], targets[:, : config.max_reply_tokens]
    prompt_truncated, reply_truncated = (
        (whole.row_lengths() > kept.row_lengths()).numpy()
        for whole, kept in ((prompts, kept_prompts), (targets, kept_targets))
    )
    whole_bytes = np.where(reply_truncated, 0, tf.strings.length(texts).numpy() + 1).sum()
    truncated_texts = (tokenizer.decode(kept_targets[row].numpy().tolist()) for row in np.flatnonzero(reply_truncated))
    return Tokenized(
        prompts=Ragged.of(kept_prompts),
        targets=Ragged.of(kept_targets),
        labels=labels,
        truncated=int((prompt_truncated | reply_truncated).sum()),
        reply_bytes=int(whole_bytes) + sum(len(text.encode()) for text in truncated_texts),
    )
