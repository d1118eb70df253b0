"""Right answers and mean confidence by groups of prompts: by their length, and by their kind."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from chatbot.bot.grading import GradedReply
from chatbot.text import fold

#: Groups by length: their names, and the words of the longest prompt of each.
_LENGTHS = (("up to 6 words", 6.0), ("7 to 12 words", 12.0), ("above 12 words", float("inf")))


@dataclass(frozen=True)
class GroupFigures:
    """The figures of a group of prompts.

    Attributes:
        group: Its name.
        prompts: How many.
        right: Share of them that got a right reply.
        confidence: Mean of the replies; None where the bot has no calibration.
    """

    group: str
    prompts: int
    right: float
    confidence: float | None

    def to_json(self) -> dict[str, Any]:
        """The figures for programs."""
        return asdict(self)


def by_length(graded: Sequence[GradedReply]) -> list[GroupFigures]:
    """The figures by the words of the prompt; groups without a prompt are left out.

    Args:
        graded: Replies to distinct prompts.
    """

    def length(one: GradedReply) -> str:
        words = len(one.prompt.split())
        return next(name for name, longest in _LENGTHS if words <= longest)

    names = [length(one) for one in graded]
    return list(_figures(graded, names, [name for name, _ in _LENGTHS if name in names]))


def by_kind(graded: Sequence[GradedReply], kinds: Mapping[str, str]) -> list[GroupFigures]:
    """The figures by the kind of the prompt; none where the corpus names no kinds.

    Args:
        graded: Replies to distinct prompts.
        kinds: By prompt, in lower case.
    """
    names = [kinds.get(fold(one.prompt), "") for one in graded]
    return list(_figures(graded, names, list(dict.fromkeys(filter(None, names)))))


def _figures(graded: Sequence[GradedReply], names: Sequence[str], groups: Sequence[str]) -> Iterator[GroupFigures]:
    for group in groups:
        members = [one for one, name in zip(graded, names, strict=True) if name == group]
        sure = [one.confidence for one in members if one.confidence is not None]
        right = sum(one.right for one in members) / len(members)
        yield GroupFigures(group, len(members), right, sum(sure) / len(sure) if sure else None)
