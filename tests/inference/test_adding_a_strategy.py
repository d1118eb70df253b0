"""The examples of `docs/development/adding-a-strategy.md`, run as they are on the page."""

import re

import pytest

from chatbot import Chatbot
from chatbot.explain import explain
from chatbot.explain.phrases import say_decoding
from chatbot.inference import constraints
from chatbot.inference.decoding import strategies
from tests.conftest import ROOT
from tests.inference.scripted import Signpost, ids, spell

PAGE = ROOT / "docs" / "development" / "adding-a-strategy.md"


@pytest.fixture
def example(monkeypatch):
    """The names that the code of the page defines, its rows in their tables."""
    names = {"__name__": "example"}
    for block in re.findall(r"^```python\n(.*?)^```", PAGE.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL):
        exec(compile(block, str(PAGE), "exec", dont_inherit=True), names)
    monkeypatch.setattr(strategies, "STRATEGIES", (names["TypicalSampling"](), *strategies.STRATEGIES))
    monkeypatch.setattr(constraints, "CONSTRAINTS", (*constraints.CONSTRAINTS, names["ROW"]))
    return names


def test_the_strategy_leaves_out_what_is_too_probable_and_too_improbable(example):
    model = Signpost({"": {"a": 0.4, "b": 0.2, "c": 0.2, "d": 0.19, "e": 0.01}})
    config = example["LargerConfig"]
    said = {spell(model, [[0]], config(typical_p=0.5, top_k=9, seed=seed))[0] for seed in range(60)}
    assert said == {"b.", "c.", "d."}
    batch = spell(model, [[0], [0]], config(typical_p=0.5, top_k=9, seed=3))
    assert batch == spell(model, [[0]], config(typical_p=0.5, top_k=9, seed=3)) * 2


def test_the_rule_opens_every_reply(example):
    model, opening = Signpost({"": {"a": 0.9, "b": 0.1}, "b": {"z": 1.0}}), ids("b")[0]
    for settings in ({}, {"beam": 3}, {"typical_p": 0.9}):
        assert spell(model, [[0]], example["LargerConfig"](opening=opening, **settings)) == ["bz."], settings


def test_an_explanation_shows_both(example, english_bundle, learned_pairs):
    bot, prompt = Chatbot.load(english_bundle), learned_pairs[0].prompt
    openings = [bot.tokenizer.encode(reply.text)[0] for reply in bot.known_replies]
    opening = next(token for token in openings if token != bot.tokenizer.encode(learned_pairs[0].reply)[0])
    config = example["LargerConfig"](typical_p=0.5, top_k=5, seed=1, opening=opening)
    explanation = explain(bot, prompt, config)
    assert explanation.reply == bot.reply(prompt, config)
    assert (explanation.steps[0].token,) == bot.tokenizer.pieces([opening])
    assert explanation.steps[0].adjusted == pytest.approx(1)
    assert say_decoding(config).startswith("sampled from the typical tokens, ")
