import io
import math
import pickle
import unicodedata
from collections import Counter

import numpy as np
import pytest

from chatbot.bot.index.nearest_neighbour import NearestNeighbour
from chatbot.corpus import Pair, Row, read_pairs
from chatbot.corpus.origins import OriginLog
from chatbot.errors import BundleError
from tests.conftest import DIALOGS, refuse

PAIRS = [
    Pair("Good morning", "Morning!"),
    Pair("good evening", "Evening!"),
    Pair("What is your name?", "Chatbot."),
    Pair("where do you live", "In a file."),
]


@pytest.fixture(scope="module")
def index():
    return NearestNeighbour.build(PAIRS)


def test_a_known_prompt_is_its_own_nearest_whatever_its_case(index):
    (match,) = index.nearest("GOOD morning", 1)
    assert (match.prompt, match.reply) == ("good morning", "Morning!")
    assert match.similarity == pytest.approx(1)


def test_the_nearest_come_first_and_only_those_that_share_something(index):
    matches = index.nearest("good morning to you", 10)
    assert [match.prompt for match in matches[:2]] == ["good morning", "good evening"]
    similarities = [match.similarity for match in matches]
    assert similarities == sorted(similarities, reverse=True)
    assert all(0 < similarity < 1 for similarity in similarities)


def test_as_many_come_as_are_wanted_and_the_first_are_those_that_come_when_few_are():
    index = NearestNeighbour.build([(f"number {number}", "A number.") for number in range(100)])
    many = index.nearest("number 42", 80)
    assert len(many) == 80
    assert index.nearest("number 42", 5) == many[:5]


def test_what_nobody_ever_said_lowers_the_similarity(index):
    plain, strange = index.nearest("good morning", 1)[0], index.nearest("good morning xylophone", 1)[0]
    assert plain.prompt == strange.prompt
    assert strange.similarity < 0.7 * plain.similarity


def test_a_prompt_that_shares_nothing_has_no_neighbour(index):
    assert index.nearest("漢字", 3) == []
    assert index.reply("漢字") == ""
    assert index.reply("") == ""


def test_of_several_recorded_replies_the_most_frequent_is_taken():
    index = NearestNeighbour.build([Pair("hi", "Oh."), Pair("Hi", "Hello."), Pair("hi", "Hello.")])
    assert len(index) == 1
    assert index.reply("hi") == "Hello."


def test_any_script_and_any_length_can_be_looked_up():
    pairs = [Pair("안녕하세요", "반가워요"), Pair("😀😀", "🎉"), Pair("a", "b"), Pair("word " * 3000, "long")]
    index = NearestNeighbour.build(pairs)
    assert [index.reply(prompt) for prompt, _ in pairs] == [reply for _, reply in pairs]


def test_a_korean_word_is_found_by_the_letters_of_its_stem_and_an_accented_one_without_the_accent():
    index = NearestNeighbour.build([Pair("가요", "Going."), Pair("먹어요", "Eating."), Pair("crème brûlée", "Sweet.")])
    # No syllable of 갔니 or 먹는다 but 먹 is in a prompt.
    assert [index.reply(prompt) for prompt in ("갔니", "먹는다", "creme")] == ["Going.", "Eating.", "Sweet."]


def grams(text):
    padded = f" {unicodedata.normalize('NFD', text.lower())} "
    return Counter(padded[start : start + size] for size in (2, 3, 4) for start in range(len(padded) - size + 1))


def cosines(prompts, asked):
    """TF-IDF cosines of every one asked with every prompt, as the definition has them."""
    counts = [grams(prompt) for prompt in prompts]
    having = Counter(gram for each in counts for gram in each)

    def vector(counted):
        weights = {
            gram: (1 + math.log(count)) * (1 + math.log(len(prompts) / having.get(gram, 1)))
            for gram, count in counted.items()
        }
        length = math.sqrt(sum(weight**2 for weight in weights.values()))
        return {gram: weight / length for gram, weight in weights.items()}

    vectors = [vector(each) for each in counts]
    return [
        [sum(weight * each.get(gram, 0) for gram, weight in one.items()) for each in vectors]
        for one in (vector(grams(text)) for text in asked)
    ]


def similarities_found(index, asked):
    """The similarity of the nearest prompt of each one asked; 0 where it shares nothing with any, such as ":("."""
    found = [index.nearest(prompt, 1) for prompt in asked]
    return np.array([nearest[0].similarity if nearest else 0.0 for nearest in found])


def best_cosines(pairs, asked):
    prompts = list(dict.fromkeys(pair.prompt.lower() for pair in pairs))
    return np.array([max(row) for row in cosines(prompts, asked)])


@pytest.fixture(scope="module")
def corpus():
    return list(read_pairs(DIALOGS, refuse))


