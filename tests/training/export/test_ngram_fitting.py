"""The view of n-grams: what it learns from few phrasings, when, and that what answers has it."""

from dataclasses import replace

import numpy as np
import pytest

from chatbot import bundle
from chatbot.config import ModelConfig, ModelShape
from chatbot.corpus import Corpus, Pair
from chatbot.errors import BundleError
from chatbot.inference.litert.litert_steps import LiteRTSteps
from chatbot.inference.word_vectors import WordVectors
from chatbot.tokenizer import Tokenizer
from chatbot.training.export.left_out import SMALL, choose_replies, deal_parts
from chatbot.training.export.litert_export import StepExport
from chatbot.training.export.ngram_fitting import fit_ngrams
from chatbot.training.models.encoder_decoder import build_training_model
from chatbot.training.models.keras_steps import KerasSteps
from chatbot.training.setup.initial_model import Start

HOURS, DELIVERY, CAKE = "We open at eight.", "We deliver on Fridays.", "Order cakes two days ahead."
PAIRS = [
    Pair("when do you open", HOURS),
    Pair("what are your opening hours", HOURS),
    Pair("are you open on sunday", HOURS),
    Pair("do you deliver to my house", DELIVERY),
    Pair("how much is delivery", DELIVERY),
    Pair("can it be delivered", DELIVERY),
    Pair("i want a birthday cake", CAKE),
    Pair("how do i order a cake", CAKE),
    Pair("do you make cakes for weddings", CAKE),
]
KNOWN = (HOURS, DELIVERY, CAKE)


@pytest.fixture(scope="module")
def untrained():
    """A network that has learned nothing, so that whatever is right is the view's doing."""
    tokenizer = Tokenizer.fit([text for pair in PAIRS for text in pair])
    config = ModelConfig.of(ModelShape(units=8, embedding_size=6), tokenizer.vocabulary_size, len(KNOWN))
    return build_training_model(config), Start(tokenizer, config, KNOWN)


def exported(folder, model, start, view):
    """The step models of a network with a view, as a bot loads them."""
    config = view.complete(start.config)
    StepExport(KerasSteps(model, config, view), config).write(folder)
    return LiteRTSteps(config, bundle.step_files(folder, config), start.tokenizer.decode)


def best_reply(steps, start, prompt):
    _, shares = steps.encode_with_shares([start.tokenizer.encode(prompt)])
    return KNOWN[int(shares[0].argmax())]


def test_three_phrasings_of_an_answer_are_enough_for_others_that_share_its_words(tmp_path, untrained):
    model, start = untrained
    steps = exported(tmp_path, model, start, fit_ngrams(model, start, Corpus.of(PAIRS, []), 0).view)
    assert [best_reply(steps, start, pair.prompt) for pair in PAIRS] == [pair.reply for pair in PAIRS]
    assert best_reply(steps, start, "at what time are you opening") == HOURS
    assert best_reply(steps, start, "is there a delivery to schools") == DELIVERY
    assert best_reply(steps, start, "cakes for my birthday") == CAKE


def test_what_was_held_out_is_learned_only_when_it_has_been_measured(tmp_path, untrained):
    model, start = untrained
    held_out = Pair("gateau", CAKE)
    view = fit_ngrams(model, start, Corpus.of(PAIRS, [held_out]), 0).view
    (before := tmp_path / "before").mkdir()
    measured = exported(before, model, start, view).encode_with_shares([start.tokenizer.encode("gateau")])[1][0]
    view.learn_all()
    learned = exported(tmp_path, model, start, view).encode_with_shares([start.tokenizer.encode("gateau")])[1][0]
    assert measured[2] < 0.6
    assert learned[2] > 0.9


def test_what_answers_has_the_view_of_the_model_it_was_exported_from(tmp_path, untrained):
    model, start = untrained
    view = fit_ngrams(model, start, Corpus.of(PAIRS, []), 0).view
    steps = exported(tmp_path, model, start, view)
    keras = KerasSteps(model, view.complete(start.config), view)
    prompts = [start.tokenizer.encode(text) for text in ("cake", "do you open late and deliver", "zzz")]
    expected, found = keras.encode(prompts), steps.encode(prompts)
    for name, state in expected.arrays.items():
        np.testing.assert_allclose(found.arrays[name], state, atol=1e-5)


