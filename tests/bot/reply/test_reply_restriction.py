"""That a bot with a set of replies says one of them, whole, whatever rules the settings add."""

import itertools

import numpy as np
import pytest

from chatbot import Chatbot, bundle
from chatbot.config import DecodingConfig, ModelConfig, ModelShape
from chatbot.corpus import read_pairs
from chatbot.errors import ConfigError
from chatbot.explain import explain
from chatbot.inference.step_model import DecoderState
from chatbot.tokenizer import Tokenizer
from tests.conftest import DIALOGS, refuse

OPENING = "We open at nine, and on Sundays at ten."
CLOSING = "We open at nine and close at six."
CAKE = "Ha ha ha ha ha ha ha ha, cake."
WORD = "Words and bread, all day."
LONG = " ".join(f"Word {number} of a long reply." for number in range(40))
REPLIES = [OPENING, CLOSING, CAKE, WORD]
TOKENIZER = Tokenizer.fit([*REPLIES, LONG, "hello", "when do you open?"])


class Memory:
    """Recalls the same shares after any prompt, and would decode "We" for ever if it were free to."""

    def __init__(self, *shares):
        self.shares = np.array([shares], np.float32)
        self.steps = 0

    def encode(self, prompts):
        return DecoderState({"h1": np.zeros((len(prompts), 1), np.float32)})

    def encode_with_shares(self, prompts):
        return self.encode(prompts), np.repeat(self.shares, len(prompts), axis=0)

    def step(self, tokens, state):
        self.steps += 1
        logits = np.zeros((len(tokens), TOKENIZER.vocabulary_size), np.float32)
        logits[:, TOKENIZER.encode("We")[0]] = 2.0
        return logits, state

    def sentence_vectors(self, prompts):
        raise NotImplementedError

    def recall(self, _prompt):
        return None


@pytest.fixture
def bot_with(tmp_path):
    def build(*shares, replies=REPLIES, topics=None):
        bundle.write_known_replies(tmp_path / "replies.json", replies, topics or {})
        config = ModelConfig.of(ModelShape(), TOKENIZER.vocabulary_size, len(replies))
        return Chatbot(TOKENIZER, Memory(*shares), config, known_replies=tmp_path / "replies.json")

    return build


@pytest.fixture
def bot(bot_with):
    return bot_with(0.1, 0.5, 0.3, 0.1)


def test_a_reply_is_whole_however_long_it_is_and_is_cut_where_that_is_asked_for(bot_with):
    bot = bot_with(0.01, 0.01, 0.01, 0.97, replies=[OPENING, CLOSING, CAKE, LONG])
    for settings in ({}, {"beam": 2}, {"temperature": 0.01, "seed": 1}):
        assert bot.reply("hello", **settings).text == LONG
    cut = bot.reply("hello", max_tokens=5)
    assert cut.truncated
    assert LONG.startswith(cut.text)


def test_a_recorded_reply_of_more_tokens_than_a_reply_may_have_is_cut_and_no_error(bot_with):
    endless = "We have cake. " * 4000
    bot = bot_with(0.01, 0.01, 0.01, 0.97, replies=[OPENING, CLOSING, CAKE, endless.strip()])
    reply = bot.reply("hello")
    assert reply.truncated
    assert endless.startswith(reply.text)


def test_the_replies_of_a_beam_are_recorded_ones_by_their_probability(bot):
    said = bot.reply("hello", beam=4, n_best=4)
    assert {said.text, *(other.text for other in said.alternatives)} == set(REPLIES)
    scores = [said.score, *(other.score for other in said.alternatives)]
    assert scores == sorted(scores, reverse=True)
    assert np.exp(scores).sum() == pytest.approx(1)
    assert said.text == bot.reply("hello").text == CLOSING


def test_a_bot_that_is_free_says_what_nobody_recorded(bot):
    said = bot.reply("hello", free=True, max_tokens=30)
    assert said.truncated
    assert said.text not in REPLIES


@pytest.mark.parametrize(
    ("settings", "left"),
    [
        ({"ban_words": ["sundays"]}, [CLOSING, CAKE, WORD]),
        ({"ban_words": ["nine", "words"]}, [CAKE]),
        ({"no_repeat_ngram": 4}, [OPENING, CLOSING, WORD]),
        ({"min_tokens": len(TOKENIZER.encode(OPENING))}, [OPENING]),
        ({"ban_words": ["close", "cake"], "min_tokens": 3, "repetition_penalty": 3.0}, [OPENING, WORD]),
    ],
    ids=str,
)
def test_a_rule_takes_out_every_reply_that_breaks_it_anywhere(bot, settings, left):
    best = bot.reply("hello", beam=4, n_best=4, **settings)
    assert {best.text, *(other.text for other in best.alternatives)} == set(left)
    for seed in range(3):
        assert bot.reply("hello", temperature=3.0, seed=seed, **settings).text in left
    assert bot.reply("hello", **settings).text in left


