"""Word vectors that a bot has learned: those of its bag of tokens.

The reply memory of a bot with many topics has vectors of tokens that are alike where the tokens speak for the same
topics. The vector of a word is the sum of those of its pieces, as the bag of a prompt is.
"""

from collections import Counter
from collections.abc import Callable, Collection

import numpy as np
import numpy.typing as npt

from chatbot.bundle import Bundle
from chatbot.errors import BundleError
from chatbot.inference.word_vectors import words_in
from chatbot.training.models.reply_memory import BAG
from chatbot.training.setup.initial_model import recorded_pairs
from chatbot.training.setup.trained_model import TrainedModel

#: Pieces of a word at most: one that is cut into more is a word that the bot does not know.
_MOST_PIECES = 3

Floats = npt.NDArray[np.float32]


def learned_word_vectors(
    opened: Bundle, words: Collection[str], most: Callable[[int], int]
) -> dict[str, tuple[int, Floats]]:
    """Take the vectors of some words, and those of the most frequent ones of a bot's prompts.

    Args:
        opened: The bundle of the bot.
        words: The words that are wanted, in lower case.
        most: From the numbers in a vector to the number of frequent words that are wanted, too.

    Returns:
        The place of each word by frequency, from 1, and its vector (numbers,), by the word; only words of pieces that
        the bot knows.

    Raises:
        BundleError: The bundle is damaged, or is that of a bot without a reply memory.
    """
    trained = TrainedModel.of(opened, "--vectors")
    if not trained.config.known_replies:
        raise BundleError(f"{opened.path}: has no word vectors, as it has no set of known replies; take another bot")
    table = trained.build(0.0).get_layer(BAG).embeddings.numpy()
    said = Counter(word for pair in recorded_pairs(opened) or () for word in words_in(pair.prompt))
    frequent = [word for word, _ in said.most_common(most(table.shape[1]))]
    found = {}
    for rank, word in enumerate(dict.fromkeys([*frequent, *sorted(words)]), 1):
        ids = trained.tokenizer.encode(word)
        if 0 < len(ids) <= _MOST_PIECES and not any(map(trained.tokenizer.is_byte, ids)):
            found[word] = rank, np.asarray(table[ids].sum(axis=0) / np.sqrt(len(ids)), np.float32)
    if not found:
        raise BundleError(f"{opened.path}: knows none of the words in the prompts; take a bot of the same language")
    return found
