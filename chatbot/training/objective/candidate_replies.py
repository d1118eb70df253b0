"""Candidate replies: the objective for a corpus whose prompts share a set of replies.

Beside teacher forcing, the model learns which of the known replies a prompt gets, as a classifier
over all of them, and, where the corpus has topics, which topic that reply is of. The layers are the
reply memory (`chatbot.training.models.reply_memory`).

Reference: Henderson et al. (2017), "Efficient Natural Language Response Suggestion for Smart Reply",
for choosing among candidate replies; with a softmax over all of them rather than over those of the
batch, since there are some hundreds.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

import numpy as np
import tensorflow as tf

from chatbot.corpus import Pair
from chatbot.corpus.reply_set import MOST_REPLIES, is_reply_set
from chatbot.tokenizer import Tokenizer
from chatbot.training.data.piece_ngrams import SubwordNgrams
from chatbot.training.data.ragged import Tokens
from chatbot.training.data.tokenized_pairs import TokenizedPairs
from chatbot.training.models.reply_memory import initialize_bag, initialize_topics
from chatbot.training.objective.base_objective import Objective
from chatbot.training.type_aliases import KerasModel, Tensor

#: The label of a pair whose reply is no candidate, and of rows that only fill a replica's share.
UNKNOWN = -1


class CandidateReplies(Objective):
    """The choice among the known replies of a corpus, learned beside teacher forcing."""

    label_signature = (tf.TensorSpec((None,), tf.int32),)

    def __init__(
        self, replies: Sequence[str], ngrams: SubwordNgrams | None = None, topics: Tokens | None = None
    ) -> None:
        """Take what is known of the corpus.

        Args:
            replies: The known replies, in the order of the reply memory.
            ngrams: Of the vocabulary, from which the bag of tokens begins; None if it has none.
            topics: (known replies,) int32, the topic of each; None if no two replies share one.
        """
        self._numbers = {reply: number for number, reply in enumerate(replies)}
        self._ngrams = ngrams
        self._topics = topics

    @classmethod
    def of(cls, tokenizer: Tokenizer, replies: Sequence[str], topics: Mapping[str, str]) -> "CandidateReplies":
        """The objective of a corpus.

        Args:
            tokenizer: Of the model.
            replies: The known replies, in the order of the reply memory.
            topics: By reply; a reply without one is a topic of its own.
        """
        return cls(replies, SubwordNgrams.of(tokenizer), number_topics(replies, topics))

    def labels(self, pairs: Sequence[Pair]) -> tuple[Tokens, ...]:
        """The number of each pair's reply among the known ones, or `UNKNOWN`; see `Objective.labels`."""
        return (np.array([self._numbers.get(pair.reply, UNKNOWN) for pair in pairs], np.int32),)

    def initialize(self, model: KerasModel, data: TokenizedPairs) -> None:
        """Make the first vectors similar for pieces that share n-grams, and for those of the same topics."""
        if self._ngrams is not None:
            initialize_bag(model, self._ngrams)
        (replies,) = data.labels
        topics = np.arange(len(self._numbers), dtype=np.int32) if self._topics is None else self._topics
        initialize_topics(model, data.prompts, np.where(replies >= 0, topics[replies], UNKNOWN), topics)

    def loss(self, outputs: Mapping[str, Tensor], *labels: Tensor) -> Tensor:
        """The nats of the recorded replies and of their topics, of each view of the prompt and of all together.

        A reply counts as much as a token does in teacher forcing, and so does a topic.
        """
        (replies,) = labels
        return tf.add_n([tf.reduce_sum(candidate_nats(scores, replies, self._topics)) for scores in outputs["scores"]])

    def exact_rows(self, outputs: Mapping[str, Tensor], generated: Tensor, *labels: Tensor) -> Tensor:
        """Tell which rows get exactly their reply: a known one if it is the likeliest, see `Objective.exact_rows`."""
        (replies,) = labels
        chosen = tf.equal(tf.argmax(outputs["scores"][0], axis=-1, output_type=tf.int32), replies)
        return tf.where(replies >= 0, chosen, generated)


def choose_known_replies(blocks: Iterable[Sequence[Pair]], most: int | None) -> tuple[str, ...]:
    """All replies of a corpus, the most frequent first; none if they are no set to choose from.

    Open dialogue has nearly as many replies as prompts; no more of it is read than it takes to see that.

    Args:
        blocks: The pairs of the corpus.
        most: Largest number of replies; None is that of a set, and leaves the rest to `is_reply_set`, too.
    """
    limit = MOST_REPLIES if most is None else most
    counts = Counter[str]()
    for block in blocks:
        counts.update(pair.reply for pair in block)
        if len(counts) > limit:
            return ()
    if len(counts) == 1 or (most is None and not is_reply_set(len(counts), counts.total())):
        return ()
    return tuple(sorted(counts, key=lambda reply: (-counts[reply], reply)))


def add_known_replies(known: Sequence[str], blocks: Iterable[Sequence[Pair]]) -> tuple[str, ...]:
    """Add the replies of a corpus to the known replies of a trained bot, which keep their numbers.

    Args:
        known: Those of the bot.
        blocks: The pairs of the corpus.

    Returns:
        The known replies and then the others, in their order; the known ones alone if there would be more than 4,096.
    """
    added = dict.fromkeys(known)
    for block in blocks:
        added.update(dict.fromkeys(pair.reply for pair in block))
        if len(added) > MOST_REPLIES:
            return tuple(known)
    return tuple(added)


def number_topics(known_replies: Sequence[str], topics: Mapping[str, str]) -> Tokens | None:
    """Number the topics of the known replies.

    Args:
        known_replies: The texts.
        topics: The topic of each reply that has one.

    Returns:
        (known replies,) int32, the topic of each; None if each has a topic of its own.
    """
    numbers: dict[tuple[bool, str], int] = {}
    named = [(reply in topics, topics.get(reply, reply)) for reply in known_replies]
    numbered = np.array([numbers.setdefault(name, len(numbers)) for name in named], np.int32)
    return numbered if len(numbers) < len(known_replies) else None


def candidate_nats(scores: Tensor, replies: Tensor, topics: Tokens | None) -> Tensor:
    """Nats of the recorded replies, and of their topics.

    Args:
        scores: (rows, known replies) float32, logits.
        replies: (rows,) int32, the recorded replies; rows with `UNKNOWN` do not count.
        topics: (known replies,) int32, or None.

    Returns:
        (rows that count,) float32.
    """
    is_known = replies >= 0
    scores, replies = tf.boolean_mask(scores, is_known), tf.boolean_mask(replies, is_known)
    nats = tf.nn.sparse_softmax_cross_entropy_with_logits(labels=replies, logits=scores)
    if topics is None:
        return nats
    # The probability of a topic is that of all its replies.
    same = tf.equal(tf.gather(topics, replies)[:, None], topics)
    of_topic = tf.reduce_logsumexp(tf.where(same, scores, scores.dtype.min), axis=-1)
    return nats + tf.reduce_logsumexp(scores, axis=-1) - of_topic
