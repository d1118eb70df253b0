"""Word vectors: what prompts are near each other, how many words are kept, and the file they are kept in."""

import hashlib
import math
import zlib

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatbot.errors import BundleError
from chatbot.inference.word_vectors import FEATURES, WordVectors, most_words, terms_in

RNG = np.random.default_rng(3)
BREAD, MONEY, GRAMMAR = np.eye(24, dtype=np.float32)[:3] * 5
MEANINGS = {"bread": BREAD, "loaf": BREAD, "roll": BREAD, "price": MONEY, "cost": MONEY, "the": GRAMMAR, "of": GRAMMAR}
#: Of the words, the grammatical ones are the most frequent.
RANKS = {word: 1 if word in ("the", "of") else 5000 + number for number, word in enumerate(MEANINGS)}
WORDS = {
    word: (RANKS[word], (meaning + RNG.normal(0, 0.3, 24)).astype(np.float32)) for word, meaning in MEANINGS.items()
}
PROMPTS = ["the bread", "the price"]


@pytest.fixture(scope="module")
def vectors():
    return WordVectors.fit(WORDS, PROMPTS)


def kernel(vectors, one, other):
    first, second = vectors.of([one, other])
    return float(first @ second)


def test_words_of_like_use_make_prompts_alike_that_share_none(vectors):
    assert kernel(vectors, "bread", "a loaf") > 0.8
    assert kernel(vectors, "the price", "of cost") > 0.8
    assert kernel(vectors, "bread", "cost") < 0.3


def test_the_terms_of_a_text_are_its_words_and_the_pairs_of_syllables():
    assert list(terms_in("a cake, please")) == ["a", "cake", "please"]
    assert list(terms_in("밥 먹었어?")) == ["밥", "^밥", "먹었어", "^먹", "먹었", "었어"]
    assert list(terms_in("영업 kg당")) == ["영업", "^영", "kg당", "^k", "kg", "g당"]
    assert list(terms_in("東京へ")) == ["東京へ", "^東", "東京", "京へ"]


def test_frequent_words_count_little(vectors):
    assert kernel(vectors, "bread", "the bread of the") > 0.95


def test_the_features_give_a_gaussian_kernel():
    numbers = 50
    words = {f"w{number}": (9999, vector) for number, vector in enumerate(RNG.normal(size=(200, numbers)))}
    vectors = WordVectors.fit(words, [])
    table = vectors._table
    rows = table["vector"] * table["scale"][:, None]
    rows = rows / np.linalg.norm(rows, axis=1, keepdims=True)
    places = [vectors._find([word])[0] for word in words]
    distances = ((rows[places][:, None] - rows[places][None]) ** 2).sum(axis=2)
    found = vectors.of(list(words))
    difference = found @ found.T - np.exp(-distances / 2)
    assert np.abs(difference).max() < 0.15
    assert np.sqrt((difference**2).mean()) < 0.03


def test_a_text_without_a_word_that_has_a_vector_has_no_features(vectors):
    found = vectors.of(["zzz", "", "bread zzz"])
    assert found.shape == (3, FEATURES)
    assert not found[:2].any()
    assert np.linalg.norm(found[2]) == pytest.approx(1, abs=1e-5)
    assert vectors.of([]).shape == (0, FEATURES)