def test_a_word_that_only_begins_like_a_banned_one_does_not_end_the_search_half_way(bot_with):
    bot = bot_with(1.0, replies=["Words of bread."])
    assert bot.reply("hello", ban_words=["word", "wo", "br"]).text == "Words of bread."


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"ban_words": ["we", "cake", "words"]}, "ban-words refuses every one of the 4 recorded replies"),
        ({"min_tokens": 9000}, "min-tokens refuses every"),
    ],
)
def test_rules_that_refuse_every_reply_are_an_error_that_says_what_to_do(bot, settings, message):
    for ask in (bot.reply, lambda text, **options: list(bot.stream(text, **options))):
        with pytest.raises(ConfigError, match=f"{message}.*with free"):
            ask("hello", **settings)
    assert bot.reply("hello", free=True, **({"max_tokens": 3} | settings | {"min_tokens": 0})).truncated


def test_a_stream_joins_to_the_reply_and_an_explanation_explains_it(bot):
    for settings in ({}, {"beam": 3}, {"temperature": 1.0, "seed": 1}):
        reply = bot.reply("hello", **settings)
        assert "".join(bot.stream("hello", **settings)) == reply.text
        explained = explain(bot, "hello", DecodingConfig(**settings), reply=reply)
        assert explained.reply == reply
        probabilities = [step.probability for step in explained.steps]
        assert np.log(probabilities) == pytest.approx(reply.log_probabilities, abs=1e-5)


def test_varied_replies_come_by_their_probability_and_none_twice_running(bot_with):
    bot = bot_with(0.3, 0.3, 0.4, 1e-6)
    said = [bot.reply("hello", vary=True, seed=3).text for _ in range(30)]
    assert set(said) == {OPENING, CLOSING, CAKE}
    assert all(one != other for one, other in itertools.pairwise(said))
    again = bot_with(0.3, 0.3, 0.4, 1e-6)
    assert [reply.text for reply in again.reply_batch(["hello"] * 30, vary=True, seed=3)] == said
    assert ["".join(bot_with(0.3, 0.3, 0.4, 1e-6).stream("hello", vary=True, seed=3))] == said[:1]
    assert [again.reply("hello", vary=True, seed=4).text for _ in range(30)] != said


def test_a_prompt_with_one_probable_reply_gets_it_each_time_it_is_asked(bot_with):
    bot = bot_with(0.01, 0.01, 0.97, 0.01)
    assert {bot.reply("hello", vary=True).text for _ in range(20)} == {CAKE}


def test_a_bot_without_recorded_replies_has_none_to_vary():
    bot = Chatbot(TOKENIZER, Memory(1.0), ModelConfig.of(ModelShape(), TOKENIZER.vocabulary_size))
    with pytest.raises(ConfigError, match="this bot has no set of them; try temperature"):
        bot.reply("hello", vary=True)


def test_every_reply_of_the_shipped_corpus_is_spelled_by_its_tokens_as_it_is_written():
    replies = list({pair.reply: None for pair in read_pairs(DIALOGS, refuse)})
    tokenizer = Tokenizer.fit(replies)
    assert [tokenizer.decode(tokenizer.encode(reply)) for reply in replies] == replies


def test_the_replies_of_a_topic_count_together_where_the_best_is_looked_for_and_alone_where_they_are_drawn(bot_with):
    bot = bot_with(0.3, 0.29, 0.41, 0.0, topics={OPENING: "hours", CLOSING: "hours"})
    assert bot.reply("hello").text == OPENING
    assert bot.reply("hello", ban_words=["ten"]).text == CAKE
    drawn = {bot.reply("hello", temperature=1.0, seed=seed).text for seed in range(40)}
    assert drawn == {OPENING, CLOSING, CAKE}


def test_the_reply_of_an_urgent_topic_is_said_though_another_is_a_little_likelier(bot_with):
    shares = (0.1, 0.35, 0.5, 0.05)
    assert bot_with(*shares).reply("hello").text == CAKE
    assert bot_with(*shares, topics={CLOSING: "closing!"}).reply("hello").text == CLOSING
    assert bot_with(*shares, topics={CLOSING: "closing"}).reply("hello").text == CAKE


def test_in_doubt_whether_anything_urgent_was_meant_the_urgent_fallback_is_said(bot_with):
    topics = {OPENING: "fire!", WORD: "Fallback!"}
    for urgent, said in ((0.1, CAKE), (0.3, WORD), (0.6, OPENING)):
        bot = bot_with(urgent, 0.1, 0.9 - urgent, 0.0, topics=topics)
        assert bot.reply("hello").text == said
        assert bot.urgent_replies == {OPENING, WORD}
    assert bot_with(0.3, 0.1, 0.6, 0.0, topics=topics).reply("hello", ban_words=["bread"]).text == OPENING
