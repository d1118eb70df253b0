import math

import pytest

from chatbot.config import DecodingConfig
from chatbot.inference.decoding.search import n_best, search
from tests.inference.scripted import Signpost, word


class Shy(Signpost):
    """After the prompt [1] it says "dunno" a little rather than "paris"; after no prompt mostly "dunno"."""

    def __init__(self):
        spelling = {w[:n]: {w[n]: 1.0} for w in ("dunno", "paris") for n in range(1, 5)}
        asked = spelling | {"": {"d": 0.55, "p": 0.45}}
        silent = spelling | {"": {"d": 0.9, "p": 0.1}}
        super().__init__(silent, asked, {})

    def encode(self, prompts):
        return super().encode([prompt or [0] for prompt in prompts])


def ranking(**settings):
    config = DecodingConfig(max_tokens=20, beam=2, n_best=2, length_penalty=0.0, **settings)
    return {word(reply.tokens): reply.score for reply in n_best(Shy(), [[1]], config)[0]}


def test_without_diversity_the_dull_reply_wins():
    assert list(ranking()) == ["dunno.", "paris."]


def test_with_diversity_the_reply_that_owes_its_probability_to_the_prompt_wins():
    scores = ranking(diversity=0.5)
    assert list(scores) == ["paris.", "dunno."]
    assert scores["paris."] == pytest.approx(math.log(0.45) - 0.5 * math.log(0.1), abs=1e-4)
    assert scores["dunno."] == pytest.approx(math.log(0.55) - 0.5 * math.log(0.9), abs=1e-4)


def test_the_length_bonus_counts_tokens():
    plain, longer = ranking(diversity=0.5), ranking(diversity=0.5, length_bonus=0.25)
    assert longer["paris."] - plain["paris."] == pytest.approx(0.25 * len("paris."))


def test_nothing_is_settled_that_reranking_may_still_change():
    steps = list(search(Shy(), [[1]], DecodingConfig(max_tokens=20, beam=2, diversity=0.5)))
    assert [choice for step in steps[:-1] for choice in step] == []
    assert word([choice.token for choice in steps[-1]]) == "paris."


def test_reranking_keeps_prompts_apart():
    config = DecodingConfig(max_tokens=20, beam=2, diversity=0.5)
    both = n_best(Shy(), [[1], [2]], config)
    assert [word(replies[0].tokens) for replies in both] == ["paris.", "."]
