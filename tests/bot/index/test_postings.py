import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatbot.bot.index import postings
from chatbot.bot.index.index_building import IndexEntry
from chatbot.bot.index.nearest_neighbour import NearestNeighbour
from chatbot.bot.index.postings import Postings, add_postings, are_postings, pack_postings

NGRAMS = 5


@pytest.fixture(autouse=True, scope="module")
def small_blocks():
    """Blocks of four texts, so that a few texts fill several."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(postings, "_BLOCK", 4)
        yield


#: For each text the places of its n-grams.
texts = st.lists(st.sets(st.integers(0, NGRAMS - 1), max_size=NGRAMS), min_size=1, max_size=14)


def pairs_of(texts, first=0):
    found = [(place, first + row) for row, places in enumerate(texts) for place in places]
    return np.array(found, np.int64).reshape(-1, 2).T


def listed(packed, ngrams, texts):
    """For each n-gram its texts, in order, a text as often as it has the n-gram."""
    found = (Postings(*packed, ngrams).add_up(np.array([place]), np.ones(1), texts) for place in range(ngrams))
    return [np.repeat(np.arange(texts), sums.astype(np.int64)).tolist() for sums in found]


def expected(texts, ngrams):
    return [[row for row, places in enumerate(texts) if place in places] for place in range(ngrams)]


@given(texts)
def test_the_texts_of_each_ngram_are_those_that_have_it(texts):
    packed = pack_postings(*pairs_of(texts), NGRAMS)
    assert listed(packed, NGRAMS, len(texts)) == expected(texts, NGRAMS)
    counts = Postings(*packed, NGRAMS).count(np.arange(NGRAMS)).tolist()
    assert counts == [len(rows) for rows in expected(texts, NGRAMS)]


@given(texts, st.lists(st.floats(0.1, 9), min_size=NGRAMS, max_size=NGRAMS))
def test_a_text_has_the_weights_of_its_ngrams_together(texts, weights):
    packed = pack_postings(*pairs_of(texts), NGRAMS)
    sums = Postings(*packed, NGRAMS).add_up(np.arange(NGRAMS), np.array(weights), len(texts))
    assert sums.dtype == np.float64
    assert sums.tolist() == pytest.approx([sum(weights[place] for place in places) for places in texts])


def test_a_number_of_a_text_takes_no_more_than_its_block_needs():
    starts, rows = pack_postings(*pairs_of([{0}, {1}, {0}, {2}, {0}, {1, 2}]), 3)
    assert rows.tolist() == [0, 2, 1, 3, 0, 1, 1]
    assert starts.tolist() == [0, 2, 3, 4, 5, 6, 7]


@given(texts, texts)
def test_what_is_added_is_as_if_it_had_been_there_from_the_start(before, after):
    """The n-grams 1 and 3 are new, so that those before are 0, 2 and 4."""
    old = [{place // 2 for place in places if place % 2 == 0} for places in before]
    known = [{2 * place for place in places} for places in old]
    if not any(known) or not any(after):
        return
    packed = add_postings(pack_postings(*pairs_of(old), 3), np.array([1, 2]), *pairs_of(after, len(before)), NGRAMS)
    assert listed(packed, NGRAMS, len(known) + len(after)) == expected([*known, *after], NGRAMS)


def test_arrays_that_are_no_postings_are_known_by_their_bounds():
    starts, rows = pack_postings(*pairs_of([{0, 1}, {1}, {0}, {1}, {0}, {1}]), 2)
    assert are_postings(starts, rows, 2, 6)
    assert not are_postings(starts, rows, 2, 4)
    assert not are_postings(starts, rows, 2, 9)
    assert not are_postings(starts, rows, 3, 6)
    assert not are_postings(starts[:-1], rows, 2, 6)
    assert not are_postings(starts[::-1], rows, 2, 6)
    assert not are_postings(starts, rows[:-1], 2, 6)
    assert not are_postings(starts[:0], rows, 2, 6)
    for place in range(len(rows)):
        assert not are_postings(starts, np.where(np.arange(len(rows)) == place, 4, rows), 2, 6)
    last = np.where(np.arange(len(rows)) == len(rows) - 1, 2, rows)  # the second block has texts 0 and 1 only
    assert not are_postings(starts, last, 2, 6)


def test_a_prompt_of_any_block_is_found_saved_loaded_and_learned(tmp_path):
    pairs = [(f"{word} {number}", f"{word}!") for number in range(7) for word in ("river", "stone", "cloud")]
    NearestNeighbour.build(pairs).save(tmp_path / "index.npz")
    index = NearestNeighbour.load(tmp_path / "index.npz")
    assert [index.reply(prompt) for prompt, _ in pairs] == [reply for _, reply in pairs]
    more = [IndexEntry(f"lantern {number}", "Light.", 0, 1) for number in range(9)]
    longer = NearestNeighbour.load(tmp_path / "index.npz", more)
    assert [longer.nearest(f"lantern {number}", 1)[0].prompt for number in range(9)] == [
        f"lantern {number}" for number in range(9)
    ]
    assert [longer.reply(prompt) for prompt, _ in pairs] == [reply for _, reply in pairs]
