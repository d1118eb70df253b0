"""A tokenized corpus as training data: its shards, the prefixes of its targets, and the number of its batches."""

from functools import lru_cache
from typing import NamedTuple

import numpy as np

from chatbot.corpus.unique_reply_prefixes import ReplyPrefixes
from chatbot.training.data.ragged import Tokens
from chatbot.training.data.shuffle_shards import Shards
from chatbot.training.data.tokenized_pairs import Size, Tokenized, TokenizedPairs


class TrainingShard(NamedTuple):
    """The pairs of a shard, and the prefixes of their targets."""

    data: TokenizedPairs
    prefixes: ReplyPrefixes


class TrainingData:
    """A tokenized corpus, and how many of its tokens an epoch has.

    Attributes:
        size: Of the corpus, with whole replies.
        truncated: Pairs of which a side was truncated.
        sample: The first shard; all pairs if there is only one.
    """

    def __init__(self, shards: Shards, whole_replies: int, *, chosen: bool = False) -> None:
        """Find the prefixes of the first shard, which stands for all.

        Args:
            shards: The tokenized pairs.
            whole_replies: See `TrainingConfig.whole_replies`.
            chosen: Whether a reply memory chooses the replies; the first labels are their numbers then, below 0 of one
                that it does not know.
        """
        self._shards = shards
        self._whole_replies, self._chosen = whole_replies, chosen
        self.size = Size.of_parts(shards.sizes)
        self.truncated = shards.truncated
        # With a single shard, every epoch takes it from this cache.
        self.load = lru_cache(maxsize=1)(self._load)
        self.sample, of_sample = self.load(0)
        # Shards are alike: the share of the target tokens that an epoch has is the same in each.
        self._kept_share = of_sample.tokens / shards.sizes[0].target_tokens

    @classmethod
    def of(cls, data: Tokenized, whole_replies: int, *, chosen: bool = False) -> "TrainingData":
        """The training data of a corpus in memory. See `TrainingData`."""
        return cls(Shards.of(data), whole_replies, chosen=chosen)

    @property
    def target_tokens(self) -> float:
        """Expected number of target tokens in an epoch."""
        return self._kept_share * self.size.target_tokens

    @property
    def tokens(self) -> int:
        """Expected number of tokens in an epoch, both sides."""
        return round(self.size.prompt_tokens + self.target_tokens)

    @property
    def reply_tokens(self) -> Tokens | None:
        """(tokens,) int32 in order, those that any target has, where a reply memory chooses; None if any may be said.

        None as well if the targets are not all in memory.
        """
        return np.unique(self.sample.targets.values) if self._chosen and len(self._shards.sizes) == 1 else None

    def count_batches(self, batch_tokens: int) -> int:
        """The number of batches in every epoch, from the tokens of a batch."""
        return sum(self.count_by_shard(batch_tokens))

    def count_by_shard(self, batch_tokens: int) -> list[int]:
        """The number of batches of each shard, from the tokens of a batch."""
        return [count_batches(size, self._kept_share, batch_tokens) for size in self._shards.sizes]

    def _load(self, number: int) -> TrainingShard:
        data = self._shards.load(number)
        scale = self.size.pairs / len(data.targets.lengths)
        keys = data.targets.to_keys()
        # A reply that the memory does not know is learned by the decoder alone.
        chosen = data.labels[0] >= 0 if self._chosen else False
        return TrainingShard(data, ReplyPrefixes.of(keys, self._whole_replies, scale, chosen=chosen))


def count_batches(size: Size, kept_share: float, batch_tokens: int) -> int:
    """The number of batches of some pairs.

    Args:
        size: Of the pairs.
        kept_share: Share of the target tokens that an epoch has.
        batch_tokens: Tokens of a batch, of both sides.
    """
    tokens = round(size.prompt_tokens + kept_share * size.target_tokens)
    return max(1, min(size.pairs, tokens // max(batch_tokens, size.longest)))
