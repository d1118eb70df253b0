"""The word vectors of a run: those of a file, those that a bot has learned, or those of the bundle it begins with.

A new bot of few phrasings has those of the program, unless the user asks for others or for none.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

from chatbot import bundle
from chatbot.bundle import Bundle
from chatbot.corpus import Corpus
from chatbot.corpus.reading.word_vector_file import read_word_vectors
from chatbot.inference.word_vectors import WordVectors, most_words, terms_in, words_in
from chatbot.runs.events import Observer
from chatbot.text import fold
from chatbot.training.setup.job import TrainingJob
from chatbot.training.setup.learned_word_vectors import learned_word_vectors
from chatbot.training.setup.shipped_word_vectors import needs_word_vectors, shipped_word_vectors

Floats = npt.NDArray[np.float32]


def choose_word_vectors(corpus: Corpus, job: TrainingJob, observer: Observer) -> WordVectors | None:
    """Choose the word vectors, before the time for training is spent.

    The words of the training prompts are kept, and the most frequent ones: words of held-out prompts are found as those
    of other people will be.

    Args:
        corpus: The pairs.
        job: Names the file or the bot whose vectors they are, or the bundle.
        observer: Told where they come from, and of words that are missing there.

    Returns:
        The vectors; None where there are none, and in a process that writes no bundle.

    Raises:
        CorpusError: See `read_word_vectors`.
        BundleError: Those of the bundle are damaged; see also `learned_word_vectors`.
    """
    if job.folder is None:
        return None
    if job.vectors is None:
        source = job.init_from or job.base
        kept = None if source is None else _kept(Bundle.open(source))
        wanted = job.shipped_vectors and job.init_from is None
        if kept is not None or not (wanted and needs_word_vectors(corpus, job.training.known_replies)):
            return kept
    texts = [fold(pair.prompt) for pair in corpus.sample]
    found = shipped_word_vectors(texts) if job.vectors is None else _read(job.vectors, texts, observer)
    if found is None:
        return None
    vectors, words = WordVectors.fit(found, texts), {word for text in texts for word in words_in(text)}
    known = vectors.count_known(words)
    if 2 * known < len(words):
        if job.vectors is None:
            return None
        observer.warned(f"{job.vectors}: has {known:,} of the {len(words):,} words in the prompts; another language?")
    observer.stage(
        f"keeping the vectors of {len(vectors):,} words, with {known:,} of the {len(words):,} in the prompts"
    )
    return vectors


def _read(path: Path, texts: Sequence[str], observer: Observer) -> Mapping[str, tuple[int, Floats]]:
    """The vectors of a file, or of the bot in a folder."""
    observer.stage(f"reading {path}")
    terms = {term for text in texts for term in terms_in(text)}
    if path.is_dir():
        return learned_word_vectors(Bundle.open(path), terms, most_words)
    return read_word_vectors(path, terms, most_words)


def _kept(opened: Bundle) -> WordVectors | None:
    file = opened.files.get(bundle.WORD_VECTORS)
    return None if file is None else WordVectors.load(file)
