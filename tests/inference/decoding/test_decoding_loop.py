from collections import Counter

import pytest

from chatbot.config import DecodingConfig
from chatbot.inference.decoding.search import search
from tests.inference.scripted import Constant, Signpost, Speller, ids, spell

DECODING = DecodingConfig(max_tokens=20)
COIN = Signpost({"": {"h": 0.75, "t": 0.25}})


def tosses(count, **settings):
    """How often each word was said, over as many seeds."""
    return Counter(spell(COIN, [[0]], DecodingConfig(seed=seed, **settings))[0] for seed in range(count))


def test_a_token_is_settled_before_the_next_step_is_taken():
    model = Speller("abc")
    steps = search(model, [[0]], DECODING)
    assert [choice.token for choice in next(steps)] == ids("a")
    assert model.rows_of_steps == [1]


def test_a_finished_sentence_leaves_the_batch():
    model = Speller("ab", "abcd", "")
    spell(model, [[0], [1], [2]], DECODING)
    assert model.rows_of_steps == [3, 2, 2, 1, 1]


def test_greedy_walks_into_the_trap():
    # "x" is the likelier letter, but what follows it is not: 0.6 · 0.3 against 0.4 · 0.9.
    model = Signpost({"": {"x": 0.6, "g": 0.4}, "x": {"a": 0.3, "b": 0.3, "c": 0.3}, "g": {"o": 0.9}})
    assert spell(model, [[0]], DECODING)[0].startswith("x")


def test_words_come_as_often_as_they_are_probable():
    assert tosses(1000, temperature=1.0)["h."] == pytest.approx(750, abs=60)


def test_a_high_temperature_evens_out_and_a_low_one_sharpens():
    flat = tosses(1000, temperature=100.0, top_k=2, max_tokens=1)
    assert flat["h"] == pytest.approx(500, abs=70)
    assert flat["t"] == pytest.approx(500, abs=70)
    assert tosses(50, temperature=0.05) == {"h.": 50}


def test_temperature_0_is_greedy_and_needs_no_seed():
    assert spell(COIN, [[0]], DecodingConfig(temperature=0)) == ["h."]


def test_truncation_leaves_the_probable_words_only():
    assert tosses(50, top_k=1) == {"h.": 50}
    assert tosses(50, top_p=0.7) == {"h.": 50}
    assert tosses(50, min_p=0.5) == {"h.": 50}
    assert set(tosses(50, min_p=0.3)) == {"h.", "t."}


def test_the_same_seed_gives_the_same_reply_and_another_seed_another():
    model = Constant()
    replies = [spell(model, [[7, 9]], DecodingConfig(max_tokens=12, temperature=1.0, seed=seed)) for seed in (4, 4, 5)]
    assert replies[0] == replies[1] != replies[2]


def test_without_a_seed_the_replies_differ():
    config = DecodingConfig(max_tokens=12, temperature=1.0)
    assert spell(Constant(), [[1]], config) != spell(Constant(), [[1]], config)


def test_a_prompt_gets_the_same_reply_wherever_it_stands():
    config = DecodingConfig(max_tokens=12, temperature=1.0, seed=3)
    alone = [spell(Constant(), [[prompt]], config)[0] for prompt in range(4)]
    assert len(set(alone)) == 4
    assert spell(Constant(), [[3], [1], [0], [2]], config) == [alone[3], alone[1], alone[0], alone[2]]


def test_what_is_refused_leaves_the_rest_as_probable_as_it_was():
    model = Signpost({"": {"a": 0.5, "b": 0.375, "c": 0.125}})
    config = [DecodingConfig(temperature=1.0, seed=seed) for seed in range(1000)]
    said = Counter(spell(model, [[0]], each, allows=lambda _, token: [token] != ids("a"))[0] for each in config)
    assert set(said) == {"b.", "c."}
    assert said["b."] == pytest.approx(750, abs=60)
