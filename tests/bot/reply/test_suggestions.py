import itertools
import math
from dataclasses import replace

import pytest

from chatbot import Chatbot
from chatbot.bot.index.nearest_neighbour import NearestNeighbour
from chatbot.bot.reply.calibration import Calibration
from chatbot.bot.reply.confidence import Confidence
from chatbot.bot.reply.suggestions import Suggester, Suggestion
from chatbot.config import EOS
from chatbot.errors import ConfigError
from chatbot.inference.decoding.search_results import Hypothesis
from tests.conftest import run_chatbot

PAIRS = [
    ("when do you open", "At seven."),
    ("when do you close", "At six."),
    ("do you sell bread", "Yes, all day."),
    ("can I buy a loaf", "Yes, we bake it here."),
    ("who is the president", "That is not for me to say."),
]
TOPICS = {"Yes, all day.": "bread", "Yes, we bake it here.": "bread"}
SURE = Calibration(
    measured_on="validation prompts",
    prompts=1,
    length_mean=1.0,
    length_spread=1.0,
    familiar={"offset": -3.0, "neighbourhood": 0.0, "neighbour_similarity": 12.0, "prompt_length_z": 0.0},
    right={"offset": 3.0, "reply_logit": 0.0, "reply_support": 0.0},
    wrong_cost=None,
    threshold=0.5,
)


@pytest.fixture(scope="module")
def bot(english_bundle):
    return Chatbot.load(english_bundle)


@pytest.fixture
def suggest(bot):
    """The suggestions for a prompt whose replies have these probabilities."""

    def suggest_for(prompt, most=3, **shares):
        index = NearestNeighbour.build(PAIRS)
        suggester = Suggester(bot.tokenizer, index, replace_index(index), TOPICS, {"That is not for me to say."})
        replies = dict(zip("abcde", (reply for _, reply in PAIRS), strict=True))
        found = [
            Hypothesis((*bot.tokenizer.encode(replies[name]), EOS), (math.log(share),), 0.0)
            for name, share in shares.items()
        ]
        return suggester.suggest(bot.read(prompt), found, most)

    return suggest_for


def replace_index(index):
    confidence = Confidence(SURE, None)
    vars(confidence)["index"] = index  # which is read from a file otherwise
    return confidence


def test_two_near_answers_are_given_by_the_questions_learned_for_them_the_likeliest_first(suggest):
    assert suggest("when do you", b=0.5, a=0.4, c=0.01) == (
        Suggestion("when do you close", "At six.", pytest.approx(0.5)),
        Suggestion("when do you open", "At seven.", pytest.approx(0.4)),
    )


def test_nothing_is_suggested_where_one_answer_is_far_ahead(suggest):
    assert suggest("when do you", b=0.9, a=0.05) == ()


def test_no_more_is_suggested_than_was_asked_for(suggest):
    assert len(suggest("do you when sell", a=0.3, b=0.3, c=0.3)) == 3
    assert len(suggest("do you when sell", most=2, a=0.3, b=0.3, c=0.3)) == 2


def test_the_replies_of_a_topic_are_one_answer(suggest):
    assert suggest("do you buy or sell", c=0.4, d=0.4) == ()
    found = suggest("do you sell when open", a=0.3, c=0.25, d=0.2)
    assert [(one.prompt, one.probability) for one in found] == [
        ("do you sell bread", pytest.approx(0.45)),
        ("when do you open", pytest.approx(0.3)),
    ]


def test_a_reply_that_declines_is_no_answer(suggest):
    assert suggest("who is open when", e=0.5, a=0.4) == ()


def test_a_prompt_that_was_learned_means_itself(suggest):
    assert suggest("When do you OPEN", a=0.5, b=0.4) == ()


def test_nothing_is_suggested_for_what_is_unlike_all_that_was_learned(suggest):
    assert suggest("when wendigos doze", b=0.5, a=0.4) == ()


def test_an_empty_prompt_has_no_suggestions(bot):
    assert bot.reply("", suggest=2).suggestions == ()


def test_a_bot_without_an_index_cannot_suggest(bare_bundle):
    with pytest.raises(ConfigError, match="suggest needs the index of the prompts; train the bot again"):
        Chatbot.load(bare_bundle).reply("hello", suggest=2)


def test_a_bot_of_open_dialogue_cannot_suggest(babbling_bundle):
    with pytest.raises(ConfigError, match="suggest names recorded replies, and this bot has no set of them"):
        Chatbot.load(babbling_bundle).reply("say a", suggest=2)


def test_suggestions_change_no_reply_and_come_from_batches_and_streams_alike(bot, english_pairs):
    prompts = [f"{one.prompt} {other.prompt}" for one, other in itertools.pairwise(english_pairs)]
    plain, asked = bot.reply_batch(prompts), bot.reply_batch(prompts, suggest=3)
    assert [replace(reply, suggestions=()) for reply in asked] == plain
    ambiguous = [place for place, reply in enumerate(asked) if reply.suggestions]
    assert ambiguous
    prompt, whole = prompts[ambiguous[0]], asked[ambiguous[0]]
    learned = {pair.prompt.casefold(): pair.reply for pair in english_pairs}
    assert all(learned[one.prompt] == one.reply for one in whole.suggestions)
    assert [one.prompt for one in bot.reply(prompt, suggest=3).suggestions] == [one.prompt for one in whole.suggestions]


def test_the_commands_name_the_questions_and_a_number_picks_one(tmp_path, english_bundle, bot, english_pairs):
    prompts = [f"{one.prompt} {other.prompt}" for one, other in itertools.pairwise(english_pairs)]
    asked = zip(prompts, bot.reply_batch(prompts, suggest=2), strict=True)
    prompt, reply = next((prompt, reply) for prompt, reply in asked if reply.suggestions)
    first, second = reply.suggestions
    at = ["--checkpoint", english_bundle, "--suggest", "2"]
    done = run_chatbot(["reply", prompt, *at], tmp_path)
    assert (done.stdout, done.stderr) == (f"{reply.text}\n", f'did you mean "{first.prompt}" or "{second.prompt}"?\n')
    talk = run_chatbot(["chat", *at], tmp_path, f"{prompt}\n2\n")
    assert talk.stdout.splitlines() == [reply.text, second.reply]
    assert f"Did you mean …? Type its number.\n  1  {first.prompt}\n  2  {second.prompt}\n" in talk.stderr
