"""Files of word vectors in each form, and what is said of others."""

import gzip
import struct
from contextlib import suppress

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chatbot.corpus.reading.word_vector_file import read_word_vectors
from chatbot.errors import CorpusError

WORDS = {"the": [1.0, 0.0, -2.0], "cake": [0.5, 0.25, 4.0], "bicycle": [0.0, 0.0, 1e-3]}


def line(word):
    return f"{word} {' '.join(map(str, WORDS[word]))}\n"


def binary(words, end=b""):
    return b"".join(word.encode() + b" " + struct.pack("<3f", *words[word]) + end for word in words)


TEXT = "".join(map(line, WORDS)).encode()
FORMS = {
    "GloVe": TEXT,
    "GloVe with Windows' line ends": TEXT.replace(b"\n", b"\r\n"),
    "GloVe with a byte-order mark": b"\xef\xbb\xbf" + TEXT,
    "word2vec's text": b"3 3\n" + TEXT,
    "fastText, with a space at the ends": b"3 3\n" + TEXT.replace(b"\n", b" \n"),
    "word2vec's binary": b"3 3\n" + binary(WORDS),
    "word2vec's binary with line ends": b"3 3\n" + binary(WORDS, b"\n"),
}


def read(tmp_path, content, words=(), most=100):
    path = tmp_path / "vectors"
    path.write_bytes(content)
    return read_word_vectors(path, words, lambda _: most)


@pytest.mark.parametrize("pack", [bytes, gzip.compress], ids=["plain", "gz"])
@pytest.mark.parametrize("form", FORMS)
def test_each_form_gives_the_same_words(tmp_path, form, pack):
    found = read(tmp_path, pack(FORMS[form]))
    assert {word: rank for word, (rank, _) in found.items()} == {"the": 1, "cake": 2, "bicycle": 3}
    for word, (_, vector) in found.items():
        np.testing.assert_array_equal(vector, np.array(WORDS[word], np.float32))


def test_the_first_words_are_kept_and_those_that_are_asked_for(tmp_path):
    assert list(read(tmp_path, TEXT, most=1)) == ["the"]
    assert list(read(tmp_path, TEXT, ["bicycle", "unicycle"], most=1)) == ["the", "bicycle"]


def test_of_words_that_differ_by_capitals_the_more_frequent_one_counts(tmp_path):
    found = read(tmp_path, b"May 1 2\nmay 3 4\nMAY 5 6\n")
    assert {word: (rank, vector.tolist()) for word, (rank, vector) in found.items()} == {"may": (1, [1.0, 2.0])}


def test_a_word_may_have_spaces(tmp_path):
    assert list(read(tmp_path, b"the 1 2\n. . . 3 4\nat home 5 6\n")) == ["the", ". . .", "at home"]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", r"vectors:1: a vector of 0 numbers, not 2 to 1,024"),
        (b"how are you\tfine\n", r"vectors:1: could not convert .*are"),
        (b"the 1 2\ncake 1\n", r"vectors:2: 1 numbers, where the first word has 2"),
        (b"the 1 2\ncake 1 2 3\n", r"vectors:2: 3 numbers, where the first word has 2"),
        (b"2 3\nthe 1 2 3\ncake 1 2\n", r"vectors:3: 2 numbers, where the first word has 3"),
        (b"the 1 2\ncake 1 x\n", r"vectors:2: could not convert string to float"),
        (b"the 1 2\ncake 1 nan\n", r"vectors:2: a number that is not finite"),
        (b"the 1 2\n\xff\xfe 1 2\n", r"vectors:2: a word that is not UTF-8"),
        (b"3 2000000\nthe 1 2\n", r"vectors:1: a vector of 2,000,000 numbers"),
        (b"3 3\n" + binary(WORDS)[:-1], r"vectors: byte 56: ends after 2 of 3 words; fetch it again"),
        (b"9 3\n" + binary(WORDS), r"vectors: byte 57: ends after 3 of 9 words"),
        (b"3 3\n" + binary({"the": [1, float("inf"), 2]}), r"vectors: byte 4: a number that is not finite"),
        (b"1 3\n\xff\xfe " + struct.pack("<3f", 1, 2, 3), r"vectors: byte 4: a word that is not UTF-8"),
        (b"1 3\n" + b"x" * 5000, r"vectors: byte 4: no word here"),
        (b"the 1 2\n" + b"1" * 100_000, r"vectors:2: longer than 65,536 bytes"),
    ],
)
def test_another_file_is_refused_with_the_place(tmp_path, content, message):
    with pytest.raises(CorpusError, match=message):
        read(tmp_path, content)


def test_a_damaged_or_missing_file_is_named(tmp_path):
    with pytest.raises(CorpusError, match=r"vectors: damaged gzip file"):
        read(tmp_path, gzip.compress(TEXT)[:-9])
    with pytest.raises(CorpusError, match=r"none: no such file"):
        read_word_vectors(tmp_path / "none", (), lambda _: 1)


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=60), st.sampled_from([b"", b"2 2\n", b"9 3\nthe 1 2 3\n", b"1 2\na "]))
def test_any_bytes_are_read_or_refused(tmp_path_factory, content, before):
    with suppress(CorpusError):
        found = read(tmp_path_factory.mktemp("any"), before + content)
        assert len({vector.shape for _, vector in found.values()}) == 1
