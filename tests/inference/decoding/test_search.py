"""What greedy search, sampling and beam search have in common."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatbot.config import EOS, GO, PAD, UNK, DecodingConfig
from chatbot.config.options import options_of
from chatbot.inference.decoding.search import best_replies, n_best, search
from chatbot.inference.decoding.search_results import strip_eos
from chatbot.inference.scoring import score
from tests.inference.scripted import Constant, Signpost, Speller, along, ids, spell, word

GREEDY = DecodingConfig(max_tokens=20)
SAMPLING = DecodingConfig(max_tokens=20, top_k=1)
BEAM = DecodingConfig(max_tokens=20, beam=3)


@pytest.fixture(params=[GREEDY, SAMPLING, BEAM], ids=["greedy", "sampling", "beam"])
def config(request):
    return request.param


def with_(config, **settings):
    return DecodingConfig.from_json(config.to_json() | settings)


def test_the_script_is_spelled_to_its_end(config):
    assert spell(Signpost(along("sequentially")), [[0]], config) == ["sequentially."]


def test_sentences_of_different_lengths_do_not_disturb_each_other(config):
    model = Signpost(*map(along, ["encoder", "go", "decoder", "a", "attention"]))
    replies = spell(model, [[0], [1], [2], [3], [4]], config)
    assert replies == ["encoder.", "go.", "decoder.", "a.", "attention."]


def test_replies_come_in_the_order_of_the_prompts(config):
    model = Signpost({"": {"a": 0.9, "b": 0.1}}, {"": {"c": 0.9, "d": 0.1}, "c": {"c": 1.0}})
    assert spell(model, [[1], [0], [1]], config) == ["cc.", "a.", "cc."]


def test_a_reply_is_cut_at_max_tokens_and_has_no_eos(config):
    assert spell(Signpost(along("abcdef")), [[0]], with_(config, max_tokens=4)) == ["abcd"]


def test_a_reply_that_ends_at_max_tokens_is_not_cut(config):
    assert spell(Signpost(along("abc")), [[0]], with_(config, max_tokens=4)) == ["abc."]


def test_a_banned_token_is_never_chosen(config):
    banned = [PAD, UNK, GO, *ids("a")]
    model = Signpost({"": {"a": 0.9, "b": 0.1}, "b": {"a": 0.9, ".": 0.1}})
    assert spell(model, [[0]], config, banned) == ["b."]


def test_log_probabilities_are_those_that_the_scorer_gives(config):
    model = Signpost({"": {"a": 0.7, "b": 0.3}, "a": {"c": 0.6, "d": 0.4}})
    (reply,) = best_replies(model, [[0]], config)
    assert reply.log_probabilities[:2] == pytest.approx([math.log(0.7), math.log(0.6)], abs=1e-4)
    assert reply.log_probabilities == pytest.approx(score(model, [[0]], [reply.tokens])[0].tolist())


def test_log_probabilities_are_those_of_the_model_whatever_the_search_does_to_them():
    settings = {"repetition_penalty": 2.0, "no_repeat_ngram": 2, "min_tokens": 3}
    model = Signpost({"": {"a": 0.5, "b": 0.5}, "aa": {"b": 0.9, "c": 0.1}})
    for config in (GREEDY, BEAM, DecodingConfig(max_tokens=20, temperature=3.0, top_p=0.9, seed=1)):
        (reply,) = best_replies(model, [[0]], with_(config, **settings), [PAD])
        assert reply.log_probabilities == pytest.approx(score(model, [[0]], [reply.tokens])[0].tolist(), abs=1e-4)


def test_what_is_yielded_joins_to_the_reply(config):
    model = Signpost({"": {"a": 0.4, "b": 0.6}, "a": {"c": 1.0}, "b": {"c": 0.5, "d": 0.5}, "ac": {"e": 1.0}})
    steps = search(model, [[0], [0]], config)
    yielded = [[], []]
    while True:
        try:
            for choice in next(steps):
                yielded[choice.row].append((choice.token, choice.log_probability))
        except StopIteration as end:
            replies = [hypotheses[0] for hypotheses in end.value]
            break
    assert yielded == [list(zip(reply.tokens, reply.log_probabilities, strict=True)) for reply in replies]


def test_no_prompts_are_no_replies(config):
    assert n_best(Speller(), [], config) == []


def test_eos_is_scored_but_not_spoken(config):
    (reply,) = best_replies(Signpost(along("hi")), [[0]], config)
    assert reply.tokens[-1] == EOS
    assert len(reply.log_probabilities) == 3
    assert word(strip_eos(reply)) == "hi"


def test_a_token_that_is_refused_gives_way_to_the_next_best(config):
    model = Signpost({"": {"c": 0.9, "b": 0.1}, "c": {"a": 1.0}, "ca": {"t": 0.9, "r": 0.1}, "car": {"t": 1.0}})

    def no_cat(history, token):
        return "cat" not in word([*history, token])

    assert spell(model, [[0]], config, allows=no_cat) == ["cart."]


def test_where_everything_is_refused_the_reply_ends(config):
    def two_at_most(history, _token):
        return len(history) < 2

    model = Signpost({"": {"a": 1.0}, "a": {"b": 1.0}, "ab": {"c": 0.9, ".": 0.1}})
    assert spell(model, [[0]], config, allows=two_at_most) == ["ab."]
    assert spell(model, [[0]], with_(config, min_tokens=5), allows=two_at_most) == ["ab."]


def test_a_reply_goes_on_until_min_tokens(config):
    model = Signpost({"": {"h": 1.0}, "h": {"i": 1.0}, "hi": {".": 0.9, "y": 0.1}, "hiy": {".": 0.9, "a": 0.1}})
    assert spell(model, [[0]], config) == ["hi."]
    assert spell(model, [[0]], with_(config, min_tokens=4)) == ["hiya."]


def test_no_bigram_is_said_twice(config):
    model = Signpost(along("abababab"))
    assert spell(model, [[0]], config) == ["abababab."]
    # "ab" may not come again after "aba"; off the way, the reply ends.
    assert spell(model, [[0]], with_(config, no_repeat_ngram=2)) == ["abaz."]


def test_a_repetition_penalty_breaks_a_loop():
    model = Constant(a=3.0, b=2.0)
    assert spell(model, [[0]], DecodingConfig(max_tokens=4)) == ["aaaa"]
    assert spell(model, [[0]], DecodingConfig(max_tokens=4, repetition_penalty=2.0)) == ["abaa"]


def within(name, highest=math.inf):
    """Any value of a setting, and often the lowest and the highest."""
    option = options_of(DecodingConfig)[name]
    lowest, most = option.lowest, min(option.highest, highest)
    if isinstance(getattr(DecodingConfig(), name), int) or name in ("max_tokens", "top_k", "seed"):
        return st.one_of(st.sampled_from([lowest, int(most)]), st.integers(lowest, int(most)))
    return st.one_of(st.sampled_from([float(lowest), float(most)]), st.floats(lowest, most))


_RULES = {"max_tokens": within("max_tokens", 12), "repetition_penalty": within("repetition_penalty")}
_RULES |= {"no_repeat_ngram": within("no_repeat_ngram", 4)}
_SAMPLED = {name: st.none() | within(name) for name in ("temperature", "top_k", "min_p")}
_SAMPLED |= {"top_p": st.none() | st.floats(0, 1, exclude_min=True), "seed": within("seed")}
_BEAMS = {"beam": within("beam", 6).filter(lambda beam: beam > 1), "length_penalty": within("length_penalty")}
_BEAMS |= {"diversity": within("diversity").filter(bool), "length_bonus": within("length_bonus")}
_ALLOWED = st.one_of(
    st.fixed_dictionaries(_RULES),
    st.fixed_dictionaries(_RULES | _SAMPLED).filter(
        lambda given: any(given[name] is not None for name in ("temperature", "top_k", "top_p", "min_p"))
    ),
    st.fixed_dictionaries(_RULES | _BEAMS),
)


@given(_ALLOWED, st.lists(st.floats(-1e4, 1e4, width=32), min_size=5, max_size=5))
def test_every_allowed_setting_gives_finite_log_probabilities(settings, logits):
    model = Constant(**dict(zip("abcde", logits, strict=True)))
    with np.errstate(all="raise", under="ignore"):
        (replies,) = n_best(model, [[0]], DecodingConfig(**settings), banned=(PAD, UNK, GO))
    assert replies
    for reply in replies:
        assert all(map(math.isfinite, (*reply.log_probabilities, reply.score)))