def test_the_nearest_is_the_one_that_comparing_with_every_prompt_finds(corpus):
    # 400 prompts of at most 50 n-grams: all their postings are kept, and no prompt has so many that some are not read.
    short = [pair for pair in corpus if len(grams(pair.prompt)) <= 50]
    pairs, asked = short[:: len(short) // 400][:400], [pair.prompt for pair in corpus[1 :: len(corpus) // 100]]
    index = NearestNeighbour.build(pairs)
    assert similarities_found(index, asked) == pytest.approx(best_cosines(pairs, asked), abs=1e-6)


def test_where_postings_are_left_out_the_nearest_is_found_all_the_same_but_for_one_in_twenty(corpus):
    pairs, asked = corpus[::32], [pair.prompt for pair in corpus[1::1120]]
    missed = best_cosines(pairs, asked) - similarities_found(NearestNeighbour.build(pairs), asked)
    assert missed.min() > -1e-6
    assert np.mean(missed < 1e-6) > 0.95
    assert missed.mean() < 0.001


def test_an_index_that_is_saved_and_loaded_is_the_same(index, tmp_path):
    index.save(tmp_path / "index.npz")
    loaded = NearestNeighbour.load(tmp_path / "index.npz")
    for prompt in ("good day", "your name", "where", "xyz"):
        assert loaded.nearest(prompt, 4) == index.nearest(prompt, 4)
    loaded.save(tmp_path / "again.npz")
    assert (tmp_path / "again.npz").read_bytes() == (tmp_path / "index.npz").read_bytes()


def arrays_of(index):
    return dict(index._arrays)


@pytest.mark.parametrize(
    "change",
    [
        {"grams": np.zeros(0, np.uint32)},
        {"rows": np.full(3, 99, np.uint32)},
        {"starts": np.zeros(1, np.uint32)},
        {"idf": np.zeros(1, np.float64)},
        {"norms": np.zeros(4, np.float32)},
        {"reply_of": np.array([0, 1, 2, 200], np.uint8)},
        {"prompt_ends": np.array([5, 3, 9, 900], np.uint64)},
        {"replies": np.array(["text"])},
    ],
    ids=lambda change: next(iter(change)),
)
def test_arrays_that_are_no_index_are_refused_by_name(index, tmp_path, change):
    with (tmp_path / "index.npz").open("wb") as file:
        np.savez(file, **(arrays_of(index) | change))
    with pytest.raises(BundleError, match="index.npz: not an index of prompts.*train again"):
        NearestNeighbour.load(tmp_path / "index.npz")


def test_a_file_that_is_no_index_is_refused_by_name(index, tmp_path):
    file = tmp_path / "index.npz"
    index.save(file)
    whole = file.read_bytes()
    lacking, single = io.BytesIO(), io.BytesIO()
    np.savez(lacking, grams=np.zeros(3, np.uint32))
    np.save(single, np.zeros(3, np.uint32))
    for content in (b"", b"nonsense" * 50, whole[: len(whole) // 2], lacking.getvalue(), single.getvalue()):
        file.write_bytes(content)
        with pytest.raises(BundleError, match="index.npz: not an index of prompts"):
            NearestNeighbour.load(file)


def test_any_byte_changed_in_a_file_is_refused_or_changes_nothing(index, tmp_path):
    file = tmp_path / "index.npz"
    index.save(file)
    whole = file.read_bytes()
    for place in range(0, len(whole), 37):
        file.write_bytes(whole[:place] + bytes([whole[place] ^ 0x55]) + whole[place + 1 :])
        try:
            loaded = NearestNeighbour.load(file)
        except BundleError:
            continue
        assert loaded.nearest("good day", 4) == index.nearest("good day", 4)


def test_nothing_in_an_index_is_unpickled(index, tmp_path):
    class Trap:
        def __reduce__(self):
            return (pytest.fail, ("it was unpickled",))

    with (tmp_path / "index.npz").open("wb") as file:
        np.savez(file, **(arrays_of(index) | {"prompts": np.array([Trap()], dtype=object)}))
    with pytest.raises(BundleError, match="not an index"):
        NearestNeighbour.load(tmp_path / "index.npz")
    (tmp_path / "index.npz").write_bytes(pickle.dumps(Trap()))
    with pytest.raises(BundleError, match="not an index"):
        NearestNeighbour.load(tmp_path / "index.npz")


def test_the_phrasings_of_a_reply_are_its_distinct_prompts():
    pairs = [("hi", "Hello!"), ("Hi", "Hello!"), ("hey", "Hello!"), ("bye", "See you.")]
    assert NearestNeighbour.build(pairs).count_phrasings() == {"Hello!": 2, "See you.": 1}


def test_a_match_and_a_reply_have_the_first_place_in_the_corpus_also_from_a_file(tmp_path):
    rows = [Row(7, Pair("hi", "Oh."), ()), Row(9, Pair("Hi", "Hello!"), ())]
    more = [Row(3, Pair("hey", "Hello!"), ()), Row(4, Pair("hi", "Hello!"), ())]
    log = OriginLog()
    pairs = [*log.pairs(0, rows), *log.pairs(1, more)]
    built = NearestNeighbour.build(pairs, log.take(4))
    built.save(tmp_path / "index.npz")
    for index in (built, NearestNeighbour.load(tmp_path / "index.npz")):
        assert index.nearest("hi", 1)[0].origin == (0, 9)
        assert index.nearest("hey", 1)[0].origin == (1, 3)
        assert index.origin_of("Hello!") == (0, 9)
        assert index.origin_of("Oh.") is None, "the index keeps the most frequent reply alone"


def test_an_index_without_places_answers_as_ever(index, tmp_path):
    index.save(tmp_path / "index.npz")
    loaded = NearestNeighbour.load(tmp_path / "index.npz")
    assert loaded.nearest("good morning", 1)[0].origin is None
    assert loaded.origin_of("Morning!") is None
