"""The results of a search: settled tokens while it runs, whole replies at its end."""

from collections.abc import Generator, Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol

from chatbot.config import EOS


class TokenChoice(NamedTuple):
    """A token that is settled for one prompt.

    Attributes:
        row: Index of the prompt.
        token: Its id; EOS ends the reply and is part of its score but not of its text.
        log_probability: Natural logarithm of the probability that the model gave it, before
            anything was banned, penalized or shaped.
    """

    row: int
    token: int
    log_probability: float


@dataclass(frozen=True)
class Hypothesis:
    """A whole reply.

    Attributes:
        tokens: Their ids; the last is EOS unless the reply was cut.
        log_probabilities: Of each token, as in `TokenChoice`.
        score: What it is ranked by among the hypotheses of its prompt, the highest first.
    """

    tokens: tuple[int, ...]
    log_probabilities: tuple[float, ...]
    score: float

    @property
    def ended(self) -> bool:
        """Whether the reply ended by itself."""
        return self.tokens[-1:] == (EOS,)


#: A search yields what is settled after each step and returns the hypotheses of each prompt, ranked.
Search = Generator[list[TokenChoice], None, list[list[Hypothesis]]]


def hypothesis_of(choices: Sequence[TokenChoice]) -> Hypothesis:
    """The reply that tokens make, scored by its log-probability.

    Args:
        choices: Those of one prompt, at least one, in their order.
    """
    _, tokens, log_probabilities = zip(*choices, strict=True)
    return Hypothesis(tokens, log_probabilities, sum(log_probabilities))


def strip_eos(hypothesis: Hypothesis) -> list[int]:
    """The token ids of the reply of a hypothesis, without its EOS."""
    return [token for token in hypothesis.tokens if token != EOS]


class Continuation(NamedTuple):
    """A hypothesis with one more token; `total` and `log_probability` are as in `_Live`, the latter of that token."""

    parent: int
    token: int
    total: float
    log_probability: float


class BeamObserver(Protocol):
    """Receives the steps of a beam search."""

    def advanced(self, prompt: int, candidates: Sequence[Continuation], live: Sequence[Continuation]) -> None:
        """Receive a step of the beam of one prompt.

        Args:
            prompt: Its index.
            candidates: The best continuations of the hypotheses that were live, the best first;
                a `total` of -inf ends the list of those that were possible. Every one with
                EOS has ended.
            live: Those among them that are live now, in the order in which `Continuation.parent` counts.
        """
