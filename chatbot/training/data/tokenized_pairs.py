"""Pairs as token ids, tokenized by tensorflow-text."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import tensorflow as tf
import tensorflow_text as tf_text

from chatbot.config import EOS, ModelConfig
from chatbot.corpus import Pair
from chatbot.inference.native_stderr import quiet_native_stderr
from chatbot.text import fold
from chatbot.tokenizer import Tokenizer
from chatbot.training.data.candidate_replies import number_replies
from chatbot.training.data.ragged import Ragged, Rows, Tokens

#: Ways to cut a prompt into tokens.
_WAYS = 16


class Size(NamedTuple):
    """Of some pairs: their number, the tokens of each side, and the most tokens of a pair."""

    pairs: int
    prompt_tokens: int
    target_tokens: int
    longest: int

    @classmethod
    def of_parts(cls, parts: Iterable["Size"]) -> "Size":
        """Of several together."""
        pairs, prompts, targets, longest = zip(*parts, strict=True)
        return cls(sum(pairs), sum(prompts), sum(targets), max(longest))


@dataclass(frozen=True)
class TokenizedPairs:
    """Pairs as token ids.

    Attributes:
        prompts: (pairs, tokens).
        targets: (pairs, tokens) replies, each with EOS at its end unless it was cut.
        known: (pairs,) int32, see `number_replies`.
    """

    prompts: Ragged
    targets: Ragged
    known: Tokens

    @classmethod
    def joined(cls, parts: Sequence["TokenizedPairs"]) -> "TokenizedPairs":
        """Several, one behind the other."""
        prompts, targets = (Ragged.joined(side) for side in zip(*(part.sides for part in parts), strict=True))
        return TokenizedPairs(prompts, targets, np.concatenate([part.known for part in parts]))

    def take(self, rows: Rows) -> "TokenizedPairs":
        """Some of the pairs, in the order asked for."""
        return TokenizedPairs(self.prompts.take(rows), self.targets.take(rows), self.known[rows])

    @property
    def sides(self) -> tuple[Ragged, Ragged]:
        """Prompts and targets."""
        return self.prompts, self.targets

    @property
    def size(self) -> Size:
        """How much that is."""
        prompts, targets = self.prompts.lengths, self.targets.lengths
        return Size(len(prompts), int(prompts.sum()), int(targets.sum()), int((prompts + targets).max()))


@dataclass(frozen=True)
class Tokenized(TokenizedPairs):
    """Pairs as token ids, and what became of their texts.

    Attributes:
        truncated: Pairs of which a side was cut.
        reply_bytes: UTF-8 bytes of what the targets say, EOS counted as one byte.
    """

    truncated: int
    reply_bytes: int


def tokenize(
    pairs: Sequence[Pair], tokenizer: Tokenizer, config: ModelConfig, known_replies: Sequence[str] = ()
) -> Tokenized:
    """Tokenize pairs, cutting prompts and replies to the model's longest."""
    with quiet_native_stderr():  # tensorflow-text announces that it does not normalize
        pieces = tf_text.SentencepieceTokenizer(model=tokenizer.model, out_type=tf.int32)
    texts = tf.constant([pair.reply for pair in pairs])
    prompts = pieces.tokenize(tf.constant([fold(pair.prompt) for pair in pairs]))
    targets = tf.concat([pieces.tokenize(texts), tf.fill([len(pairs), 1], EOS)], axis=1)
    kept_prompts, kept_targets = prompts[:, config.prompt_window], targets[:, : config.max_reply_tokens]
    cut_prompt, cut_reply = (
        (whole.row_lengths() > kept.row_lengths()).numpy()
        for whole, kept in ((prompts, kept_prompts), (targets, kept_targets))
    )
    said = np.where(cut_reply, 0, tf.strings.length(texts).numpy() + 1).sum()
    left = (tokenizer.decode(kept_targets[row].numpy().tolist()) for row in np.flatnonzero(cut_reply))
    return Tokenized(
        prompts=Ragged.of(kept_prompts),
        targets=Ragged.of(kept_targets),
        known=number_replies(pairs, known_replies),
        truncated=int((cut_prompt | cut_reply).sum()),
        reply_bytes=int(said) + sum(len(text.encode()) for text in left),
    )


@dataclass(frozen=True)
class Segmentations:
    """Several ways to cut each prompt into tokens, for subword regularization.

    Reference: Kudo (2018), "Subword Regularization", section 3.2, with the n best drawn evenly.

    Attributes:
        prompts: (ways of all pairs in turn, tokens), the best of a pair first.
        starts: (pairs + 1,) where the ways of a pair begin.
        share: Of the prompts of a batch that are cut in another way than the best.
    """

    prompts: Ragged
    starts: Rows
    share: float

    def draw(self, rows: Rows, rng: np.random.Generator) -> Rows:
        """Choose a way for each of some pairs: rows of `prompts`."""
        first, others = self.starts[rows], self.starts[rows + 1] - self.starts[rows] - 1
        other = 1 + (rng.random(len(rows)) * others).astype(np.int64)
        differs = (rng.random(len(rows)) < self.share) & (others > 0)
        return np.where(differs, first + other, first)


@dataclass(frozen=True)
class Segmenter:
    """Cuts prompts in several ways each.

    Attributes:
        tokenizer: Whose prompts they are.
        config: Of the model that reads them.
        share: See `Segmentations`.
    """

    tokenizer: Tokenizer
    config: ModelConfig
    share: float

    def segment(self, prompts: Ragged) -> Segmentations:
        """The ways to cut the prompts of some pairs."""
        values: list[Tokens] = []
        lengths: list[int] = []
        counts: list[int] = []
        for prompt in prompts.to_list():
            ways = self.tokenizer.segmentations(self.tokenizer.decode(prompt), _WAYS)
            kept = [way[self.config.prompt_window] for way in ways]
            values.append(np.concatenate(kept, dtype=np.int32))
            lengths += map(len, kept)
            counts.append(len(kept))
        starts = np.concatenate([[0], np.cumsum(counts)])
        return Segmentations(Ragged(np.concatenate(values), np.array(lengths, np.int64)), starts, self.share)
