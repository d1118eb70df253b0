import math

import pytest

import chatbot
from chatbot import Chatbot, DecodingConfig, Reply
from tests.conftest import run_chatbot


@pytest.fixture(scope="module")
def bot(english_bundle):
    return Chatbot.load(str(english_bundle))


def exact(bot, pairs):
    return sum(bot.reply(prompt).text == reply for prompt, reply in pairs)


def test_sixty_english_pairs_are_learned_by_heart(bot, english_pairs):
    assert len(english_pairs) == 60
    assert exact(bot, english_pairs) >= 57


def test_sixty_korean_pairs_are_learned_by_heart_through_the_command_line(tmp_path, korean_bundle, korean_pairs):
    prompts = "".join(f"{prompt}\n" for prompt, _ in korean_pairs)
    done = run_chatbot(["reply", "--checkpoint", korean_bundle], tmp_path, prompts)
    replies = done.stdout.splitlines()
    assert len(replies) == len(korean_pairs) == 60
    assert sum(said == reply for said, (_, reply) in zip(replies, korean_pairs, strict=True)) >= 57


def test_a_reply_has_its_text_its_tokens_and_its_score(bot, english_pairs):
    reply = bot.reply(english_pairs[3].prompt)
    assert "".join(reply.tokens).replace("▁", " ").strip() == reply.text == english_pairs[3].reply
    assert -5 < reply.score <= 0
    assert not reply.truncated
    assert not reply.prompt_truncated


def test_the_pieces_of_a_stream_join_to_the_reply(bot, korean_bundle, english_pairs, korean_pairs):
    for speaker, pairs in [(bot, english_pairs), (Chatbot.load(korean_bundle), korean_pairs)]:
        for prompt, _ in pairs[:15]:
            pieces = list(speaker.stream(prompt))
            assert "".join(pieces) == speaker.reply(prompt).text
            assert len(pieces) > 1
            assert "\ufffd" not in "".join(pieces)


def test_a_batch_answers_as_one_by_one_and_in_order(bot, english_pairs):
    prompts = [pair.prompt for pair in english_pairs[:20]] + ["", "something else entirely"]
    together, alone = bot.reply_batch(prompts), [bot.reply(prompt) for prompt in prompts]
    assert [reply.text for reply in together] == [reply.text for reply in alone]
    assert [reply.score for reply in together] == pytest.approx([reply.score for reply in alone], abs=1e-4)


def test_prompts_are_normalized_as_the_corpus_was(bot, english_pairs):
    prompt = english_pairs[0].prompt
    assert bot.reply(f"  {prompt.replace(' ', '   ')}\n").text == bot.reply(prompt).text


@pytest.mark.parametrize("text", ["", "   ", "\n\t", "\x00\x07"])
def test_nothing_said_is_nothing_answered(bot, text):
    assert bot.reply(text) == Reply("")
    assert list(bot.stream(text)) == []


def test_a_batch_of_nothing_is_nothing(bot):
    assert bot.reply_batch([]) == []


@pytest.mark.parametrize("text", ["😀🇰🇷👩‍🚀", "日本語", "ﷺ שלום", "\ud800", "a" * 5000, "?!" * 9, "\u202eabc"])
def test_anything_said_gets_an_answer_of_one_line(bot, text):
    reply = bot.reply(text)
    assert len(reply.text.splitlines()) <= 1
    assert math.isfinite(reply.score)


def test_a_cut_reply_says_so(bot, english_pairs):
    prompt = english_pairs[0].prompt
    whole = bot.reply(prompt)
    cut = bot.reply(prompt, DecodingConfig(max_tokens=3))
    assert cut.truncated
    assert cut.tokens == whole.tokens[:3]
    assert not bot.reply(prompt, DecodingConfig(max_tokens=len(whole.tokens) + 1)).truncated


def test_a_prompt_longer_than_the_model_reads_says_so(bot):
    assert bot.reply("tell me more " * 500).prompt_truncated


def test_the_newest_bundle_is_loaded_where_none_is_named(english_bundle, monkeypatch, english_pairs):
    monkeypatch.chdir(english_bundle.parent.parent)
    assert Chatbot.load().reply(english_pairs[0].prompt).text == english_pairs[0].reply


def test_the_public_names_are_there_and_no_others():
    assert dir(chatbot) == sorted(chatbot.__all__)
    assert all(getattr(chatbot, name) for name in chatbot.__all__)
    with pytest.raises(AttributeError, match="no attribute 'Robot'"):
        chatbot.Robot  # noqa: B018  # reading it is the test


WHY = {"rain": "Because the garden drinks.", "noise": "Because I cannot hear you."}
SAID = {"rain": "Yes, I do.", "noise": "No, not at all."}


@pytest.mark.parametrize("topic", WHY)
def test_the_turns_before_a_prompt_change_its_answer(contextual_bundle, topic):
    speaker = Chatbot.load(contextual_bundle)
    before = [f"do you like {topic}?", SAID[topic]]
    assert speaker.context_turns == 2
    assert speaker.reply("why?").text == "Why what?"
    for turns in (before, ["hello", "Hi!", *before], [*before[:1], " ", *before[1:]]):
        assert speaker.reply("WHY?", context=turns).text == WHY[topic]
        assert "".join(speaker.stream("why?", context=turns)) == WHY[topic]
    assert speaker.reply(f"{before[0]} ␞ {before[1]} ␞ why?").text == WHY[topic]
    assert speaker.reply("  ", context=before) == Reply("")


def test_a_bot_of_single_turns_answers_as_if_nothing_had_been_said(bot, english_pairs):
    prompt, reply = english_pairs[0]
    assert bot.context_turns == 0
    assert bot.reply(prompt, context=["hello", "Hi!"]).text == reply


def test_of_a_prompt_that_is_too_long_the_end_is_answered(bot, english_pairs):
    prompt = english_pairs[0].prompt
    long = bot.reply("and then " * 200 + prompt)
    same = bot.reply("and then " * 300 + prompt)
    assert long.prompt_truncated
    assert long.text == same.text
    assert bot.reply("something else " * 300 + "and then " * 200 + prompt).text == long.text
