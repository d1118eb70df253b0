"""The word vectors that the program has by itself, for the bots that need them: those of few phrasings.

They are of the words in the shipped corpora, and say in prompts of which topics each word occurs.
`benchmarks/word_vectors.py` makes the files; docs/log.md has what they bring, and from how many phrasings on nothing.
"""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

from chatbot.corpus import Corpus
from chatbot.corpus.reading.word_vector_file import read_word_vectors
from chatbot.corpus.writing_systems import script_of
from chatbot.inference.word_vectors import most_words
from chatbot.training.objective.candidate_replies import choose_known_replies

#: The files, in word2vec's binary form, by the script of their words.
SHIPPED = {
    script: Path(__file__).with_name("word_vectors") / f"{language}.bin.gz"
    for script, language in (("Latin", "english"), ("Hangul", "korean"))
}
#: Phrasings of a reply on average, and pairs, up to which word vectors bring something.
_FEW_PHRASINGS, _FEW_PAIRS = 30, 20_000

Floats = npt.NDArray[np.float32]


def needs_word_vectors(corpus: Corpus, most_replies: int | None) -> bool:
    """Whether a bot will choose among replies with so few phrasings that people will type many other words.

    Args:
        corpus: The pairs.
        most_replies: See `choose_known_replies`.
    """
    replies = len({pair.reply for pair in corpus.sample})
    few = corpus.count <= min(_FEW_PAIRS, _FEW_PHRASINGS * replies)
    return few and bool(choose_known_replies([corpus.sample], most_replies))


def shipped_word_vectors(texts: Sequence[str]) -> dict[str, tuple[int, Floats]] | None:
    """The vectors of a language whose script most letters of some texts are of.

    Args:
        texts: In lower case.

    Returns:
        All of them, see `read_word_vectors`; None for a script of no such language.
    """
    file = SHIPPED.get(script_of("".join(texts)))
    return None if file is None else read_word_vectors(file, (), most_words)
