import random

import pytest

from chatbot.bot.index.support_vector_machine import SupportVectorMachine
from tests.bot.index.test_nearest_centroid import PAIRS


def test_a_prompt_gets_the_reply_that_its_words_speak_for():
    machine = SupportVectorMachine.of(PAIRS)
    assert machine.reply("Opened on sundays?") == "At eight."
    assert machine.reply("what does the cake cost, much?") == "Ten."
    assert machine.reply("is there a parking lot") == "Behind the house."


def test_it_learns_what_tells_two_answers_apart_and_not_what_they_share():
    same = "could you please be so kind and tell me about the"
    pairs = [(f"{same} {thing}", f"The {thing}.") for thing in ("cake", "bread", "tea", "soup")]
    machine = SupportVectorMachine.of([*pairs, *((f"my {thing}", f"The {thing}.") for thing in ("cake", "tea"))])
    assert [machine.reply(f"{same} nice {thing}") for thing in ("bread", "soup")] == ["The bread.", "The soup."]


def test_a_corpus_that_would_take_it_long_has_none():
    assert SupportVectorMachine.of([(f"question {number}", f"answer {number}") for number in range(600)]) is None


def test_it_answers_as_that_of_scikit_learn_does():
    text, svm = (pytest.importorskip(f"sklearn.{name}") for name in ("feature_extraction.text", "svm"))
    pipeline = pytest.importorskip("sklearn.pipeline")
    rng = random.Random(1)
    words = [f"{a}{b}" for a in ("ba", "do", "ki", "lu", "me") for b in ("ra", "sto", "ni", "ve", "xu")]
    topics = {f"answer {number}": rng.sample(words, 6) for number in range(12)}
    pairs = [(" ".join(rng.sample(known, 3)), reply) for reply, known in topics.items() for _ in range(4)]
    asked = [" ".join(rng.sample(words, 4)) for _ in range(100)]
    features = pipeline.make_union(
        text.TfidfVectorizer(sublinear_tf=True, ngram_range=(1, 2), token_pattern=r"(?u)\b\w+\b"),
        text.TfidfVectorizer(sublinear_tf=True, ngram_range=(2, 5), analyzer="char_wb"),
    )
    usual = pipeline.make_pipeline(features, svm.LinearSVC()).fit(*map(list, zip(*pairs, strict=True)))
    machine = SupportVectorMachine.of(pairs)
    same = sum(machine.reply(prompt) == reply for prompt, reply in zip(asked, usual.predict(asked), strict=True))
    assert same >= 98
