import math
import pickle
import tomllib
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

import chatbot
from chatbot import Chatbot, DecodingConfig, FallbackConfig, Reply
from chatbot.bot.reply.banned_word_matching import BannedWords
from chatbot.bot.reply.reply_object import LazyConfidence
from chatbot.config import FallbackOptions
from chatbot.errors import ConfigError
from tests.conftest import ROOT, run_chatbot


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


@pytest.mark.parametrize("decoding", [DecodingConfig(), DecodingConfig(beam=4), DecodingConfig(max_tokens=2)])
def test_replies_that_grow_side_by_side_are_those_of_each_alone(bot, english_pairs, decoding):
    prompts = ["", *(pair.prompt for pair in english_pairs[:5]), STRANGE[0], " "]
    pieces, replies = [""] * len(prompts), {}
    for events in bot.stream_batch(prompts, decoding):
        for row, piece, reply in events:
            assert row not in replies
            pieces[row] += piece
            if reply is not None:
                replies[row] = reply
    alone = [bot.reply(prompt, decoding) for prompt in prompts]
    assert pieces == [reply.text for reply in alone]
    assert [replies[row].tokens for row in range(len(prompts))] == [reply.tokens for reply in alone]


@pytest.mark.parametrize("decoding", [None, DecodingConfig(beam=4, n_best=3), DecodingConfig(max_tokens=2)])
@pytest.mark.parametrize("fallback", [None, FallbackConfig("Pardon?", 0.9)])
def test_a_stream_ends_with_the_whole_reply(bot, english_pairs, decoding, fallback):
    def told(prompt):
        found.append((yield from bot.stream(prompt, decoding, fallback)))

    for prompt in (english_pairs[0].prompt, "qzx vbnm 88", ""):
        found = []
        pieces = list(told(prompt))
        reply = bot.reply(prompt, decoding, fallback)
        assert "".join(pieces) == reply.text
        assert found == [reply]
        assert found[0].confidence == reply.confidence


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


STRANGE = ["qzx vbnm 88 wwq jjj kxq", "Каковы перспективы квантовой гравитации?", "lorem ipsum dolor sit amet"]
SORRY = FallbackConfig("I did not get that.")


def test_the_confidence_is_high_for_what_was_learned_and_low_for_what_is_strange(bot, english_pairs):
    known = [bot.reply(prompt).confidence for prompt, _ in english_pairs]
    strange = [bot.reply(prompt).confidence for prompt in STRANGE]
    assert all(0 <= confidence <= 1 for confidence in known + strange)
    assert max(strange) < min(known)
    # Latin has much of English in it; whether sixty pairs tell it from theirs by so low a threshold is chance.
    assert max(strange[:2]) < bot.fallback_threshold


def test_the_fallback_is_said_where_the_bot_is_not_sure_and_only_there(bot, english_pairs):
    prompts = [english_pairs[0].prompt, STRANGE[0]]
    sure, unsure = bot.reply_batch(prompts, fallback=SORRY)
    assert (sure.text, sure.fallback) == (english_pairs[0].reply, False)
    assert (unsure.text, unsure.fallback, unsure.tokens) == ("I did not get that.", True, ())
    assert unsure.confidence == bot.reply(STRANGE[0]).confidence
    assert bot.reply(STRANGE[0], fallback=SORRY) == unsure


def test_a_fallback_of_a_person_takes_the_place_of_those_that_the_bot_has_learned():
    learned, other = (
        Reply(text, _confidence=LazyConfidence(lambda: 0.9)) for text in ("I never learned that.", "Yes.")
    )
    own = ["I never learned that.", "No idea."]
    given, bundled = FallbackOptions("Ask the shop.").settle(own), FallbackOptions().settle(own)
    assert learned.or_fallback(given, 0.2).text == "Ask the shop."
    assert learned.or_fallback(given, 0.2).fallback
    assert [reply.or_fallback(bundled, 0.2) for reply in (learned, other)] == [learned, other]
    assert other.or_fallback(given, 0.2) == other


def test_an_urgent_reply_gives_way_to_no_fallback(english_bundle):
    bot = Chatbot.load(str(english_bundle))
    unsure = bot.reply(STRANGE[0])
    assert bot.reply(STRANGE[0], fallback=SORRY).fallback
    bot.urgent_replies = frozenset([unsure.text])
    assert bot.reply(STRANGE[0], fallback=SORRY) == unsure
    assert bot.reply(STRANGE[0], fallback=FallbackConfig("?", 1.0)) == unsure


