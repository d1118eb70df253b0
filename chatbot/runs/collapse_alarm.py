"""The collapse alarm, for a bot that gives everyone the same reply while it learns.

An encoder-decoder that has not learned to tell prompts apart answers all of them with whatever
reply is most probable after any. Its loss looks fair meanwhile, so the replies have to be watched.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

#: With fewer prompts, a reply that comes twice says nothing.
_FEWEST_PROMPTS = 8
#: A sample of so many characters may have been cut.
_CUT = 40
#: So many prompts must have another reply than the most frequent recorded one, if it counts that none gets it.
_FEWEST_OTHERS = 5
#: Every bot begins collapsed; until this share of the steps is over, and so many are, it need not have come out of it.
_EARLY = 0.25
FEWEST_STEPS = 100

_MORE_TIME = (
    "It does not tell prompts apart yet: give it more time (--max-time, --epochs) or a larger --preset, and see"
    " with chatbot corpus check whether one reply fills the corpus"
)
_LOWER_RATE = (
    "It told prompts apart before, so the steps may be too large: try a lower --learning-rate."
    " The bundle gets the best weights, not the last"
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
        right_kinds: Different replies with which prompts were answered right. A bot that babbles may have many
            replies; only two that are right show that it tells prompts apart.
    """

    text: str | None
    share: float
    recorded_share: float
    prompts: int
    right_kinds: int

    @classmethod
    def of(cls, replies: Sequence[str], recorded: Sequence[str]) -> "TopReply":
        """Count the replies.

        Args:
            replies: The bot's replies, one a prompt, one at least.
            recorded: The reply of the corpus to each of the prompts.

        Returns:
            The most frequent reply and its share.
        """
        text, count = Counter(replies).most_common(1)[0]
        most_recorded = max(Counter(recorded).values())
        right = {reply for reply, expected in zip(replies, recorded, strict=True) if _is_right(reply, expected)}
        return cls(text, count / len(replies), most_recorded / len(recorded), len(replies), len(right))

    @property
    def collapsed(self) -> bool:
        """Whether the bot says the same to far more prompts than the corpus does.

        The share is more than halfway from the recorded one to everything. Or one reply fills most of the
        corpus, is most of what the bot says, and none of the prompts with another is answered right.
        """
        if self.prompts < _FEWEST_PROMPTS:
            return False
        return self.share > (self.recorded_share + 1) / 2 or self._only_the_frequent_one

    @property
    def _only_the_frequent_one(self) -> bool:
        others = self.prompts - self.recorded_count
        return min(self.share, self.recorded_share) > 0.5 and others >= _FEWEST_OTHERS and not self.told_apart

    @property
    def told_apart(self) -> bool:
        """Whether prompts were told apart: they got different replies, and right ones."""
        return self.right_kinds > 1

    @property
    def count(self) -> int:
        """The number of prompts that get it."""
        return round(self.share * self.prompts)

    @property
    def recorded_count(self) -> int:
        """The number of prompts that have the most frequent recorded reply."""
        return round(self.recorded_share * self.prompts)

    def describe(self) -> str:
        """The alarm in words."""
        said = "" if self.text is None else f" (“{self.text}”)" if self.text else " (nothing at all)"
        return (
            f"{self.count} of {self.prompts} sample prompts get the same reply{said}; in the corpus at most"
            f" {self.recorded_count} share one"
        )


def _is_right(reply: str, recorded: str) -> bool:
    """Whether a sample is right; a long reply is cut before its end."""
    return reply == recorded or (len(reply) >= _CUT and recorded.startswith(reply))


def advise(top: TopReply, steps: int) -> str | None:
    """The warning about a bot that a run of so many steps has come to.

    Args:
        top: The most frequent reply of the bot.
        steps: Number of steps.

    Returns:
        The fact and advice, or None.
    """
    return f"{top.describe()}. {_MORE_TIME}." if top.collapsed and steps >= FEWEST_STEPS else None


class CollapseAlarm:
    """Hears the samples of each measurement of a run and knows when to worry."""

    def __init__(self) -> None:
        """Begin before the first measurement."""
        self._told_apart = False

    def recall(self, tops: Iterable[TopReply]) -> None:
        """Restore the alarm of an interrupted run.

        Args:
            tops: The most frequent reply of each of its measurements.
        """
        self._told_apart = any(top.told_apart for top in tops)

    def hear(self, top: TopReply, step: int, steps: int) -> str | None:
        """The warning after a measurement: the fact and advice, or None.

        Steps count and not seconds, since compiling takes most of the first seconds.

        Args:
            top: The most frequent reply of the samples.
            step: Steps taken.
            steps: Those of the whole run; early in it no bot can do better.
        """
        lost = self._told_apart and not top.told_apart
        self._told_apart = self._told_apart or top.told_apart
        early = step < max(FEWEST_STEPS, _EARLY * steps)
        if not top.collapsed or (early and not lost):
            return None
        return f"{top.describe()}. {_LOWER_RATE if lost else _MORE_TIME}."
