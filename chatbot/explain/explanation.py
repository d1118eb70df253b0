"""What an explanation holds: one reply, step by step, as plain data."""

from dataclasses import dataclass
from typing import NamedTuple

from chatbot.config import DecodingConfig
from chatbot.inference.beam_tree import Fate
from chatbot.replies import Reply

__all__ = ["BeamNode", "Candidate", "Explanation", "Fate", "Neighbour", "Neighbours", "Step"]


class Candidate(NamedTuple):
    """A token that could have been said.

    Attributes:
        token: Its piece, `▁` for a space.
        probability: What the model gave it, in 0..1.
        refused: Whether the settings forbade it here, a banned word for example.
    """

    token: str
    probability: float
    refused: bool


@dataclass(frozen=True)
class Step:
    """One step of the decoder: the token that the reply has, and what else it could have been.

    Attributes:
        token: Its piece, `▁` for a space; `<eos>` is the end.
        probability: What the model gave it, in 0..1.
        adjusted: What it had after penalties, temperature and cuts, which it was chosen by; None
            where the settings change no probability.
        rank: 1 where nothing was more probable.
        entropy: Of the model's distribution over the vocabulary, in bits: 0 where it is certain,
            log2(vocabulary) where it knows nothing.
        others: The most probable of the other tokens, the most probable first.
        alignment: The share of the attention that each token of the prompt got, 1 together; empty
            without attention.
    """

    token: str
    probability: float
    adjusted: float | None
    rank: int
    entropy: float
    others: tuple[Candidate, ...]
    alignment: tuple[float, ...]


@dataclass(frozen=True)
class BeamNode:
    """A hypothesis of a beam search: the path from the root to here.

    Attributes:
        parent: Index of the node that it continues, always a smaller one; -1 at the first token.
        step: How many tokens it has.
        token: The piece of the last; `<eos>` is the end.
        probability: What the model gave that token.
        total: What the hypothesis is ranked by before the length counts, natural logarithm.
        fate: What became of it.
        rank: Its place among the replies that were found, from 1; None if it is none of them.
        score: Of a reply, what it is ranked by: the total over the length penalty, or reranked.
        chosen: Whether it is a beginning of the reply, or the reply.
    """

    parent: int
    step: int
    token: str
    probability: float
    total: float
    fate: Fate
    rank: int | None
    score: float | None
    chosen: bool


class Neighbour(NamedTuple):
    """A training prompt near the prompt.

    Attributes:
        cosine: Of the two sentence vectors, in -1..1.
        similarity: Of the two texts, TF-IDF over characters, in 0..1.
        prompt: In lower case.
        reply: The one recorded for it.
    """

    cosine: float
    similarity: float
    prompt: str
    reply: str


@dataclass(frozen=True)
class Neighbours:
    """The training prompts that the encoder reads most like the prompt.

    Attributes:
        nearest: By the cosine of the sentence vectors, the nearest first.
        compared: How many prompts were encoded, those most alike by their characters.
        known: How many the index has.
    """

    nearest: tuple[Neighbour, ...]
    compared: int
    known: int


@dataclass(frozen=True)
class Explanation:
    """Why a bot said what it said.

    Attributes:
        prompt: As the encoder read it: in lower case, cut if it was too long, with its turns.
        tokens: The pieces of that.
        reply: What the bot said to it, with its score and its confidence.
        decoding: How it was chosen.
        attention: Of the model: `none`, `dot` or `additive`.
        steps: The reply, token by token; with its end, unless it was cut.
        beam: All hypotheses of the beam search, each behind those of fewer tokens; None
            without a beam.
        neighbours: The nearest training prompts; None where the bundle has no index.
    """

    prompt: str
    tokens: tuple[str, ...]
    reply: Reply
    decoding: DecodingConfig
    attention: str
    steps: tuple[Step, ...]
    beam: tuple[BeamNode, ...] | None
    neighbours: Neighbours | None

    @property
    def aligned(self) -> bool:
        """Whether the steps tell where attention looked."""
        return any(step.alignment for step in self.steps)