def test_the_least_confidence_can_be_chosen(bot, english_pairs):
    prompts = [pair.prompt for pair in english_pairs[:5]] + STRANGE
    confidences = [reply.confidence for reply in bot.reply_batch(prompts)]
    for least in (0.0, sorted(confidences)[3], 1.0):
        said = bot.reply_batch(prompts, fallback=FallbackConfig("?", least))
        assert [reply.fallback for reply in said] == [confidence < least for confidence in confidences]


def test_a_fallback_comes_in_one_piece_and_so_does_a_reply_that_might_have_been_one(bot, english_pairs):
    assert list(bot.stream(STRANGE[0], fallback=SORRY)) == ["I did not get that."]
    assert list(bot.stream(english_pairs[0].prompt, fallback=SORRY)) == [english_pairs[0].reply]


def test_nothing_said_is_nothing_to_be_sure_of(bot):
    assert bot.reply("  ").confidence == 0
    assert bot.reply("  ", fallback=SORRY).text == "I did not get that."


def test_a_bot_without_an_index_has_a_confidence_too(bare_bundle, english_pairs):
    bare = Chatbot.load(bare_bundle)
    known = [bare.reply(prompt).confidence for prompt, _ in english_pairs[:20]]
    assert sum(confidence >= bare.fallback_threshold for confidence in known) >= 19
    assert bare.reply(" ".join(STRANGE), fallback=SORRY).fallback


def test_a_bot_without_a_calibration_says_so_when_a_fallback_is_asked_for(bot, english_pairs):
    plain = Chatbot(bot.tokenizer, bot.model, bot.config)
    assert plain.reply(english_pairs[0].prompt).confidence is None
    with pytest.raises(ConfigError, match="no calibrated confidence"):
        plain.reply(english_pairs[0].prompt, fallback=SORRY)


@pytest.mark.parametrize("least", [-0.1, 1.1, math.nan])
def test_a_least_confidence_out_of_range_is_refused(least):
    with pytest.raises(ConfigError, match="min_confidence"):
        FallbackConfig("?", least)


def test_a_reply_can_be_sent_to_another_process(bot, english_pairs):
    reply = bot.reply(english_pairs[0].prompt)
    sent = pickle.loads(pickle.dumps(reply))
    assert (sent, sent.confidence) == (reply, reply.confidence)


def test_given_replies_are_scored_with_their_end(bot, english_pairs):
    prompt, reply = english_pairs[0]
    right, wrong = bot.score_batch([(prompt, reply), (prompt, "No.")])
    assert right.sum() == pytest.approx(bot.reply(prompt, free=True).score, abs=1e-3)
    assert len(right) == len(bot.reply(prompt).tokens) + 1
    assert wrong.sum() < right.sum() - 3
    assert math.isfinite(bot.score_batch([("", "Hello.")])[0].sum())


def test_a_batch_of_nothing_is_nothing(bot):
    assert bot.reply_batch([]) == []


@pytest.mark.parametrize("text", ["😀🇰🇷👩‍🚀", "日本語", "ﷺ שלום", "\ud800", "a" * 5000, "?!" * 9, "\u202eabc"])
def test_anything_said_gets_an_answer_of_one_line(bot, text):
    reply = bot.reply(text)
    assert len(reply.text.splitlines()) <= 1
    assert math.isfinite(reply.score)


def test_a_reply_has_the_log_probability_of_each_token_their_sum_and_their_mean(bot, english_pairs):
    reply = bot.reply(english_pairs[3].prompt)
    assert len(reply.log_probabilities) == len(reply.tokens) + 1, "EOS is scored too"
    assert all(value <= 0 for value in reply.log_probabilities)
    assert reply.score == pytest.approx(sum(reply.log_probabilities))
    assert reply.mean_log_probability == pytest.approx(reply.score / len(reply.log_probabilities))
    assert Reply("").mean_log_probability == 0


def test_alternatives_are_other_replies_from_the_beam(bot, english_pairs):
    prompt, said = english_pairs[3]
    reply = bot.reply(prompt, DecodingConfig(beam=5, n_best=4))
    texts = [reply.text, *(other.text for other in reply.alternatives)]
    assert texts[0] == said
    assert len(texts) == len(set(texts)) == 4
    scores = [other.score for other in reply.alternatives]
    assert scores == sorted(scores, reverse=True)
    assert all(other.score < reply.score and other.alternatives == () for other in reply.alternatives)
    assert replace(reply, alternatives=()) == bot.reply(prompt, DecodingConfig(beam=5))


