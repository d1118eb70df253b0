"""The states of the encoder and of the decoder, as an explanation shows them."""

import numpy as np
import pytest

from chatbot import Chatbot, DecodingConfig
from chatbot.config import EOS, GO
from chatbot.explain import explain
from chatbot.explain.state_reading import read_states
from chatbot.inference.step_model import DecoderState


class Hoarder:
    """A model whose state is all that it has been given."""

    def encode(self, prompts):
        return DecoderState({"seen": np.array([[sum(prompt), 1.0] for prompt in prompts], np.float32)})

    def step(self, tokens, state):
        seen = np.concatenate([state.arrays["seen"], np.array([tokens], np.float32).T], axis=1)
        return np.zeros((len(tokens), 9), np.float32), DecoderState({"seen": seen})


class Spelling:
    """As much of a bot as has a tokenizer."""

    model = Hoarder()
    tokenizer = property(lambda self: self)

    def pieces(self, tokens):
        return tuple(map(str, tokens))


def test_a_state_that_grows_from_token_to_token_is_filled_up_with_zeros():
    states = read_states(Spelling(), Hoarder(), [4, 5], [7, EOS]).decoder
    assert [state.numbers for state in states] == [(9, 1, GO, 0), (9, 1, GO, 7)]
    assert [state.id for state in states] == [GO, 7]
    assert 0 < states[0].moved < states[1].moved < 1


@pytest.fixture(scope="module")
def bot(bare_bundle):
    return Chatbot.load(bare_bundle)


@pytest.fixture
def explanation(bot, english_pairs):
    return explain(bot, english_pairs[0].prompt, states=True)


def test_the_encoder_has_a_state_after_each_token_and_the_last_is_the_sentence_vector(bot, explanation):
    states, ids = explanation.states.encoder, bot.read(explanation.typed).ids
    assert [state.token for state in states] == [*explanation.tokens]
    assert [state.id for state in states] == [*ids]
    for end, state in enumerate(states, 1):
        (vector,) = bot.model.sentence_vectors([ids[:end]])
        np.testing.assert_allclose(state.numbers, vector, atol=1e-5)
    assert states[0].moved == pytest.approx(1)
    assert states[-1].cosine == pytest.approx(1)
    assert all(0 <= state.moved <= 2 and -1.001 <= state.cosine <= 1.001 for state in states)


def test_the_decoder_is_given_go_and_then_its_own_tokens(explanation):
    states, steps = explanation.states.decoder, explanation.steps
    assert [state.token for state in states] == ["<go>", *(step.token for step in steps[:-1])]
    assert states[0].id == GO
    assert EOS not in [state.id for state in states]


def test_a_state_of_the_decoder_is_the_one_that_its_step_model_returns(bot, english_pairs):
    free = DecodingConfig(free=True)
    prompt = english_pairs[0].prompt
    states = explain(bot, prompt, free, states=True).states.decoder
    state = bot.model.encode([bot.read(prompt).ids])
    for one in states:
        _, state = bot.model.step(np.array([one.id], np.int32), state)
        numbers = np.concatenate([array[0] for _, array in sorted(state.arrays.items())])
        np.testing.assert_allclose(one.numbers, numbers, atol=1e-5)


def test_states_are_read_where_they_are_asked_for(bot, english_pairs):
    assert explain(bot, english_pairs[0].prompt).states is None
    assert explain(bot, "   ", states=True).states is None
