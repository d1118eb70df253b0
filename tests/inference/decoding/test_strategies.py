"""A strategy, a rule on logits and a reranker are one row each: toys that search and explain find."""

import doctest
from dataclasses import dataclass

import numpy as np
import pytest

from chatbot import Chatbot, DecodingConfig
from chatbot.explain import explain
from chatbot.explain.phrases import say_decoding
from chatbot.inference import constraints
from chatbot.inference.constraints import CONSTRAINTS, Constraint
from chatbot.inference.decoding import reranking, strategies, strategy
from chatbot.inference.decoding.decoding_loop import TokenByToken
from chatbot.inference.decoding.reranking import RERANKERS, Reranker
from chatbot.inference.decoding.strategies import STRATEGIES, choose_strategy
from chatbot.inference.logits import ban
from chatbot.inference.probabilities import top_tokens
from tests.inference.scripted import Constant, Signpost, ids, spell


@dataclass(frozen=True)
class ToyConfig(DecodingConfig):
    """The settings, with one for each toy."""

    second_best: bool = False
    forbidden: int = 0
    shortest: float = 0.0


class SecondBest(TokenByToken):
    """Says the second most probable token first, and is greedy from then on."""

    name = "second best"

    def applies(self, config):
        return getattr(config, "second_best", False)

    def start(self, prompts, config):
        del prompts, config
        begun = set()

        def pick(logits, rows):
            places = [0 if row in begun else 1 for row in rows]
            begun.update(rows)
            return top_tokens(logits, 2)[np.arange(len(rows)), places]

        return pick


@pytest.fixture
def toy_strategy(monkeypatch):
    monkeypatch.setattr(strategies, "STRATEGIES", (SecondBest(), *STRATEGIES))


@pytest.fixture
def toy_rule(monkeypatch):
    row = Constraint("forbidden", lambda logits, _histories, token: ban(logits, [token]), off=0)
    monkeypatch.setattr(constraints, "CONSTRAINTS", (*CONSTRAINTS, row))


@pytest.mark.parametrize(
    ("settings", "name", "described"),
    [
        ({}, "greedy", "greedy"),
        ({"temperature": 0.0}, "greedy", "greedy"),
        ({"top_k": 5}, "sampled", "sampled"),
        ({"beam": 3}, "beam search", "found with a beam of 3"),
    ],
)
def test_the_settings_choose_the_strategy(settings, name, described):
    config = DecodingConfig(**settings)
    assert (choose_strategy(config).name, choose_strategy(config).describe(config)) == (name, described)


@pytest.mark.usefixtures("toy_strategy")
def test_a_new_strategy_is_one_row(english_bundle, learned_pairs):
    config, model = ToyConfig(second_best=True), Signpost({"": {"x": 0.6, "g": 0.4}, "g": {"o": 1.0}})
    assert spell(model, [[0]], ToyConfig()) == ["x."]
    assert spell(model, [[0], [0]], config) == ["go.", "go."]
    bot, prompt = Chatbot.load(english_bundle), learned_pairs[0].prompt
    explanation = explain(bot, prompt, config)
    assert explanation.reply == bot.reply(prompt, config)
    assert [step.rank for step in explanation.steps[:2]] == [2, 1]
    assert say_decoding(config).startswith("second best")


@pytest.mark.usefixtures("toy_rule")
def test_a_new_rule_is_one_row_that_every_strategy_obeys(english_bundle, learned_pairs):
    model, token = Constant(a=3.0, b=2.0), ids("a")[0]
    for settings in ({}, {"beam": 2}, {"top_k": 1}):
        config = ToyConfig(max_tokens=2, forbidden=token, **settings)
        assert spell(model, [[0]], config) == ["bb"], settings
    bot, prompt = Chatbot.load(english_bundle), learned_pairs[0].prompt
    (first,) = bot.tokenizer.ids(bot.reply(prompt, ToyConfig(free=True)).tokens[:1])
    explanation = explain(bot, prompt, ToyConfig(forbidden=first, free=True))
    assert explanation.reply.tokens[:1] != bot.tokenizer.pieces([first])
    assert (explanation.steps[0].others[0].token, explanation.steps[0].others[0].refused) == (
        bot.tokenizer.pieces([first])[0],
        True,
    )
    assert explanation.steps[0].adjusted > explanation.steps[0].probability
    assert say_decoding(ToyConfig(forbidden=first)) == f"greedy, forbidden {first}"


def test_a_new_reranker_is_one_row(monkeypatch):
    shortest = Reranker(
        "shortest", "shortest", lambda _model, _prompts, found, _config: [-len(one.tokens) for one in found]
    )
    monkeypatch.setattr(reranking, "RERANKERS", (*RERANKERS, shortest))
    model = Signpost({"": {"a": 0.9, "b": 0.1}, "a": {"a": 1.0}, "aa": {"a": 1.0}})
    assert spell(model, [[0]], ToyConfig(beam=2)) == ["aaa."]
    assert spell(model, [[0]], ToyConfig(beam=2, shortest=1.0)) == ["b."]


def test_an_explanation_without_sampling_ignores_what_would_shape_a_sample(english_bundle, learned_pairs):
    bot, prompt = Chatbot.load(english_bundle), learned_pairs[0].prompt
    explanation = explain(bot, prompt, DecodingConfig(temperature=0.0, repetition_penalty=1.3))
    assert all(0 < step.adjusted <= 1 for step in explanation.steps)


@pytest.mark.parametrize("module", [strategy, constraints])
def test_the_examples_of_the_protocols_run(module):
    names = {"np": np, "TokenByToken": TokenByToken, "top_tokens": top_tokens}
    failed, tried = doctest.testmod(module, extraglobs=names)
    assert (failed, tried > 0) == (0, True)