def test_alternatives_are_ordered_by_the_scores_that_they_have(bot, english_pairs):
    for prompt, _ in english_pairs[:10]:
        # Long replies are preferred, so the search ranks them otherwise than their scores do.
        scores = [other.score for other in bot.reply(prompt, beam=8, n_best=8, length_penalty=5).alternatives]
        assert scores == sorted(scores, reverse=True)
        listed = bot.alternatives(prompt, 8, length_penalty=5)
        assert [reply.score for reply in listed] == sorted((reply.score for reply in listed), reverse=True)
        assert len({reply.text for reply in listed}) == len(listed) > 1
        assert all(reply.alternatives == () for reply in listed)


def test_the_alternatives_are_those_of_a_beam_whatever_else_is_set(bot, english_pairs):
    prompt = english_pairs[3].prompt
    found = bot.alternatives(prompt, 3, DecodingConfig(temperature=2, seed=1))
    assert found == bot.alternatives(prompt, 3)
    best = bot.reply(prompt, beam=3, n_best=3)
    assert {reply.text for reply in found} == {reply.text for reply in (best, *best.alternatives)}
    assert len(bot.alternatives(prompt)) == 5
    assert [reply.text for reply in bot.alternatives(" ", 3)] == [""]


def test_settings_go_by_name_too_and_outrank_the_configuration(bot, english_pairs):
    prompt = english_pairs[3].prompt
    long, cut = DecodingConfig(beam=4, n_best=3), DecodingConfig(beam=4, n_best=3, max_tokens=2)
    assert bot.reply(prompt, beam=4, n_best=3, max_tokens=2) == bot.reply(prompt, cut)
    assert bot.reply(prompt, long, max_tokens=2) == bot.reply(prompt, cut)
    assert bot.reply_batch([prompt], long, max_tokens=2) == bot.reply_batch([prompt], cut)
    assert "".join(bot.stream(prompt, max_tokens=2)) == bot.reply(prompt, max_tokens=2).text
    assert bot.reply(prompt, ban_words=["hello", "it"]) == bot.reply(prompt, DecodingConfig(ban_words=("hello", "it")))


CALLS = {
    "reply": lambda bot, **options: bot.reply("hi", **options),
    "reply_batch": lambda bot, **options: bot.reply_batch(["hi"], **options),
    "stream": lambda bot, **options: bot.stream("hi", **options),
    "alternatives": lambda bot, **options: bot.alternatives("hi", **options),
}


@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)
def test_a_setting_that_is_none_or_no_value_is_an_error_that_names_it(bot, call):
    with pytest.raises(TypeError, match=r"no decoding option is called 'tempertaure'; did you mean 'temperature'\?"):
        call(bot, tempertaure=0.5)
    with pytest.raises(TypeError, match="no decoding option is called 'colour'; they are max_tokens, .*, length_bonus"):
        call(bot, colour="red")
    with pytest.raises(ConfigError, match="max_tokens must be in 1..10,000"):
        call(bot, max_tokens=0)
    with pytest.raises(ConfigError, match="max_tokens is '3', not int"):
        call(bot, max_tokens="3")
    with pytest.raises(ConfigError, match="ban_words is 'hell', not list of str"):
        call(bot, ban_words="hell")


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda bot: bot.reply(3), "a prompt is a str, not int"),
        (lambda bot: bot.reply(None), "a prompt is a str, not NoneType"),
        (lambda bot: bot.reply(b"hi"), "a prompt is a str, not bytes"),
        (lambda bot: bot.reply("hi", 3), "decoding is a DecodingConfig, not int; options go by name, as beam=3"),
        (lambda bot: bot.reply("hi", fallback="no"), "fallback is a FallbackConfig, not str"),
        (lambda bot: bot.reply("hi", context="ho"), "context takes a list of turns, not a single str"),
        (lambda bot: bot.reply_batch("hello"), "reply_batch takes a list of prompts, not a single str"),
        (lambda bot: bot.reply_batch(["hi", 3]), "a prompt is a str, not int"),
        (lambda bot: bot.stream(3), "a prompt is a str, not int"),
        (lambda bot: bot.alternatives(3), "a prompt is a str, not int"),
        (lambda bot: bot.score_batch("hello"), "score_batch takes a list of pairs"),
        (lambda bot: bot.score_batch(["hi"]), "score_batch takes a list of pairs"),
        (lambda bot: bot.score_batch([("hi", 3)]), "a reply is a str, not int"),
    ],
)
def test_an_argument_of_another_type_is_named_before_any_work(bot, call, said):
    with pytest.raises(TypeError) as error:
        call(bot)
    assert str(error.value).startswith(said)


@pytest.mark.parametrize("count", [0, -1, 1001, 2.5, "3"])
def test_as_many_alternatives_as_a_beam_cannot_find_are_refused(bot, count):
    with pytest.raises(ConfigError, match="count must be a whole number from 1 to 1,000"):
        bot.alternatives("hi", count)


