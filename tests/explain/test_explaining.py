import math

import numpy as np
import pytest

from chatbot import Chatbot, DecodingConfig
from chatbot.config import FallbackConfig
from chatbot.explain import Fate, explain
from chatbot.inference.scoring import score


@pytest.fixture(scope="module")
def bot(english_bundle):
    return Chatbot.load(english_bundle)


@pytest.fixture
def prompt(learned_pairs):
    return learned_pairs[0].prompt


def test_the_steps_are_the_reply_and_their_probabilities_its_score(bot, prompt):
    explanation, reply = explain(bot, prompt), bot.reply(prompt)
    assert explanation.reply == reply
    assert [step.token for step in explanation.steps] == [*reply.tokens, "<eos>"]
    assert sum(math.log(step.probability) for step in explanation.steps) == pytest.approx(reply.score, abs=1e-3)
    assert all(step.rank == 1 and step.adjusted is None for step in explanation.steps)


def test_the_runners_up_are_the_next_probable_tokens_and_never_the_one_said(bot, prompt):
    for step in explain(bot, prompt).steps:
        others = [other.probability for other in step.others]
        assert len(others) == 5
        assert others == sorted(others, reverse=True)
        assert step.token not in [other.token for other in step.others]
        assert sum(others) + step.probability <= 1 + 1e-6
        assert not any(other.refused for other in step.others if other.token.startswith("▁"))


def test_entropy_is_in_bits_between_certainty_and_the_whole_vocabulary(bot, prompt):
    known, unknown = explain(bot, prompt).steps, explain(bot, "zyx qwv").steps
    highest = math.log2(bot.config.vocabulary_size)
    assert all(0 <= step.entropy < highest for step in (*known, *unknown))
    assert np.mean([step.entropy for step in known]) < 1
    # The entropy of a distribution that is known to be nearly p and 1 - p is that of a coin.
    for step in known:
        if step.probability > 0.5:
            rest = 1 - step.probability
            least = -step.probability * math.log2(step.probability) - rest * math.log2(max(rest, 1e-12))
            assert step.entropy >= least - 1e-3


def test_the_alignment_shares_out_all_attention_over_the_prompt(bot, prompt):
    explanation = explain(bot, prompt)
    assert explanation.attention == "dot"
    for step in explanation.steps:
        assert len(step.alignment) == len(explanation.tokens)
        assert sum(step.alignment) == pytest.approx(1, abs=1e-4)


def test_a_bot_without_attention_has_no_alignment(bot, prompt):
    class Blind:
        """The same model, which tells nothing of its attention."""

        encode, step = bot.model.encode, bot.model.step

    blind = Chatbot(bot.tokenizer, Blind(), bot.config)
    explanation = explain(blind, prompt)
    assert not explanation.aligned
    assert explanation.neighbours is None
    assert explanation.reply.text == bot.reply(prompt).text


def test_the_prompt_is_told_as_the_encoder_reads_it(bot):
    explanation = explain(bot, "  HELLO   there ")
    assert explanation.prompt == "hello there"
    assert "".join(explanation.tokens).replace("▁", " ").strip() == "hello there"


@pytest.mark.parametrize("prompt", ["", "  \n"])
def test_a_prompt_that_says_nothing_has_an_empty_reply_and_no_steps(bot, prompt):
    explanation = explain(bot, prompt)
    assert (explanation.reply.text, explanation.steps, explanation.tokens) == ("", (), ())
    assert explanation.neighbours is not None
    assert explanation.neighbours.nearest == ()


def test_the_nearest_training_prompt_to_a_training_prompt_is_itself(bot, learned_pairs):
    for pair in learned_pairs[:5]:
        neighbours = explain(bot, pair.prompt.upper()).neighbours
        nearest = neighbours.nearest[0]
        assert (nearest.prompt, nearest.reply) == (pair.prompt.lower(), pair.reply)
        assert nearest.cosine == pytest.approx(1, abs=1e-4)
        cosines = [one.cosine for one in neighbours.nearest]
        assert cosines == sorted(cosines, reverse=True)
        assert len(cosines) <= 5
        assert neighbours.known == len(bot.index)


