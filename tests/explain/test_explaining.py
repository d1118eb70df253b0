import json
import math

import numpy as np
import pytest

from chatbot import Chatbot, DecodingConfig
from chatbot.bundle import Correction, Corrections, write_known_replies
from chatbot.config import EOS, FallbackConfig
from chatbot.explain import Fate, explain
from chatbot.inference.scoring import score
from chatbot.inference.step_model import VIEWS


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
    for step in explain(bot, prompt, DecodingConfig(free=True)).steps:
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


def test_the_reply_memory_shares_out_the_whole_among_the_known_replies(bot, learned_pairs):
    for pair in learned_pairs[:5]:
        recalled = explain(bot, pair.prompt).recalled
        first = recalled.replies[0]
        assert (first.reply, first.said, recalled.said) == (pair.reply, True, True)
        shares = [one.share for one in recalled.replies[:5]]
        assert shares == sorted(shares, reverse=True)
        assert first.share > 0.5
        assert sum(shares) <= 1 + 1e-5
        assert (recalled.known, recalled.views) == (60, VIEWS)


def test_a_recorded_prompt_is_looked_up_and_another_is_not(bot, learned_pairs):
    learned = learned_pairs[0]
    recalled = explain(bot, learned.prompt).recalled
    assert recalled.looked_up
    assert recalled.replies[0].reply == learned.reply
    assert recalled.replies[0].share >= 0.99
    assert recalled.to_json()["looked_up"]
    others = explain(bot, "zyx qwv").recalled, explain(bot, learned.prompt, DecodingConfig(free=True)).recalled
    assert not any(one.looked_up for one in others)
    np.testing.assert_allclose(others[1].replies[0].share, max(bot.model.recall(bot.read(learned.prompt).ids).shares))


def test_a_taught_reply_is_looked_up_though_no_view_knows_it(bot, tmp_path):
    known = [reply.text for reply in bot.known_replies]
    write_known_replies(tmp_path / "replies.json", known, {})
    taught = Corrections((Correction("zyx qwv", "That is no word.", "", "taught.tsv", 1),))
    file = tmp_path / "replies.json"
    learned = Chatbot(bot.tokenizer, bot.model, bot.config, known_replies=file, corrections=taught)
    explanation = explain(learned, "zyx qwv")
    first = explanation.recalled.replies[0]
    assert explanation.recalled.looked_up
    assert (explanation.reply.text, first.reply, first.share) == ("That is no word.", "That is no word.", 1.0)
    assert set(first.by_view.values()) == {0.0}
    assert not explain(learned, "how are you").recalled.looked_up


def test_each_view_has_a_favourite_that_is_shown_whatever_the_others_think(bot):
    for prompt in ("how are you", "zyx qwv", "tell me about it"):
        replies = explain(bot, prompt).recalled.replies
        assert sorted(view for one in replies for view in one.first_of) == sorted(VIEWS)
        for view in VIEWS:
            (favourite,) = (one for one in replies if view in one.first_of)
            assert favourite.by_view[view] == max(one.by_view[view] for one in replies)
        assert len(replies) == len({one.reply for one in replies})


def test_the_scores_of_the_networks_views_select_the_reply_that_the_shares_do(bot, prompt):
    recall = bot.model.recall(bot.read(prompt).ids)
    together = np.prod([recall.views[view].astype(np.float64) for view in VIEWS[:3]], axis=0)
    assert together.argmax() == recall.shares.argmax()


def test_the_shares_are_the_votes_of_the_n_grams_and_those_of_the_network_times_one_weight(bot):
    recall = bot.model.recall(bot.read("tell me what you like").ids)
    logits = {view: np.log(shares.astype(np.float64)) for view, shares in recall.views.items()}
    network = sum(logits[view] for view in VIEWS[:3])
    left = np.log(recall.shares.astype(np.float64)) - logits["n-grams"]
    (weight, _), (missed, *_), *_ = np.polyfit(network, left, 1, full=True)
    assert 0.04 < weight < 1.01
    assert missed / len(left) < 1e-3


