"""The word vectors that a bot has learned, for another bot."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from chatbot.bundle import Bundle
from chatbot.config import ModelShape, TrainingConfig
from chatbot.corpus import Corpus, Pair
from chatbot.errors import BundleError
from chatbot.inference.word_vectors import most_words
from chatbot.runs.run_folder import RunFolder
from chatbot.training.setup.job import TrainingJob
from chatbot.training.setup.learned_word_vectors import learned_word_vectors
from chatbot.training.setup.trained_model import TrainedModel
from chatbot.training.setup.word_vector_choice import choose_word_vectors
from tests.training.setup.test_word_vector_choice import Listener


def test_the_vector_of_a_word_is_the_sum_of_those_of_its_pieces(english_bundle, english_pairs):
    opened = Bundle.open(english_bundle)
    trained = TrainedModel.of(opened, "--vectors")
    table = trained.build(0.0).get_layer("bag_embedding").embeddings.numpy()
    word = english_pairs[0].prompt.split()[0].lower()
    ids = trained.tokenizer.encode(word)
    found = learned_word_vectors(opened, {word}, lambda _: 0)
    assert set(found) == {word}
    np.testing.assert_allclose(found[word][1], table[ids].sum(axis=0) / np.sqrt(len(ids)), rtol=1e-5)


def test_the_most_frequent_words_of_its_prompts_come_first(english_bundle):
    found = learned_word_vectors(Bundle.open(english_bundle), set(), lambda _: 5)
    assert 1 <= len(found) <= 5
    assert sorted(rank for rank, _ in found.values()) == [rank for rank, _ in found.values()]


def test_a_word_that_it_cannot_spell_has_no_vector(english_bundle):
    opened = Bundle.open(english_bundle)
    assert "빵집" not in learned_word_vectors(opened, {"빵집", "the"}, most_words)
    with pytest.raises(BundleError, match="knows none of the words in the prompts; take a bot of the same language"):
        learned_word_vectors(opened, {"빵집"}, lambda _: 0)


def test_a_bot_without_a_reply_memory_has_none(english_bundle):
    opened = Bundle.open(english_bundle)
    composes = replace(opened, model=replace(opened.model, known_replies=0, ngrams=0, word_vectors=0))
    with pytest.raises(BundleError, match="has no word vectors, as it has no set of known replies"):
        learned_word_vectors(composes, {"the"}, most_words)


def test_a_run_takes_them_from_a_bot_as_from_a_file(tmp_path, english_bundle):
    corpus = Corpus.of([Pair("do you know the time", "Yes."), Pair("what is that", "No.")], [])
    job = TrainingJob(
        Path("bot"), RunFolder(tmp_path / "bot.run"), None, (), ModelShape(), TrainingConfig(), vectors=english_bundle
    )
    listener = Listener()
    vectors = choose_word_vectors(corpus, job, listener)
    assert vectors.count_known(["do", "you", "the"]) == 3
    assert listener.stages[0] == f"reading {english_bundle}"
