import math

import numpy as np
import pytest

from chatbot import bundle
from chatbot.bot.loading import load_tokenizer_and_model
from chatbot.bundle import Bundle
from chatbot.config import EOS, GO
from chatbot.inference import scoring
from chatbot.inference.scoring import score
from chatbot.inference.step_model import EMPTY_PROMPT
from chatbot.tokenizer import Tokenizer
from tests.inference.scripted import VOCABULARY, Speller, ids

#: What a speller gives a letter of its script, and any other token.
SPELLED = 5.0 - math.log(math.exp(5.0) + VOCABULARY - 1)
OTHER = SPELLED - 5.0


def test_each_token_has_the_log_probability_that_the_model_gives_it():
    (scores,) = score(Speller("cat"), [[0]], [[*ids("cat"), EOS]])
    assert scores.dtype == np.float32
    assert scores.tolist() == pytest.approx([SPELLED] * 4, abs=1e-5)


class Forgiving(Speller):
    """Spells its script whatever the tokens before were."""

    def step(self, _tokens, state):
        where = state.arrays["where"].astype(int)
        spelled = [([GO, *ids(self.scripts[script])])[position] for script, position in where]
        return super().step(np.array(spelled, np.int32), state)


def test_a_token_that_the_model_would_not_say_is_improbable_and_the_rest_follows_it():
    (scores,) = score(Forgiving("cat"), [[0]], [[*ids("cut"), EOS]])
    assert scores.tolist() == pytest.approx([SPELLED, OTHER, SPELLED, SPELLED], abs=1e-5)


def test_replies_of_many_lengths_keep_their_order_over_batches(monkeypatch):
    monkeypatch.setattr(scoring, "ROWS", 2)
    scripts = ["ab", "abcdef", "", "abcd", "a"]
    replies = [[*ids(script), EOS] for script in scripts]
    scores = score(Speller(*scripts), [[number] for number in range(5)], replies)
    assert [row.tolist() for row in scores] == [pytest.approx([SPELLED] * len(reply), abs=1e-5) for reply in replies]


def test_a_reply_that_is_over_leaves_the_batch():
    model = Speller("ab", "abcd", "")
    score(model, [[0], [1], [2]], [[*ids("ab"), EOS], [*ids("abcd"), EOS], [EOS]])
    assert model.rows_of_steps == [3, 2, 2, 1, 1]


def test_several_replies_to_one_prompt_read_it_once():
    class Counting(Speller):
        def encode(self, prompts):
            self.read = list(prompts)
            return super().encode(prompts)

    model = Counting("ab")
    first, second = score(model, [[0], [0]], [ids("ab"), ids("a")])
    assert model.read == [(0,)]
    assert (len(first), len(second)) == (2, 1)


def test_an_unfinished_reply_is_scored_without_an_end_and_an_empty_one_has_no_scores():
    first, second = score(Speller("ab"), [[0], [0]], [ids("ab"), []])
    assert first.tolist() == pytest.approx([SPELLED] * 2, abs=1e-5)
    assert second.tolist() == []


def test_nothing_is_scored_without_replies():
    assert score(Speller(), [], []) == []


def test_without_a_prompt_the_decoder_is_a_language_model(english_bundle, english_pairs):
    steps = load_tokenizer_and_model(Bundle.open(english_bundle))[1]
    tokenizer = Tokenizer.load(english_bundle / bundle.TOKENIZER)
    replies = [[*tokenizer.encode(pair.reply), EOS] for pair in english_pairs]
    prompts = [tokenizer.encode(pair.prompt) for pair in english_pairs]
    answers, wrong, alone = (
        sum(scores.sum() for scores in score(steps, asked, replies))
        for asked in (prompts, prompts[1:] + prompts[:1], [EMPTY_PROMPT] * len(replies))
    )
    assert answers > alone > wrong, (
        "a reply is likelier after its prompt than after none, and after none than after another"
    )
