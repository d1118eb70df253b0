"""What is explained of a bot that has urgent replies: the chance that one was meant, and the reply for doubt."""

import numpy as np
import pytest

from chatbot import Chatbot, bundle
from chatbot.config import ModelConfig, ModelShape
from chatbot.explain import explain
from chatbot.explain.phrases import say_facts
from chatbot.inference.step_model import DecoderState, Recall
from chatbot.tokenizer import Tokenizer

SMALL_TALK = [f"Small talk number {number}." for number in range(6)]
FIRE, DOUBTFUL = "Leave the house now.", "If it burns, leave the house."
TOKENIZER = Tokenizer.fit([*SMALL_TALK, FIRE, DOUBTFUL, "hello"])


class Memory:
    """Recalls the same shares after any prompt, with a decoder that prefers no token."""

    def __init__(self, fire):
        self.shares = np.array([*6 * [(1 - fire) / 6], fire, 0.0], np.float32)

    def encode(self, prompts):
        return DecoderState({"h1": np.zeros((len(prompts), 1), np.float32)})

    def encode_with_shares(self, prompts):
        return self.encode(prompts), np.repeat(self.shares[None], len(prompts), axis=0)

    def step(self, tokens, state):
        return np.zeros((len(tokens), TOKENIZER.vocabulary_size), np.float32), state

    def sentence_vectors(self, prompts):
        raise NotImplementedError

    def recall(self, _prompt):
        return Recall(self.shares, {})


@pytest.fixture
def explained(tmp_path):
    def build(fire, topics):
        bundle.write_known_replies(tmp_path / "replies.json", [*SMALL_TALK, FIRE, DOUBTFUL], topics)
        config = ModelConfig.of(ModelShape(), TOKENIZER.vocabulary_size, 8)
        return explain(Chatbot(TOKENIZER, Memory(fire), config, known_replies=tmp_path / "replies.json"), "hello")

    return build


@pytest.mark.parametrize(
    ("fire", "said", "fact"),
    [(0.1, None, None), (0.3, DOUBTFUL, "something urgent 30.0%"), (0.7, FIRE, "something urgent 70.0%")],
)
def test_the_chance_of_something_urgent_and_what_was_said_are_among_what_is_explained(explained, fire, said, fact):
    explanation = explained(fire, {FIRE: "fire!", DOUBTFUL: "fallback!"})
    assert explanation.recalled.urgent == pytest.approx(fire)
    assert explanation.to_json()["recalled"]["urgent"] == pytest.approx(fire)
    shown = [one.reply for one in explanation.recalled.replies if one.said]
    assert shown == [explanation.reply.text]
    assert said is None or shown == [said]
    assert [one for one in say_facts(explanation) if one.startswith("something urgent")] == ([fact] if fact else [])


def test_a_bot_without_urgent_replies_has_no_such_chance(explained):
    explanation = explained(0.3, {FIRE: "fire"})
    assert explanation.recalled.urgent is None
    assert not any("urgent" in fact for fact in say_facts(explanation))
