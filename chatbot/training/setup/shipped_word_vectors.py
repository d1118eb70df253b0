"""The word vectors that the program has by itself, for the bots that need them: those of few phrasings, in English.

They are of the words in the shipped English corpus, and say in prompts of which topics each word occurs.
`benchmarks/word_vectors.py` makes the file; docs/log.md has what they bring, and from how many phrasings on nothing.
"""

from collections.abc import Collection
from pathlib import Path

import numpy as np
import numpy.typing as npt

from chatbot.corpus import Corpus
from chatbot.corpus.reading.word_vector_file import read_word_vectors
from chatbot.corpus.reply_set import is_reply_set
from chatbot.inference.word_vectors import most_words

#: The file, in word2vec's binary form.
SHIPPED = Path(__file__).with_name("word_vectors") / "english.bin.gz"
#: Phrasings of a reply on average, and pairs, up to which word vectors bring something.
_FEW_PHRASINGS, _FEW_PAIRS = 30, 20_000

Floats = npt.NDArray[np.float32]


def needs_word_vectors(corpus: Corpus) -> bool:
    """Whether the replies of a corpus are a set with so few phrasings that people will type many other words.

    Args:
        corpus: The pairs.
    """
    replies = len({pair.reply for pair in corpus.sample})
    few = corpus.count <= min(_FEW_PAIRS, _FEW_PHRASINGS * replies)
    return few and is_reply_set(replies, corpus.count)


def shipped_word_vectors(words: Collection[str]) -> dict[str, tuple[int, Floats]] | None:
    """The vectors of all words that have one.

    Args:
        words: Of the prompts, in lower case.

    Returns:
        See `read_word_vectors`; None if fewer than half of the words have one: they are of another language.
    """
    found = read_word_vectors(SHIPPED, words, most_words)
    return found if 2 * sum(word in found for word in words) >= len(words) else None