def test_a_reply_that_is_none_of_the_known_ones_is_said_to_be_none(bot, prompt):
    recalled = explain(bot, prompt, DecodingConfig(max_tokens=2)).recalled
    assert not recalled.said
    assert not any(one.said for one in recalled.replies)


def test_the_topics_of_a_corpus_stand_beside_the_replies(bot, tmp_path, prompt):
    known = [reply.text for reply in bot.known_replies]
    write_known_replies(tmp_path / "replies.json", known, {known[0]: "first"})
    named = Chatbot(bot.tokenizer, bot.model, bot.config, known_replies=tmp_path / "replies.json")
    topics = {one.reply: one.topic for one in explain(named, prompt).recalled.replies}
    assert all(topic == ("first" if reply == known[0] else None) for reply, topic in topics.items())


def test_it_goes_to_programs_as_json(bot, prompt):
    explanation = explain(bot, prompt.upper(), DecodingConfig(beam=3))
    told = json.loads(json.dumps(explanation.to_json()))
    assert (told["typed"], told["prompt"]) == (prompt.upper(), explanation.prompt)
    assert told["reply"] == explanation.reply.text
    assert [step["token"] for step in told["steps"]] == [step.token for step in explanation.steps]
    assert told["steps"][0]["others"][0].keys() == {"token", "probability", "refused"}
    assert told["recalled"]["replies"][0].keys() == {"reply", "topic", "share", "by_view", "first_of", "said"}
    assert {node["fate"] for node in told["beam"]} <= {fate.value for fate in Fate}
    assert told["neighbours"]["nearest"][0]["prompt"] == explanation.neighbours.nearest[0].prompt


def test_a_bot_without_attention_has_no_alignment_and_one_without_a_reply_memory_recalls_nothing(bot, prompt):
    class Blind:
        """The same model, which tells nothing of what lies inside."""

        encode, step = bot.model.encode, bot.model.step

    blind = Chatbot(bot.tokenizer, Blind(), bot.config)
    explanation = explain(blind, prompt)
    assert not explanation.aligned
    assert explanation.neighbours is None
    assert (explanation.recalled, explanation.to_json()["recalled"], blind.known_replies) == (None, None, ())
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


def test_among_recorded_replies_the_runners_up_are_the_tokens_with_which_another_one_continues(bot, prompt):
    explanation = explain(bot, prompt)
    replies = [bot.tokenizer.encode(reply.text) for reply in bot.known_replies]
    said: list[int] = []
    for step in explanation.steps[:-1]:
        following = {tokens[len(said)] for tokens in replies if tokens[: len(said)] == said and len(tokens) > len(said)}
        said += bot.tokenizer.ids([step.token])
        assert set(bot.tokenizer.ids(other.token for other in step.others)) <= following - {said[-1]} | {EOS}
    assert explanation.steps[-1].others == ()
    assert sum(len(step.others) for step in explanation.steps) > 0


def test_a_banned_word_is_told_as_a_runner_up_that_was_refused(bot, prompt):
    word = bot.reply(prompt).text.split()[0].strip(",.!?")
    explanation = explain(bot, prompt, DecodingConfig(ban_words=(word,), free=True))
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
    steps = explain(bot, prompt, DecodingConfig(beam=3, free=True)).steps
    ids = bot.tokenizer.ids(step.token for step in steps)
    expected = score(bot.model, [bot.read(prompt).ids], [ids])[0]
    assert np.log([step.probability for step in steps]) == pytest.approx(expected, abs=1e-3)


def test_the_reply_and_its_neighbours_name_the_line_of_the_corpus_that_they_come_from(
    bot, english_pairs, learned_pairs
):
    pair = learned_pairs[3]
    explanation = explain(bot, pair.prompt)
    line = ("english.tsv", english_pairs.index(pair) + 1)
    assert explanation.origin == explanation.neighbours.nearest[0].origin == line
    told = explanation.to_json()
    assert told["origin"] == told["neighbours"]["nearest"][0]["origin"] == {"file": line[0], "line": line[1]}


def test_a_reply_that_nobody_recorded_comes_from_no_line(bot):
    assert explain(bot, "hello", DecodingConfig(max_tokens=1)).origin is None
