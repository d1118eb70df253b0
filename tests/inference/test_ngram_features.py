"""N-grams of prompts: which there are, what they weigh, and the file they are kept in."""

import zlib

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatbot.errors import BundleError
from chatbot.inference.ngram_features import NgramFeatures, PromptFeatures
from chatbot.inference.ngram_hashes import NgramCounts, hash_ngrams

PROMPTS = ["open today", "open tomorrow", "do you deliver"]


def test_a_prompt_has_two_vectors_of_length_one_words_with_pairs_and_characters():
    found = NgramFeatures.fit(NgramCounts.of(["open today"]), 100).of(["open today"])
    # open, today, "open today"; " open " has 5 + 4 + 3 + 2 parts of 2 to 5 characters, " today " 6 + 5 + 4 + 3.
    assert np.count_nonzero(found.numbers) == 3 + 14 + 18 == np.count_nonzero(found.weights)
    assert (found.weights**2).sum() == pytest.approx(2.0)


def hashes(*texts):
    return sorted(zlib.crc32(text.encode()) for text in texts)


def test_a_korean_prompt_has_the_letters_of_its_words_and_its_syllables_without_spaces():
    words, characters = hash_ngrams("밥 줘")
    of_rice = (
        "c \u1107\u1161",
        "c\u1107\u1161\u11b8",
        "c\u1161\u11b8 ",
        "c \u1107\u1161\u11b8",
        "c\u1107\u1161\u11b8 ",
    )
    assert sorted(characters) == hashes("s밥줘", *of_rice, "c \u110c\u116f", "c\u110c\u116f ", "c \u110c\u116f ")
    assert words.size == 0
    found = NgramFeatures.fit(NgramCounts.of(["밥 줘"]), 100).of(["밥 줘"])
    assert (found.weights**2).sum() == pytest.approx(1.0)


def test_korean_with_other_spaces_and_endings_shares_more_than_another_word():
    asked, together, other = (set(hash_ngrams(text)[1]) for text in ("밥은 먹었니", "밥은먹었어요", "잠은 잤니"))
    assert len(asked & together) > 2 * len(asked & other)


def test_other_words_of_a_korean_prompt_count_as_words():
    words, characters = hash_ngrams("pc방 open")
    assert sorted(words) == hashes("wopen")
    assert {*hashes("spc", "sc방", "spc방", "cope", "copen ")} <= {*characters.tolist()}


def test_a_rare_word_weighs_more_than_a_frequent_one():
    ngrams = NgramFeatures.fit(NgramCounts.of(PROMPTS), 100)
    alone = {word: ngrams.of([word]).numbers[0, 0] for word in ("open", "today")}
    found = ngrams.of(["open today"])
    weight = dict(zip(found.numbers[0].tolist(), found.weights[0].tolist(), strict=True))
    # 1 + ln(4 / 3) and 1 + ln(4 / 2)
    assert weight[alone["open"]] / weight[alone["today"]] == pytest.approx(1.28768 / 1.69315, abs=1e-4)


def test_what_no_training_prompt_has_weighs_nothing():
    found = NgramFeatures.fit(NgramCounts.of(PROMPTS), 100).of(["zzz", ""])
    assert not found.numbers.any()
    assert not found.weights.any()
    assert found.numbers.shape == (2, 32)


def test_the_n_grams_of_the_most_prompts_are_kept():
    ngrams = NgramFeatures.fit(NgramCounts.of(["a", "a", "a b"]), 2)
    assert len(ngrams) == 2
    assert np.count_nonzero(ngrams.of(["a"]).numbers) == 2, "the word, and the characters ' a' or 'a '"
    assert np.count_nonzero(ngrams.of(["b"]).numbers) == 0


def test_the_file_gives_the_same_features_and_the_same_bytes(tmp_path):
    ngrams = NgramFeatures.fit(NgramCounts.of(PROMPTS), 100)
    for name in ("one", "two"):
        ngrams.save(tmp_path / name)
    loaded = NgramFeatures.load(tmp_path / "one")
    assert (tmp_path / "one").read_bytes() == (tmp_path / "two").read_bytes()
    assert all(map(np.array_equal, loaded.of(PROMPTS), ngrams.of(PROMPTS)))


@pytest.mark.parametrize(
    "array", [np.zeros(3), np.array([(2, 1.0), (1, 1.0)], "<u4,<f4"), np.array([(1, np.nan)], "<u4,<f4"), None]
)
def test_another_file_is_refused(tmp_path, array):
    path = tmp_path / "ngrams.npy"
    if array is None:
        path.write_bytes(b"no array")
    else:
        if array.dtype.names:
            array.dtype.names = ("hash", "idf")
        np.save(path, array)
    with pytest.raises(BundleError, match=r"ngrams\.npy: not a table of n-grams"):
        NgramFeatures.load(path)


@given(st.lists(st.text(max_size=40), max_size=4))
def test_any_text_has_features_of_length_one_or_none(texts):
    found = NgramFeatures.fit(NgramCounts.of([*texts, "a"]), 1000).of(texts)
    lengths = (found.weights**2).sum(axis=1)
    assert all(min(abs(length - whole) for whole in (0, 1, 2)) < 1e-3 for length in lengths.tolist())
    assert ((found.numbers > 0) == (found.weights > 0)).all()


def test_tokens_have_the_features_of_their_text():
    ngrams = NgramFeatures.fit(NgramCounts.of(PROMPTS), 100)
    texts = {1: "open", 2: "today"}
    features = PromptFeatures(ngrams, lambda tokens: " ".join(texts[token] for token in tokens))
    found = features.inputs([[1, 2], [1]])
    expected = ngrams.of(["open today", "open"])
    assert np.array_equal(found["ngrams"], expected.numbers)
    assert np.array_equal(found["ngram_weights"], expected.weights)
