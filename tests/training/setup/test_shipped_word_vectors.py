"""The word vectors that the program has by itself: whose they are, what they say, and which bots have them."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from chatbot.config import ModelShape, TrainingConfig
from chatbot.corpus import Corpus, Pair, read_pairs
from chatbot.inference.word_vectors import WordVectors, terms_in
from chatbot.runs.run_folder import RunFolder
from chatbot.text import fold
from chatbot.training.setup.job import TrainingJob
from chatbot.training.setup.shipped_word_vectors import SHIPPED, needs_word_vectors, shipped_word_vectors
from chatbot.training.setup.word_vector_choice import choose_word_vectors
from tests.conftest import ROOT, refuse
from tests.training.setup.test_word_vector_choice import Listener

FAQ = Corpus.of(
    [
        Pair("when do you open on sunday", "At eight."),
        Pair("what are your hours", "At eight."),
        Pair("can i order a cake", "Two days ahead."),
        Pair("i need a birthday cake", "Two days ahead."),
    ],
    [],
)


KOREAN_FAQ = Corpus.of(
    [
        Pair("일요일에도 영업하나요", "여덟 시에 열어요."),
        Pair("몇 시에 문 여세요", "여덟 시에 열어요."),
        Pair("케이크 주문하고 싶어요", "이틀 전에 주문하세요."),
        Pair("생일 케이크 되나요", "이틀 전에 주문하세요."),
    ],
    [],
)


@pytest.fixture(scope="module")
def shipped():
    return shipped_word_vectors(["the"])


@pytest.fixture(scope="module")
def korean():
    return shipped_word_vectors(["안녕"])


def job(tmp_path, **options):
    return TrainingJob(
        Path("bot"), RunFolder(tmp_path / "bot.run"), None, (), ModelShape(), TrainingConfig(), **options
    )


def cosine(one, other):
    return float(one @ other / np.linalg.norm(one) / np.linalg.norm(other))


@pytest.mark.parametrize(("text", "corpus"), [("the", "dialogs.tsv"), ("안녕", "dialogs.ko.tsv")])
def test_they_are_of_words_in_the_shipped_corpora_and_of_no_other(text, corpus):
    vectors = shipped_word_vectors([text])
    said = {term for pair in read_pairs(ROOT / "corpora" / corpus, refuse) for term in terms_in(fold(pair.prompt))}
    assert len(vectors) > 10_000
    assert vectors.keys() <= said


def test_korean_words_are_near_each_other_by_their_pairs_of_syllables(korean):
    vectors = WordVectors.fit(korean, [pair.prompt for pair in KOREAN_FAQ.sample])

    def likeness(one, other):
        first, second = vectors.of([one, other])
        return float(first @ second)

    # None of these words is in the corpus as it stands; "cats" and "dogs", "cats" and "the weather's".
    assert likeness("고양이들만이라도", "강아지들만이라도") > likeness("고양이들만이라도", "날씨들만이라도") + 0.05


def test_words_of_like_use_are_near_each_other(shipped):
    for word, like, unlike in [
        ("sunday", "weekend", "cake"),
        ("cake", "bread", "sunday"),
        ("hi", "hello", "doctor"),
        ("cat", "dog", "train"),
        ("money", "rent", "cat"),
    ]:
        of = shipped[word][1]
        assert cosine(of, shipped[like][1]) > 0.3 > cosine(of, shipped[unlike][1])


def test_the_files_are_small():
    assert sum(file.stat().st_size for file in SHIPPED.values()) < 4_000_000


def test_a_new_bot_of_few_phrasings_has_them_and_says_so(tmp_path):
    listener = Listener()
    vectors = choose_word_vectors(FAQ, job(tmp_path), listener)
    assert vectors.count_known(["sunday", "cake", "bread", "weekend"]) == 4
    assert listener.stages == [f"keeping the vectors of {len(vectors):,} words, with 17 of the 17 in the prompts"]
    assert not listener.warnings


def test_nobody_has_them_who_wants_none(tmp_path):
    listener = Listener()
    assert choose_word_vectors(FAQ, job(tmp_path, shipped_vectors=False), listener) is None
    assert not listener.stages


def test_a_corpus_of_another_language_goes_without(tmp_path):
    german = Corpus.of(
        [Pair("wann macht ihr auf", "Um acht."), Pair("ich brauche eine torte", "Zwei Tage vorher.")], []
    )
    greek = Corpus.of([Pair("πότε ανοίγετε", "Στις οκτώ."), Pair("θέλω μια τούρτα", "Δύο μέρες πριν.")], [])
    for corpus in (german, greek):
        listener = Listener()
        assert choose_word_vectors(corpus, job(tmp_path), listener) is None
        assert not listener.stages


def test_korean_prompts_get_the_korean_ones(tmp_path):
    listener = Listener()
    vectors = choose_word_vectors(KOREAN_FAQ, job(tmp_path), listener)
    assert vectors.count_known(["일요일", "고양이"]) == 2
    assert vectors.count_known(["sunday", "cat"]) == 0
    assert listener.stages[0].endswith("with 11 of the 11 in the prompts")


def test_a_bot_that_learns_on_keeps_those_of_its_bundle_or_none(tmp_path, bare_bundle, english_bundle):
    listener = Listener()
    kept = choose_word_vectors(FAQ, job(tmp_path, init_from=english_bundle), listener)
    assert kept is not None
    assert not listener.stages
    assert choose_word_vectors(FAQ, job(tmp_path, init_from=bare_bundle), listener) is None


@pytest.mark.parametrize(
    ("pairs", "replies", "few"),
    [
        (90, 30, True),
        (900, 30, True),
        (901, 30, False),  # more than thirty phrasings of each
        (20_000, 1000, True),
        (20_001, 1000, False),
        (400, 400, True),  # each reply once, but few
        (600, 600, False),  # no set to choose from
        (40, 1, False),
    ],
)
def test_phrasings_are_few_up_to_thirty_of_each_reply(pairs, replies, few):
    corpus = Corpus.of([Pair(f"prompt {number}", f"reply {number % replies}") for number in range(pairs)], [])
    assert needs_word_vectors(corpus, None) == few


def test_of_a_corpus_on_disk_all_pairs_count():
    corpus = Corpus.of([Pair(f"prompt {number}", f"reply {number % 30}") for number in range(300)], [])
    assert needs_word_vectors(corpus, None)
    assert not needs_word_vectors(replace(corpus, count=3000), None)


def test_a_bot_that_composes_its_replies_needs_none(tmp_path):
    assert not needs_word_vectors(FAQ, 0)
    assert not needs_word_vectors(FAQ, 1)
    assert needs_word_vectors(FAQ, 2)
    listener = Listener()
    composing = replace(job(tmp_path), training=TrainingConfig(known_replies=0))
    assert choose_word_vectors(FAQ, composing, listener) is None
    assert not listener.stages