def test_a_prompt_that_shares_no_characters_has_no_neighbours(bot):
    neighbours = explain(bot, "日本").neighbours
    assert (neighbours.nearest, neighbours.compared) == ((), 0)


def test_a_bundle_without_an_index_says_that_there_is_none(bare_bundle, english_pairs):
    assert explain(Chatbot.load(bare_bundle), english_pairs[0].prompt).neighbours is None


def test_the_beam_has_the_reply_as_one_branch_from_the_root(bot, prompt):
    decoding = DecodingConfig(beam=4)
    explanation = explain(bot, prompt, decoding)
    chosen = [node for node in explanation.beam if node.chosen]
    assert [node.token for node in chosen] == [step.token for step in explanation.steps]
    assert (chosen[-1].rank, chosen[-1].fate) == (1, Fate.ENDED)
    assert chosen[-1].total == pytest.approx(bot.reply(prompt, decoding).score, abs=1e-3)
    places = {id(node): number for number, node in enumerate(explanation.beam)}
    for before, node in zip([None, *chosen], chosen, strict=False):
        assert node.parent == (-1 if before is None else places[id(before)])
    assert all(node.parent < number for number, node in enumerate(explanation.beam))
    assert explain(bot, prompt).beam is None


def test_a_banned_word_is_told_as_a_runner_up_that_was_refused(bot, prompt):
    word = bot.reply(prompt).text.split()[0].strip(",.!?")
    explanation = explain(bot, prompt, DecodingConfig(ban_words=(word,)))
    assert word.lower() not in explanation.reply.text.lower().split()
    refused = [other for step in explanation.steps for other in step.others if other.refused]
    assert refused, "the word was what the model wanted to say"
    assert any(step.rank > 1 for step in explanation.steps)


def test_sampling_tells_what_temperature_and_cuts_left_of_the_probability(bot, prompt):
    cold = explain(bot, prompt, DecodingConfig(temperature=0.5, seed=1)).steps
    assert all(step.adjusted > step.probability for step in cold if 0.5 < step.probability < 0.999)
    only = explain(bot, prompt, DecodingConfig(top_k=1)).steps
    assert all(step.adjusted == pytest.approx(1) for step in only)


def test_a_reply_that_was_drawn_is_explained_rather_than_another(bot, prompt):
    decoding = DecodingConfig(temperature=3.0, max_tokens=6)
    drawn = bot.reply(prompt, decoding)
    explanation = explain(bot, prompt, decoding, reply=drawn)
    assert explanation.reply.text == drawn.text
    assert explanation.reply.truncated == drawn.truncated
    assert [step.token for step in explanation.steps][: len(drawn.tokens)] == list(drawn.tokens)
    logs = [math.log(step.probability) for step in explanation.steps]
    assert logs == pytest.approx(drawn.log_probabilities, abs=1e-3)


def test_a_fallback_does_not_stand_in_for_the_reply_that_is_explained(bot, prompt):
    decoding = DecodingConfig(temperature=0.5, seed=4)
    fallback = bot.reply(prompt, decoding, FallbackConfig("I don't know.", 1.0))
    assert explain(bot, prompt, decoding, reply=fallback).reply.text == bot.reply(prompt, decoding).text


def test_the_turns_before_are_a_part_of_the_prompt(contextual_bundle):
    bot = Chatbot.load(contextual_bundle)
    explanation = explain(bot, "why?", context=["do you like rain?", "Yes, I do."])
    assert explanation.prompt == "do you like rain? ␞ yes, i do. ␞ why?"
    assert explanation.reply == bot.reply("why?", context=["do you like rain?", "Yes, I do."])


def test_the_probabilities_are_those_of_scoring_the_reply(bot, prompt):
    steps = explain(bot, prompt, DecodingConfig(beam=3)).steps
    ids = bot.tokenizer.ids(step.token for step in steps)
    expected = score(bot.model, [bot.read(prompt).ids], [ids])[0]
    assert np.log([step.probability for step in steps]) == pytest.approx(expected, abs=1e-3)