def test_the_words_of_the_prompts_are_kept_then_the_most_frequent_ones_in_bounded_space(tmp_path):
    numbers = 300
    many = {f"w{rank}": (rank, np.array([rank % 7, 1] * (numbers // 2), np.float32)) for rank in range(1, 20_000)}
    vectors = WordVectors.fit(many, ["w19999 w19998"])
    assert len(vectors) == most_words(numbers) < 20_000
    assert vectors.count_known(["w1", "w19998", "w19000"]) == 2
    vectors.save(tmp_path / "vectors")
    assert (tmp_path / "vectors").stat().st_size < 4_100_000


def test_the_file_gives_the_same_features_and_the_same_bytes(tmp_path, vectors):
    for name in ("one", "two"):
        vectors.save(tmp_path / name)
    assert (tmp_path / "one").read_bytes() == (tmp_path / "two").read_bytes()
    assert np.array_equal(WordVectors.load(tmp_path / "one").of(PROMPTS), vectors.of(PROMPTS))


ENTRY = np.dtype([("hash", "<u4"), ("scale", "<f4"), ("vector", "i1", (2,))])


@pytest.mark.parametrize(
    "array",
    [
        np.zeros(3),
        np.zeros(0, ENTRY),
        np.zeros((2, 2), ENTRY),
        np.array([(2, 0.5, (1, 1)), (1, 0.5, (1, 1))], ENTRY),
        np.array([(1, np.nan, (1, 1))], ENTRY),
        np.array([(1, -1, (1, 1))], ENTRY),
        np.array([(1, 1e30, (1, 1))], ENTRY),
        np.zeros(1, [("hash", "<u4"), ("scale", "<f4"), ("vector", "i1", (5000,))]),
        np.zeros(1, [("hash", "<u4"), ("scale", "<f4"), ("vector", "i1", (2, 2))]),
        np.zeros(1, [("hash", "<u4"), ("scale", "<f4"), ("vector", "<f4", (2,))]),
    ],
)
def test_another_file_is_refused(tmp_path, array):
    path = tmp_path / "word_vectors.npy"
    np.save(path, array)
    with pytest.raises(BundleError, match=r"word_vectors\.npy: not a table of word vectors"):
        WordVectors.load(path)


def test_a_header_that_says_more_than_there_is_takes_no_memory(tmp_path):
    path = tmp_path / "word_vectors.npy"
    np.save(path, np.array([(1, 0.5, (1, 1))], ENTRY))
    path.write_bytes(path.read_bytes().replace(b"(1,)", b"(9999999999,)").replace(b" " * 9 + b"\n", b"\n"))
    with pytest.raises(BundleError, match=r"not a table of word vectors \("):
        WordVectors.load(path)


@given(st.lists(st.text(max_size=40), max_size=4))
def test_any_text_has_features_of_length_one_or_none(texts):
    found = WordVectors.fit(WORDS, [*texts, "bread"]).of(texts)
    lengths = np.linalg.norm(found, axis=1)
    assert all(min(abs(length - whole) for whole in (0, 1)) < 1e-3 for length in lengths.tolist())


def follow_the_page(table, words):
    """The features of words as docs/reference/step-models.md tells them to those who write a program of their own."""
    numbers = table.dtype["vector"].shape[0]
    known = {entry["hash"]: float(entry["scale"]) * entry["vector"].astype(float) for entry in table}
    total = sum(
        (known[code] for code in (zlib.crc32(word.encode()) for word in words) if code in known), np.zeros(numbers)
    )
    if not total.any():
        return np.zeros(512)
    size = 8
    while size < numbers:
        size *= 2
    blocks = math.ceil(256 / size)
    bits = "".join(f"{byte:08b}" for byte in hashlib.shake_128(b"word vectors").digest(3 * blocks * size // 8))
    signs = [1 if bit == "1" else -1 for bit in bits]
    hadamard = np.ones((1, 1))
    while len(hadamard) < size:
        hadamard = np.block([[hadamard, hadamard], [hadamard, -hadamard]])
    products = []
    for block in range(blocks):
        row = np.concatenate([total / np.linalg.norm(total), np.zeros(size - numbers)])
        for turn in range(3):
            first = (3 * block + turn) * size
            row = hadamard @ (row * signs[first : first + size])
        products.extend(row / size)
    angles = np.array(products[:256])
    return np.concatenate([np.cos(angles), np.sin(angles)]) * math.sqrt(2 / 512)


@pytest.mark.parametrize("numbers", [5, 24, 128, 300])
def test_the_features_are_those_that_the_page_of_step_models_tells(tmp_path, numbers):
    words = {word: (rank, RNG.normal(0, 1, numbers).astype(np.float32)) for word, rank in RANKS.items()}
    vectors = WordVectors.fit(words, PROMPTS)
    vectors.save(tmp_path / "word_vectors.npy")
    table = np.load(tmp_path / "word_vectors.npy")
    for text in ("the price of bread, bread", "loaf", "nothing known"):
        expected = follow_the_page(table, text.replace(",", "").split())
        np.testing.assert_allclose(vectors.of([text])[0], expected, atol=2e-6)
