"""The tree of a beam search: every hypothesis that it kept, with its fate."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import Enum

from chatbot.config import EOS
from chatbot.inference.decoding.search_results import Continuation, Hypothesis

#: Parent of the first tokens.
ROOT = -1


class Fate(Enum):
    """The fate of a hypothesis."""

    WENT_ON = "went on"
    ENDED = "ended"
    #: At `max_tokens`.
    CUT = "cut"
    #: None of its continuations is among the beam's best.
    CROWDED_OUT = "crowded out"
    #: Not even the longest reply could have brought it before those that had ended.
    OUT_OF_REACH = "out of reach"


@dataclass(frozen=True)
class Node:
    """A hypothesis: the path from the root to here.

    Attributes:
        parent: Index of the hypothesis that it continues, or `ROOT`; always a smaller one.
        step: How many tokens it has.
        token: Id of the last.
        log_probability: Of that token, as the model gave it.
        total: What the hypothesis is ranked by before the length counts: the sum of the
            log-probabilities, after the penalties if there are any.
        fate: What became of it.
        rank: Its place among the replies that the search returned, from 1; None if it is none of them.
        score: Of a reply, what it is ranked by.
    """

    parent: int
    step: int
    token: int
    log_probability: float
    total: float
    fate: Fate
    rank: int | None = None
    score: float | None = None


class BeamTree:
    """Records the search for the reply to one prompt; see `BeamObserver`."""

    def __init__(self, beam: int, prompt: int = 0) -> None:
        """Begin with the root alone.

        Args:
            beam: Hypotheses that the search keeps.
            prompt: Index of the prompt; the steps of others are left out.
        """
        self._beam, self._prompt = beam, prompt
        self._nodes: list[Node] = []
        self._live = [ROOT]

    def advanced(self, prompt: int, candidates: Sequence[Continuation], live: Sequence[Continuation]) -> None:
        """See `BeamObserver.advanced`."""
        if prompt != self._prompt:
            return
        alive, following, places = set(live), [], self._beam
        for candidate in candidates:
            if candidate.total == float("-inf"):
                break
            if candidate.token == EOS:
                self._add(candidate, Fate.ENDED)
            elif places:
                places -= 1
                fate = Fate.WENT_ON if candidate in alive else Fate.OUT_OF_REACH
                node = self._add(candidate, fate)
                if candidate in alive:
                    following.append(node)
        self._live = following

    def nodes(self, replies: Sequence[Hypothesis]) -> list[Node]:
        """The whole tree, each step's hypotheses behind those of the step before, the likeliest first.

        Args:
            replies: What the search returned for the prompt.
        """
        ranks = {reply.tokens: rank for rank, reply in enumerate(replies, 1)}
        continued, cut = {node.parent for node in self._nodes}, set(self._live)
        found: list[Node] = []
        for number, node in enumerate(self._nodes):
            fate = node.fate
            if fate is Fate.WENT_ON and number not in continued:
                fate = Fate.CUT if number in cut else Fate.CROWDED_OUT
            rank = ranks.get(self._path(number)) if fate in (Fate.ENDED, Fate.CUT) else None
            score = None if rank is None else replies[rank - 1].score
            found.append(replace(node, fate=fate, rank=rank, score=score))
        return found

    def _add(self, candidate: Continuation, fate: Fate) -> int:
        parent = self._live[candidate.parent]
        step = 1 if parent == ROOT else self._nodes[parent].step + 1
        self._nodes.append(Node(parent, step, candidate.token, candidate.log_probability, candidate.total, fate))
        return len(self._nodes) - 1

    def _path(self, number: int) -> tuple[int, ...]:
        tokens: list[int] = []
        while number != ROOT:
            tokens.append(self._nodes[number].token)
            number = self._nodes[number].parent
        return tuple(reversed(tokens))
