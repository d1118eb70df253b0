"""The reading of the states of the encoder and of the decoder, a token at a time."""

from collections.abc import Mapping, Sequence

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
    states = [model.encode([prompt])]
    for token in given:
        states.append(model.step(np.array([token], np.int32), states[-1])[1])
    largest = {
        name: np.max([state.arrays[name].shape[1:] for state in states], axis=0, initial=0) for name in states[0].arrays
    }
    return [_vector(state, largest) for state in states]


def _vector(state: DecoderState, shapes: Mapping[str, npt.NDArray[np.int64]]) -> _Vector:
    """The numbers of the only row of a state, with zeros up to the shapes of one that has grown from token to token.

    Args:
        state: Of one row.
        shapes: By name, the shapes of the largest, each (dimensions,).

    Returns:
        (numbers,) float32.
    """
    arrays = [(state.arrays[name][0], shapes[name]) for name in sorted(state.arrays)]
    padded = [np.pad(array, [(0, more) for more in shape - array.shape]) for array, shape in arrays]
    return np.concatenate([array.ravel() for array in padded])


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