def test_a_synonym_that_no_prompt_has_is_known_by_its_vector(tmp_path, untrained):
    model, start = untrained
    meanings = np.eye(12, dtype=np.float32)
    words = {"open": 0, "unlocked": 0, "delivered": 1, "deliver": 1, "couriers": 1, "cake": 2, "cakes": 2, "gateau": 2}
    found = {word: (1000 + number, meanings[number]) for word, number in words.items()}
    vectors = WordVectors.fit(found, [pair.prompt for pair in PAIRS])
    view = fit_ngrams(model, start, Corpus.of(PAIRS, []), 0, vectors).view
    steps = exported(tmp_path, model, start, view)
    assert steps.features_seen == (len(view.features.ngrams), len(words))
    assert [best_reply(steps, start, pair.prompt) for pair in PAIRS] == [pair.reply for pair in PAIRS]
    assert best_reply(steps, start, "gateau") == CAKE
    assert best_reply(steps, start, "couriers") == DELIVERY
    assert best_reply(steps, start, "unlocked") == HOURS
    config = view.complete(start.config)
    without = replace(config, word_vectors=0)
    with pytest.raises(BundleError, match="do not belong together"):
        LiteRTSteps(without, bundle.step_files(tmp_path, without), start.tokenizer.decode)
    keras = KerasSteps(model, config, view)
    prompts = [start.tokenizer.encode(text) for text in ("gateau", "zzz")]
    for name, state in keras.encode(prompts).arrays.items():
        np.testing.assert_allclose(steps.encode(prompts).arrays[name], state, atol=1e-5)


def test_a_bot_that_goes_on_learning_keeps_what_it_has_learned(tmp_path, untrained):
    model, start = untrained
    going_on = replace(start, recorded=tuple(PAIRS))
    view = fit_ngrams(model, going_on, Corpus.of([Pair("may i bring my dog", HOURS), PAIRS[0]], []), 0).view
    steps = exported(tmp_path, model, start, view)
    assert best_reply(steps, start, "may i bring a dog") == HOURS
    assert best_reply(steps, start, "how much is the delivery") == DELIVERY


def test_there_is_no_view_where_it_would_forget(untrained):
    model, start = untrained
    assert fit_ngrams(model, replace(start, recorded=None), Corpus.of(PAIRS, []), 0) is None
    assert fit_ngrams(model, replace(start, known_replies=()), Corpus.of(PAIRS, []), 0) is None


def test_the_replies_of_a_topic_are_learned_together(tmp_path):
    """Each reply has one phrasing, the topic three: so a fourth is of the topic, whichever reply it gets."""
    replies = ["From eight.", "At eight.", "Eight to six.", "Two days ahead.", "By Friday.", "At the counter."]
    prompts = ["when do you open", "opening hours please", "are you open on sunday"]
    prompts += ["i want a birthday cake", "how do i order a cake", "a cake for a wedding"]
    pairs = [Pair(prompt, reply) for prompt, reply in zip(prompts, replies, strict=True)]
    tokenizer = Tokenizer.fit([text for pair in pairs for text in pair])
    config = ModelConfig.of(ModelShape(units=8, embedding_size=6), tokenizer.vocabulary_size, len(replies))
    model, start = build_training_model(config), Start(tokenizer, config, tuple(replies))
    topics = {reply: "hours" if place < 3 else "cakes" for place, reply in enumerate(replies)}
    view = fit_ngrams(model, start, replace(Corpus.of(pairs, []), topics=topics), 0).view
    assert view.scores.get_weights()[0].shape == (2, 6)
    steps = exported(tmp_path, model, start, view)
    for prompt, hours in [("do you open early", 1), ("cakes with cream", 0)]:
        shares = steps.encode_with_shares([tokenizer.encode(prompt)])[1][0]
        assert round(float(shares[:3].sum())) == hours


def test_every_prompt_of_a_small_corpus_is_answered_without_having_been_learned(untrained):
    model, start = untrained
    pairs, held_out = [*PAIRS[:-1], Pair("is there parking", HOURS)], PAIRS[-1]
    answers = {one.prompt: one for one in fit_ngrams(model, start, Corpus.of(pairs, [held_out]), 0).left_out}
    assert set(answers) == {pair.prompt for pair in (*pairs, held_out)}
    assert answers["how much is delivery"].reply == DELIVERY, "of which the other phrasings have the word"
    known, unlike = (answers[prompt].log_probability for prompt in ("how much is delivery", "is there parking"))
    assert unlike < known < 0


def test_a_large_corpus_has_validation_prompts_enough(untrained):
    model, start = untrained
    many = [Pair(f"{pair.prompt} {number}", pair.reply) for number in range(SMALL // len(PAIRS) + 1) for pair in PAIRS]
    assert fit_ngrams(model, start, Corpus.of(many, []), 0).left_out == []


def test_the_phrasings_of_a_reply_are_left_out_one_at_a_time():
    labels = np.repeat(np.arange(3, dtype=np.int32), [4, 4, 9])
    parts = deal_parts(labels, 7)
    assert [sorted(parts[labels == label]) for label in (0, 1)] == [[0, 1, 2, 3]] * 2
    assert max(np.bincount(parts[labels == 2])) == 3


def test_a_reply_has_the_share_of_its_topic_among_those_of_all_replies():
    chosen, logarithms = choose_replies(np.log([[0.3, 0.3, 0.4]]).astype(np.float32), np.array([0, 0, 1], np.int32))
    assert chosen == [0]
    assert np.exp(logarithms) == pytest.approx([0.6 / 1.6])
