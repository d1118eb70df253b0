"""The explanation of one reply, step by step, as plain data."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, NamedTuple

from chatbot.bot.reply.reply_object import Reply
from chatbot.config import DecodingConfig
from chatbot.explain.states import HeadShares, States
from chatbot.inference.decoding.beam_tree import Fate

__all__ = [
    "BeamNode",
    "CorpusLine",
    "Explanation",
    "Fate",
    "Neighbour",
    "Neighbours",
    "RecalledReplies",
    "RecalledReply",
    "Step",
    "TokenAlternative",
]


class RecalledReply(NamedTuple):
    """A candidate reply that the reply memory recalls.

    Attributes:
        reply: Its text.
        topic: Its topic in the corpus; None without one.
        share: Of its value in the state that the decoder starts from, in 0..1.
        by_view: The share that each view of the prompt alone would give it, by the names in
            `chatbot.inference.step_model.VIEWS`; empty where the bundle does not have them.
        first_of: The views that would recall this one first.
        said: Whether the decoder said this very reply.
    """

    reply: str
    topic: str | None
    share: float
    by_view: Mapping[str, float]
    first_of: tuple[str, ...]
    said: bool


@dataclass(frozen=True)
class RecalledReplies:
    """The output of the reply memory, which is all that the decoder starts from.

    Attributes:
        replies: The largest shares first; behind those that were said or that a view would recall first.
        known: How many replies share the whole.
        looked_up: Whether the prompt is recorded to the token, so that its own replies have nearly all of the shares.
        urgent: The shares of all urgent replies together; None where no reply is urgent.
    """

    replies: tuple[RecalledReply, ...]
    known: int
    looked_up: bool = False
    urgent: float | None = None

    @property
    def views(self) -> tuple[str, ...]:
        """The views of the prompt; none where the bundle does not have them."""
        return tuple(self.replies[0].by_view)

    @property
    def said(self) -> bool:
        """Whether the decoder said one of these replies."""
        return any(one.said for one in self.replies)

    def to_json(self) -> dict[str, Any]:
        """Return the recalled replies as a JSON object."""
        return {**vars(self), "replies": [one._asdict() for one in self.replies]}


class TokenAlternative(NamedTuple):
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
        adjusted: What it had after penalties, temperature and cuts, if the settings change any; else None.
        rank: 1 where nothing was more probable.
        entropy: Of the model's distribution over the vocabulary, in bits; 0 where it is certain.
        others: The most probable of the other tokens, the most probable first.
        alignment: The share of the attention of each token of the prompt, 1 together (the mean of all heads), or empty.
        back: By block and head of a transformer, the shares of the reply so far; `across` has those of the prompt.
    """

    token: str
    probability: float
    adjusted: float | None
    rank: int
    entropy: float
    others: tuple[TokenAlternative, ...]
    alignment: tuple[float, ...]
    back: HeadShares = ()
    across: HeadShares = ()

    def to_json(self) -> dict[str, Any]:
        """Return the step as a JSON object."""
        return asdict(self) | {"others": [other._asdict() for other in self.others]}


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


class CorpusLine(NamedTuple):
    """A line of the corpus that a bot was trained on: the name of the file, and the number of the line from 1."""

    file: str
    line: int


class Neighbour(NamedTuple):
    """A training prompt near the prompt.

    Attributes:
        cosine: Of the two sentence vectors, in -1..1.
        similarity: Of the two texts, TF-IDF over characters, in 0..1.
        prompt: In lower case.
        reply: The one recorded for it.
        origin: The first line with both; None where the bundle does not know it.
    """

    cosine: float
    similarity: float
    prompt: str
    reply: str
    origin: CorpusLine | None = None

    def to_json(self) -> dict[str, Any]:
        """Return the neighbour as a JSON object."""
        return self._asdict() | {"origin": self.origin and self.origin._asdict()}


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
    """The explanation of a reply.

    Attributes:
        typed: The prompt as it was given.
        prompt: As the encoder read it: in lower case, cut if it was too long, with its turns.
        tokens: The pieces of that.
        reply: The bot's reply, with its score and its confidence.
        decoding: How it was chosen.
        attention: Of the model: `none`, `dot` or `additive`.
        recalled: The output of the reply memory; None for a model without one.
        steps: The reply, token by token; with its end, unless it was cut.
        beam: All hypotheses of the beam search, each behind those of fewer tokens; None without a beam.
        neighbours: The nearest training prompts; None where the bundle has no index.
        states: Those of the encoder and of the decoder, a token at a time; None where they were not asked for.
        origin: The first line of the corpus with the reply; None where it is none of those in the index, or the bundle
            does not know it.
        read: Of a transformer, for each token of the prompt and by block and head, the shares of all its tokens.
    """

    typed: str
    prompt: str
    tokens: tuple[str, ...]
    reply: Reply
    decoding: DecodingConfig
    attention: str
    recalled: RecalledReplies | None
    steps: tuple[Step, ...]
    beam: tuple[BeamNode, ...] | None
    neighbours: Neighbours | None
    states: States | None = None
    origin: CorpusLine | None = None
    read: tuple[HeadShares, ...] = ()

    @property
    def aligned(self) -> bool:
        """Whether the steps have attention weights."""
        return any(step.alignment for step in self.steps)

    def to_json(self) -> dict[str, Any]:
        """Return a JSON object: the attributes by name, and the reply with its score and its confidence."""
        found = self.neighbours
        return {
            "typed": self.typed,
            "prompt": self.prompt,
            "tokens": list(self.tokens),
            **self.reply.to_json(),
            "settings": self.decoding.to_json(),
            "recalled": None if self.recalled is None else self.recalled.to_json(),
            "steps": [step.to_json() for step in self.steps],
            "beam": None if self.beam is None else [asdict(node) | {"fate": node.fate.value} for node in self.beam],
            "attention": self.attention,
            "states": self.states and self.states.to_json(),
            "neighbours": found and asdict(found) | {"nearest": [one.to_json() for one in found.nearest]},
            "origin": self.origin and self.origin._asdict(),
            "read": self.read,
        }
