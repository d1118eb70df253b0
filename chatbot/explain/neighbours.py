"""The training prompts that the encoder reads most like a prompt."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from chatbot.bot.chatbot import Chatbot
from chatbot.bot.index.nearest_neighbour import Match, NearestNeighbour, Origin
from chatbot.explain.explanation import CorpusLine, Neighbour, Neighbours
from chatbot.inference.step_model import DecoderState, Recalling, StepModel

#: Prompts to encode, those most alike by their characters: a third of a second's work on a slow
#: machine, and all of a corpus for one topic.
_ENCODED = 2000
#: Prompts that are encoded side by side.
_ROWS = 256
#: Neighbours to name.
_NEAREST = 5


def find_neighbours(bot: Chatbot, index: NearestNeighbour, prompt: Sequence[int]) -> Neighbours:
    """Find the training prompts whose sentence vectors are nearest to that of a prompt.

    Args:
        bot: The bot with the encoder.
        index: Of its training prompts.
        prompt: Token ids, as the encoder reads them.

    Returns:
        The nearest prompts, and the number of prompts that were compared.
    """
    matches = index.nearest(bot.tokenizer.decode(prompt), _ENCODED)
    if not matches:
        return Neighbours((), 0, len(index))
    prompts = [bot.read(match.prompt).ids for match in matches]
    vectors = np.concatenate([sentence_vectors(bot.model, [prompt]), *_in_parts(bot.model, prompts)])
    # A model that was damaged or made up computes what is no number, or nothing: that is like no other vector.
    vectors = np.nan_to_num(vectors, nan=0.0, posinf=0.0, neginf=0.0)
    vectors /= np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), np.finfo(np.float32).tiny)
    cosines = np.clip(vectors[1:] @ vectors[0], -1.0, 1.0)  # rounding alone can take them beyond
    best = np.argsort(-cosines, kind="stable")[:_NEAREST]
    found = (_as_neighbour(bot, matches[place], float(cosines[place])) for place in best)
    return Neighbours(tuple(found), len(matches), len(index))


def find_line(bot: Chatbot, origin: Origin | None) -> CorpusLine | None:
    """Name the file of a line of the corpus.

    Args:
        bot: The bot, with the names of its files.
        origin: The line; None where it is not known.

    Returns:
        The line; None where it is not known, or its file has no name.
    """
    if origin is None or origin.file >= len(bot.corpus_names):
        return None
    return CorpusLine(bot.corpus_names[origin.file], origin.line)


def _as_neighbour(bot: Chatbot, match: Match, cosine: float) -> Neighbour:
    return Neighbour(cosine, match.similarity, match.prompt, match.reply, find_line(bot, match.origin))


def _in_parts(model: StepModel, prompts: Sequence[Sequence[int]]) -> list[npt.NDArray[np.float32]]:
    """Sentence vectors in the order of the prompts; those of like lengths are read together."""
    order = sorted(range(len(prompts)), key=lambda place: len(prompts[place]))
    parts = [order[start : start + _ROWS] for start in range(0, len(order), _ROWS)]
    vectors = np.concatenate([sentence_vectors(model, [prompts[place] for place in part]) for part in parts])
    in_place = np.empty_like(vectors)
    in_place[order] = vectors
    return [in_place]


def sentence_vectors(model: StepModel, prompts: Sequence[Sequence[int]]) -> npt.NDArray[np.float32]:
    """The sentence vectors of prompts: all states of every layer, one behind the other.

    Args:
        model: With the encoder.
        prompts: Token ids of each; lengths may differ.

    Returns:
        (prompts, numbers) float32.
    """
    if isinstance(model, Recalling):
        return model.sentence_vectors(prompts)
    state: DecoderState = model.encode(prompts)
    return np.concatenate([array for _, array in sorted(state.arrays.items())], axis=1)
