"""The reading of the states of the encoder and of the decoder, a token at a time."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from chatbot.bot.chatbot import Chatbot
from chatbot.config import GO
from chatbot.explain.neighbours import sentence_vectors
from chatbot.explain.states import States, TokenState
from chatbot.inference.step_model import DecoderState, StepModel

_Vector = npt.NDArray[np.float32]


def read_states(bot: Chatbot, model: StepModel, prompt: Sequence[int], reply: Sequence[int]) -> States:
    """Take a prompt through the encoder and its reply through the decoder, and keep each state.

    Args:
        bot: The bot.
        model: The model that said the reply.
        prompt: Token ids, as the encoder reads them; at least one.
        reply: Token ids of the reply, with EOS unless it was cut; at least one.

    Returns:
        The states.
    """
    prefixes = [prompt[:end] for end in range(1, len(prompt) + 1)]
    read = [*sentence_vectors(bot.model, prefixes)]
    given = [GO, *reply[:-1]]
    started, *stepped = _decode(model, prompt, given)
    return States(
        _states(bot.tokenizer.pieces(prompt), prompt, [np.zeros_like(read[0]), *read], read[-1]),
        _states(bot.tokenizer.pieces(given), given, [started, *stepped], started),
    )


def _decode(model: StepModel, prompt: Sequence[int], given: Sequence[int]) -> list[_Vector]:
    """The state that the decoder starts from, and that after each token that it is given."""
    state = model.encode([prompt])
    vectors = [_vector(state)]
    for token in given:
        _, state = model.step(np.array([token], np.int32), state)
        vectors.append(_vector(state))
    return vectors


def _vector(state: DecoderState) -> _Vector:
    """The numbers of the only row of a state."""
    return np.concatenate([array[0].ravel() for _, array in sorted(state.arrays.items())])


def _states(
    names: Sequence[str], ids: Sequence[int], vectors: Sequence[_Vector], aim: _Vector
) -> tuple[TokenState, ...]:
    """The states after tokens.

    Args:
        names: Pieces of the tokens.
        ids: Their numbers.
        vectors: The state before the first token, and that after each.
        aim: The state that the cosine is with.
    """
    return tuple(
        TokenState(name, number, tuple(after.tolist()), _change(before, after), _cosine(after, aim))
        for name, number, before, after in zip(names, ids, vectors, vectors[1:], strict=False)
    )


def _change(before: _Vector, after: _Vector) -> float:
    longer = max(_length(before), _length(after))
    return _length(after - before) / longer if longer else 0.0


def _cosine(one: _Vector, other: _Vector) -> float:
    lengths = _length(one) * _length(other)
    return float(one @ other) / lengths if lengths else 0.0


def _length(vector: _Vector) -> float:
    return float(np.linalg.norm(vector))
