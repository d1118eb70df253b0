from dataclasses import replace

import pytest

from chatbot import Chatbot
from chatbot.bot.index.nearest_neighbour import NearestNeighbour
from chatbot.bot.reply.calibration import ALTERED, LEFT_OUT, Lengths
from chatbot.bot.reply.confidence import Answer
from chatbot.bundle import Bundle
from chatbot.corpus import Corpus, Pair
from chatbot.training.export.final_evaluation import evaluate_bot
from chatbot.training.setup.initial_model import start_from_bundle

LENGTHS = Lengths(1.5, 0.5)


@pytest.fixture(scope="module")
def bot(english_bundle):
    return Chatbot.load(english_bundle)


def examined(bot, bundle, corpus, index=None, left_out=()):
    start = start_from_bundle(Bundle.open(bundle).path, corpus)
    return evaluate_bot(corpus, start, bot.model, LENGTHS, index, seed=1, left_out=left_out)


def test_the_quality_is_the_share_of_held_out_prompts_that_get_a_right_reply(bot, english_bundle, learned_pairs):
    first, second, third = learned_pairs[:3]
    held_out = [first, Pair(second.prompt, third.reply), Pair(third.prompt, "Not this.")]
    corpus = replace(Corpus.of(learned_pairs, held_out), topics={second.reply: "one", third.reply: "one"})
    quality = examined(bot, english_bundle, corpus, NearestNeighbour.build([first])).quality
    assert (quality.prompts, quality.right, quality.exact, quality.by_topic) == (3, 2, 1, True)
    assert quality.nearest_neighbour == 1, "whose every reply is the first"
    strict = examined(bot, english_bundle, replace(corpus, topics={})).quality
    assert (strict.right, strict.exact, strict.by_topic, strict.nearest_neighbour) == (1, 1, False, None)


def test_every_reply_is_graded_with_its_confidence(bot, english_bundle, learned_pairs):
    (prompt, reply), (other, _) = learned_pairs[:2]
    corpus = Corpus.of(learned_pairs, [Pair(prompt, reply), Pair(other, "Not this.")])
    graded = {one.prompt: one for one in examined(bot, english_bundle, corpus).graded}
    assert (graded[prompt].said, graded[prompt].right) == (reply, True)
    assert (graded[other].recorded, graded[other].right) == (("Not this.",), False)
    assert all(0 <= one.confidence <= 1 for one in graded.values())


def test_where_nothing_is_held_out_there_is_no_figure_but_a_confidence(bot, english_bundle, learned_pairs):
    found = examined(bot, english_bundle, Corpus.of(learned_pairs, []), NearestNeighbour.build(learned_pairs))
    assert found.quality is None
    assert (found.calibration.measured_on, len(found.graded)) == (ALTERED, len(learned_pairs))


def test_answers_to_prompts_that_were_left_out_are_what_the_confidence_is_fitted_to(bot, english_bundle, learned_pairs):
    corpus, index = Corpus.of(learned_pairs, learned_pairs[:1]), NearestNeighbour.build(learned_pairs)
    right = [Answer(prompt.lower(), 4, reply, -0.1) for prompt, reply in learned_pairs]
    wrong = [Answer(prompt.lower(), 4, "Not this.", -0.1) for prompt, _ in learned_pairs]
    good, bad = (examined(bot, english_bundle, corpus, index, answers) for answers in (right, wrong))
    assert (good.calibration.measured_on, good.calibration.prompts) == (LEFT_OUT, len(learned_pairs))
    assert good.calibration.costs["wrong"] == bad.calibration.costs["right"] == 0
    assert good.quality == bad.quality, "which is that of the validation prompts"
    assert good.graded[0].confidence > bad.graded[0].confidence
