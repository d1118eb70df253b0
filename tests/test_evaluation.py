import numpy as np
import pytest

from chatbot import Chatbot, DecodingConfig
from chatbot.config import EOS
from chatbot.corpus import Pair
from chatbot.evaluation import evaluate
from chatbot.inference.step_model import DecoderState

DECODING = DecodingConfig()


def ignore(*_progress):
    """For those who do not look on."""


@pytest.fixture(scope="module")
def bot(english_bundle):
    return Chatbot.load(english_bundle)


class Even:
    """A model to which every token is as likely as another, except that it says `word` and ends when asked."""

    def __init__(self, vocabulary, word):
        self.vocabulary, self.word = vocabulary, word

    def encode(self, prompts):
        return DecoderState({"said": np.zeros((len(prompts), 1), np.float32)})

    def step(self, tokens, state):
        logits = np.zeros((len(tokens), self.vocabulary), np.float32)
        for row, said in enumerate(state.arrays["said"][:, 0]):
            logits[row, EOS if said else self.word] = 1e-6
        return logits, DecoderState({"said": state.arrays["said"] + 1})


def test_perplexity_and_bits_are_those_of_the_model(bot):
    tokenizer = bot.tokenizer
    size = tokenizer.vocabulary_size
    (word,) = tokenizer.encode("a")[-1:]
    even = Chatbot(tokenizer, Even(size, word), bot.config)
    pairs = [Pair("hi", "Héllo there."), Pair("Hi", "a"), Pair("bye", "See you!")]
    found = evaluate(even, pairs, {}, DECODING, ignore)
    tokens = sum(len(tokenizer.encode(reply)) + 1 for _, reply in pairs)
    assert found.perplexity == pytest.approx(size, rel=1e-4)
    assert found.bits_per_byte == pytest.approx(tokens * np.log2(size) / (14 + 2 + 9), rel=1e-4)
    assert (found.pairs, found.prompts) == (3, 2)
    assert found.reply_metrics.exact_match == 1 / 2, "the reply to both is a, recorded for one of the two prompts"
    assert (found.reply_metrics.right, found.by_topic) == (1 / 2, False)
    assert found.top_reply_share == 1
    assert (found.distinct_1, found.distinct_2) == (1 / 2, 0)
    assert (found.confidence, found.calibration_error, found.unsure, found.nearest_neighbour) == (None,) * 4
    assert [(one.prompt, one.said, one.right, one.confidence) for one in found.graded] == [
        ("hi", "a", True, None),
        ("bye", "a", False, None),
    ]


def test_a_bot_that_knows_its_corpus_by_heart_beats_everybody(bot, english_pairs):
    found = evaluate(bot, english_pairs, {}, DECODING, ignore)
    assert (found.pairs, found.prompts) == (60, 60)
    assert found.reply_metrics.exact_match >= 57 / 60
    assert found.reply_metrics.bleu > 90
    assert found.reply_metrics.chrf > 90
    assert found.perplexity < 1.2
    assert found.bits_per_byte < 0.1
    assert found.top_reply_share <= 3 / 60
    assert found.confidence > 0.8
    assert found.calibration_error < 0.2
    assert found.unsure < 0.1
    assert found.nearest_neighbour.exact_match == 1
    assert found.replies_per_second > 0


def test_every_recorded_reply_counts_and_prompts_that_differ_in_case_are_one(bot, english_pairs):
    prompt, reply = english_pairs[0]
    found = evaluate(bot, [Pair(prompt, "Something else."), Pair(prompt.upper(), reply.upper())], {}, DECODING, ignore)
    assert (found.pairs, found.prompts, found.reply_metrics.exact_match) == (2, 1, 1)


def test_progress_is_told_to_the_end_of_each_part(bot, english_pairs):
    told = []
    evaluate(bot, english_pairs, {}, DECODING, lambda *report: told.append(report))
    parts = list(dict.fromkeys(what for what, _, _ in told))
    assert len(parts) == 4
    assert {report for report in told if report[1] == report[2]} == {(what, 60, 60) for what in parts}


def test_a_bot_without_an_index_has_no_baseline_but_all_the_rest(bare_bundle, english_pairs):
    found = evaluate(Chatbot.load(bare_bundle), english_pairs[:20], {}, DECODING, ignore)
    assert found.nearest_neighbour is None
    assert found.to_json()["nearest_neighbour"] is None
    assert 0 <= found.confidence <= 1


def test_another_reply_of_the_topic_is_right_and_no_exact_match(bot, learned_pairs):
    (prompt, said), (_, other) = learned_pairs[:2]
    pairs = [Pair(prompt, other), Pair("qzx vbnm", said)]
    found = evaluate(bot, pairs, {said: "one", other: "one"}, DECODING, ignore)
    assert found.by_topic
    assert found.graded[0].right
    assert found.reply_metrics.right > found.reply_metrics.exact_match
    strict = evaluate(bot, pairs, {said: "one", other: "two"}, DECODING, ignore)
    assert not strict.graded[0].right
    assert strict.reply_metrics.exact_match == found.reply_metrics.exact_match
