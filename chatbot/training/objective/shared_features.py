"""What is alike in a corpus, so that what is learned of one thing tells something of another."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from chatbot.tokenizer import Tokenizer
from chatbot.training.data.ragged import Tokens
from chatbot.training.objective.subword_ngrams import SubwordNgrams


@dataclass(frozen=True)
class SharedFeatures:
    """What the training step knows of pieces and replies beside the pairs.

    Attributes:
        pieces: Their common n-grams, for the bag of the reply memory; None if there are none.
        topics: (known replies,) int32, the number of each one's topic; None if each is alone in its topic.
    """

    pieces: SubwordNgrams | None = None
    topics: Tokens | None = None

    @classmethod
    def of(cls, tokenizer: Tokenizer, known_replies: Sequence[str], topics: Mapping[str, str]) -> "SharedFeatures":
        """That of a corpus; nothing without known replies.

        Args:
            tokenizer: Of the model.
            known_replies: In the order of the reply memory.
            topics: By reply; one without stands alone.
        """
        if not known_replies:
            return cls()
        return cls(SubwordNgrams.of(tokenizer), number_topics(known_replies, topics))


def number_topics(known_replies: Sequence[str], topics: Mapping[str, str]) -> Tokens | None:
    """See `SharedFeatures.topics`."""
    numbers: dict[tuple[bool, str], int] = {}
    named = [(reply in topics, topics.get(reply, reply)) for reply in known_replies]
    numbered = np.array([numbers.setdefault(name, len(numbers)) for name in named], np.int32)
    return numbered if len(numbers) < len(known_replies) else None
