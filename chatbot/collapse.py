"""The collapse alarm: whether a bot that learns says one and the same thing to everybody.

An encoder-decoder that has not learned to tell prompts apart answers all of them with whatever
reply is most probable after any. Its loss looks fair meanwhile, so the replies have to be watched.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

#: With fewer prompts, a reply that comes twice says nothing.
_FEWEST_PROMPTS = 8
#: Every bot begins collapsed; until this share of a run is over it need not have come out of it.
_EARLY = 0.25

_MORE_TIME = (
    "It does not tell prompts apart yet. Give it more time (--max-time, --epochs) or a larger --preset, and see"
    " with chatbot corpus check whether one reply fills the corpus"
)
_LOWER_RATE = (
    "It told prompts apart before, so the steps may be too large: try a lower --learning-rate."
    " What is written are the best weights, not the last"
)


@dataclass(frozen=True)
class TopReply:
    """The most frequent reply to a number of prompts.

    Attributes:
        text: The reply; None if it is not known any more.
        share: Share of the prompts that get it, in 0..1.
        recorded_share: Share of the prompts that have the most frequent *recorded* reply. A bot
            that says the right thing everywhere has this share, and no smaller one is wanted.
        prompts: Number of prompts.
    """

    text: str | None
    share: float
    recorded_share: float
    prompts: int

    @classmethod
    def of(cls, replies: Sequence[str], recorded: Sequence[str]) -> "TopReply":
        """Count.

        Args:
            replies: What the bot says, one reply a prompt, one at least.
            recorded: What the corpus has in their place.
        """
        text, count = Counter(replies).most_common(1)[0]
        most_recorded = max(Counter(recorded).values())
        return cls(text, count / len(replies), most_recorded / len(recorded), len(replies))

    @property
    def collapsed(self) -> bool:
        """Whether the share is more than halfway from the recorded one to everything."""
        return self.prompts >= _FEWEST_PROMPTS and self.share > (self.recorded_share + 1) / 2

    @property
    def count(self) -> int:
        """How many prompts get it."""
        return round(self.share * self.prompts)

    @property
    def recorded_count(self) -> int:
        """How many prompts have the most frequent recorded reply."""
        return round(self.recorded_share * self.prompts)

    def describe(self) -> str:
        """The alarm in words."""
        said = "" if self.text is None else f" (“{self.text}”)" if self.text else " (nothing at all)"
        return (
            f"{self.count} of {self.prompts} sample prompts get the same reply{said}; in the corpus no reply stands"
            f" for more than {self.recorded_count}"
        )


def advise(top: TopReply) -> str | None:
    """What to tell a person about the bot that a run has come to: the fact and advice, or None."""
    return f"{top.describe()}. {_MORE_TIME}." if top.collapsed else None


class CollapseAlarm:
    """Hears the samples of each measurement of a run and knows when to worry."""

    def __init__(self) -> None:
        """Begin before the first measurement."""
        self._varied = False

    def recall(self, tops: Iterable[TopReply]) -> None:
        """Take in what was heard before the run was interrupted."""
        self._varied = any(not top.collapsed for top in tops)

    def hear(self, top: TopReply, progress: float) -> str | None:
        """What to tell a person after a measurement: the fact and advice, or None.

        Args:
            top: The most frequent reply of the samples.
            progress: How much of the run is over, in 0..1; early in a run no bot can do better.
        """
        if not top.collapsed:
            self._varied = True
            return None
        if progress < _EARLY and not self._varied:
            return None
        return f"{top.describe()}. {_LOWER_RATE if self._varied else _MORE_TIME}."