def test_a_reply_reads_as_its_text_and_shows_what_is_out_of_the_ordinary():
    plain = Reply("Good day.", ("▁Good", "▁day", "."), score=-0.12345)
    assert (str(plain), f"{plain}", repr(plain)) == ("Good day.", "Good day.", "Reply('Good day.', score=-0.1235)")
    cut = replace(plain, truncated=True, fallback=True, alternatives=(plain, plain))
    assert repr(cut) == "Reply('Good day.', score=-0.1235, truncated, fallback, 2 alternatives)"


def test_the_types_are_shipped():
    pyproject = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    assert pyproject["tool"]["setuptools"]["package-data"]["chatbot"][0] == "py.typed"
    assert (ROOT / "chatbot" / "py.typed").is_file()


@pytest.mark.parametrize(
    "decoding",
    [
        DecodingConfig(beam=3),
        DecodingConfig(beam=3, diversity=0.5, length_bonus=0.1),
        DecodingConfig(temperature=1.5, seed=1, max_tokens=30),
        DecodingConfig(repetition_penalty=1.5, no_repeat_ngram=2, min_tokens=4),
        DecodingConfig(ban_words=("the", "you", "is")),
    ],
)
def test_a_stream_joins_to_the_reply_and_a_batch_answers_alike_whatever_the_search(
    bot, korean_bundle, english_pairs, korean_pairs, decoding
):
    for speaker, pairs in [(bot, english_pairs), (Chatbot.load(korean_bundle), korean_pairs)]:
        prompts = [prompt for prompt, _ in pairs[:10]]
        replies = [speaker.reply(prompt, decoding) for prompt in prompts]
        streams = [list(speaker.stream(prompt, decoding)) for prompt in prompts]
        assert ["".join(pieces) for pieces in streams] == [reply.text for reply in replies]
        assert [reply.text for reply in speaker.reply_batch(prompts, decoding)] == [reply.text for reply in replies]


def test_many_prompts_are_answered_as_one_by_one_and_in_order(bot, english_pairs):
    prompts = [f"{pair.prompt} {number}" for number in range(6) for pair in english_pairs]
    alone = [bot.reply(prompt) for prompt in prompts]
    together = bot.reply_batch(prompts)
    assert sum(one.text == other.text for one, other in zip(alone, together, strict=True)) >= len(prompts) - 2


def test_threads_may_share_a_bot(bot, english_pairs):
    prompts = [pair.prompt for pair in english_pairs]
    expected = [bot.reply(prompt).text for prompt in prompts]
    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(lambda prompt: bot.reply(prompt).text, prompts)) == expected


def test_banned_words_are_not_said_not_even_where_a_reply_is_cut(bot, english_pairs):
    prompt, said = english_pairs[3]
    for word in said.split():
        for length in range(1, 20):
            for decoding in (
                DecodingConfig(length, ban_words=(word,)),
                DecodingConfig(length, beam=2, ban_words=(word,)),
            ):
                assert not BannedWords([word]).stand_in(bot.reply(prompt, decoding).text)


def test_a_cut_reply_says_so(bot, english_pairs):
    prompt = english_pairs[0].prompt
    whole = bot.reply(prompt)
    cut = bot.reply(prompt, DecodingConfig(max_tokens=3))
    assert cut.truncated
    assert cut.tokens == whole.tokens[:3]
    assert not bot.reply(prompt, DecodingConfig(max_tokens=len(whole.tokens) + 1)).truncated


def test_a_prompt_longer_than_the_model_reads_says_so(bot):
    assert bot.reply("tell me more " * 500).prompt_truncated
    assert bot.reply("x" * 1_000_000).prompt_truncated
    assert bot.reply(" " * 1_000_000 + "tell me more " * 500).prompt_truncated
    assert bot.reply(" " * 1_000_000 + "hello\x00" + "\x07" * 1_000_000) == bot.reply("hello")
    assert not bot.reply("hello").prompt_truncated


def test_only_the_end_of_a_long_prompt_is_answered(bot):
    said = bot.reply("tell me more " * 500)
    assert bot.reply("tell me more " * 100_000) == said
    assert bot.reply("\ud800 \x00 日本語" * 9999 + " tell me more" * 500) == said


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


def test_a_pickled_reply_holds_its_confidence_and_not_the_index(bot, english_pairs):
    reply = bot.reply(english_pairs[0].prompt)
    stored = pickle.dumps(reply)
    assert len(stored) < 2_000
    assert (pickle.loads(stored), pickle.loads(stored).confidence) == (reply, reply.confidence)
