"""Word vectors from a corpus with topics, such as those that the program has by itself.

    python benchmarks/word_vectors.py corpora/dialogs.tsv chatbot/training/setup/word_vectors/english.bin.gz
    python benchmarks/word_vectors.py corpora/dialogs.ko.tsv chatbot/training/setup/word_vectors/korean.bin.gz

The vector of a word says in the prompts of which topics it occurs, so that words of like use are near each other
(`chatbot.training.data.latent_semantics`). The file is in word2vec's binary form, the most frequent words first, with
whole numbers from -7 to 7, which are as good as finer ones and compress well: only the direction of a vector counts
(`chatbot.inference.word_vectors`).
"""

import argparse
import gzip
import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

from chatbot.corpus.load import load_topics
from chatbot.inference.word_vectors import most_words, terms_in
from chatbot.text import fold
from chatbot.training.data.latent_semantics import LatentVectors
from chatbot.training.data.ragged import Ragged

#: Numbers of a vector, the largest of them, and prompts that a word is in at least.
NUMBERS, LARGEST, FEWEST = 128, 7, 2


def count_words(prompts: Sequence[str]) -> list[str]:
    """The terms of prompts, the most frequent first, as many as a bundle holds."""
    counts = Counter(word for prompt in prompts for word in set(terms_in(prompt)))
    words = sorted((word for word in counts if counts[word] >= FEWEST), key=lambda word: (-counts[word], word))
    return words[: most_words(NUMBERS)]


def fit(prompts: Sequence[str], topics: Sequence[str], words: Sequence[str]) -> npt.NDArray[np.int8]:
    """The vectors of words, (words, NUMBERS) int8."""
    places = {word: place for place, word in enumerate(words)}
    numbers = {topic: number for number, topic in enumerate(sorted(set(topics)))}
    rows = [[places[word] for word in terms_in(prompt) if word in places] for prompt in prompts]
    ragged = Ragged(np.array([place for row in rows for place in row], np.int32), np.array([*map(len, rows)], np.int64))
    columns = np.array([numbers[topic] for topic in topics], np.int32)
    vectors = LatentVectors.of(ragged, columns, (len(words), len(numbers)), NUMBERS).tokens
    whole: npt.NDArray[np.int8] = np.rint(LARGEST * vectors / np.abs(vectors).max(axis=1, keepdims=True)).astype(
        np.int8
    )
    return whole


def write(path: Path, words: Sequence[str], vectors: npt.NDArray[np.int8]) -> None:
    """Write a file in word2vec's binary form; the same words give the same bytes."""
    with path.open("wb") as raw, gzip.GzipFile(filename="", fileobj=raw, mode="wb", mtime=0) as file:
        file.write(f"{len(words)} {vectors.shape[1]}\n".encode())
        for word, vector in zip(words, vectors.astype("<f4"), strict=True):
            file.write(word.encode() + b" " + vector.tobytes())


def main() -> None:
    """Read, fit and write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("corpus", type=Path, help="with the topic of each pair in the third column")
    parser.add_argument("file", type=Path, help="to write, gzip-compressed")
    options = parser.parse_args()
    pairs, topics = load_topics(options.corpus, lambda problem: print(problem, file=sys.stderr))
    prompts = [fold(pair.prompt) for pair in pairs]
    words = count_words(prompts)
    vectors = fit(prompts, [topics.get(pair.reply, pair.reply) for pair in pairs], words)
    write(options.file, words, vectors)
    print(f"{len(words):,} words of {len(prompts):,} prompts, {options.file.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
