import math

import pytest

from chatbot.config import EOS, GO, PAD, UNK, DecodingConfig
from chatbot.inference.search import complete, greedy, spoken
from tests.inference.scripted import VOCABULARY, Speller, ids, word

DECODING = DecodingConfig(max_tokens=20)


def words(model, prompts, decoding=DECODING, banned=()):
    return [word([choice.token for choice in reply]) for reply in complete(model, prompts, decoding, banned)]


def test_greedy_spells_the_script_and_stops_at_eos():
    assert words(Speller("sequentially"), [[0]]) == ["sequentially."]


def test_sentences_of_different_lengths_do_not_disturb_each_other():
    model = Speller("encoder", "go", "decoder", "a", "attention")
    assert words(model, [[0], [1], [2], [3], [4]]) == ["encoder.", "go.", "decoder.", "a.", "attention."]


def test_replies_come_in_the_order_of_the_prompts():
    assert words(Speller("first", "second"), [[1], [0], [1]]) == ["second.", "first.", "second."]


def test_a_finished_sentence_leaves_the_batch():
    model = Speller("ab", "abcd", "")
    words(model, [[0], [1], [2]])
    assert model.rows_of_steps == [3, 2, 2, 1, 1]


def test_a_reply_is_cut_at_max_tokens_and_has_no_eos():
    assert words(Speller("abcdef", "ab"), [[0], [1]], DecodingConfig(max_tokens=4)) == ["abcd", "ab."]


def test_a_reply_that_ends_at_max_tokens_is_not_cut():
    assert words(Speller("abc"), [[0]], DecodingConfig(max_tokens=4)) == ["abc."]


def test_choices_are_yielded_before_the_next_step_is_taken():
    model = Speller("abc")
    search = greedy(model, [[0]], DECODING)
    assert [choice.token for choice in next(search)] == ids("a")
    assert model.rows_of_steps == [1]


def test_a_banned_token_is_never_chosen():
    model = Speller("abc")
    first = next(greedy(model, [[0]], DECODING, banned=[PAD, UNK, GO, *ids("a")]))
    assert first[0].token not in (PAD, UNK, GO, *ids("a"))


def test_log_probabilities_are_those_of_the_softmax():
    reply = complete(Speller("ab"), [[0]], DECODING)[0]
    expected = 5.0 - math.log(math.exp(5.0) + VOCABULARY - 1)
    assert [choice.log_probability for choice in reply] == pytest.approx([expected] * 3)


def test_no_prompts_are_no_replies():
    assert complete(Speller(), [], DECODING) == []


def test_eos_is_scored_but_not_spoken():
    reply = complete(Speller("hi"), [[0]], DECODING)[0]
    assert reply[-1].token == EOS
    assert word(spoken(reply)) == "hi"
