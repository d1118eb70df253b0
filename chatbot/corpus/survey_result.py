"""Result of a survey of a corpus: counts, lengths and examples."""

from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from chatbot.corpus.reading.open_file import Problem
from chatbot.corpus.reading.tsv import Pair
from chatbot.corpus.reply_set import is_reply_set

SIDES = ("prompt", "reply")


class Example(NamedTuple):
    """A text, perhaps cut, and how often it occurs."""

    text: str
    times: int


class PhrasedAnswer(NamedTuple):
    """A reply, perhaps cut, with the number of its different prompts and its first line."""

    text: str
    phrasings: int
    line: int


@dataclass
class Survey:
    """The counts of a corpus.

    Attributes:
        path: The corpus.
        pairs: Usable lines.
        problems: Unusable lines, by what is wrong.
        places: The first of them.
        characters: Of all pairs.
        alphabet: The different characters, without the space.
        lengths: Texts by side and by number of characters.
        scripts: Texts by side and by script.
        markup: HTML that is in texts, by kind.
        markup_lines: Lines of the first of it.
        personal: Texts that hold personal data, by kind.
        personal_lines: Lines of the first of them.
        context_turns: Turns that prompts carry at most.
        prompts: Different prompts, as the encoder reads them.
        replies: Different replies.
        duplicates: Pairs that were there already.
        contradicted: Prompts with several replies.
        contradictions: Those with the most.
        frequent: The most frequent replies.
        phrasings: Replies by the number of their different prompts.
        fewest_phrasings: The replies with the fewest.
        test_prompts: Different prompts in the test file; None without one.
        leaked: How many of them are prompts of the corpus too.
        leaks: Some of them.
        sample: Pairs drawn evenly, as the model reads them.
    """

    path: Path
    pairs: int = 0
    problems: Counter[str] = field(default_factory=Counter)
    places: list[Problem] = field(default_factory=list)
    characters: int = 0
    alphabet: set[str] = field(default_factory=set)
    lengths: dict[str, Counter[int]] = field(default_factory=lambda: {side: Counter() for side in SIDES})
    scripts: dict[str, Counter[str]] = field(default_factory=lambda: {side: Counter() for side in SIDES})
    markup: Counter[str] = field(default_factory=Counter)
    markup_lines: list[int] = field(default_factory=list)
    personal: Counter[str] = field(default_factory=Counter)
    personal_lines: list[int] = field(default_factory=list)
    context_turns: int = 0
    prompts: int = 0
    replies: int = 0
    duplicates: int = 0
    contradicted: int = 0
    contradictions: list[Example] = field(default_factory=list)
    frequent: list[Example] = field(default_factory=list)
    phrasings: Counter[int] = field(default_factory=Counter)
    fewest_phrasings: list[PhrasedAnswer] = field(default_factory=list)
    test_prompts: int | None = None
    leaked: int = 0
    leaks: list[Example] = field(default_factory=list)
    sample: list[Pair] = field(default_factory=list)

    @property
    def has_reply_set(self) -> bool:
        """Whether a bot would choose among the replies, see `is_reply_set`."""
        prompts = sum(number * replies for number, replies in self.phrasings.items())
        return is_reply_set(self.phrasings.total(), prompts)


def quantile(counts: Counter[int], share: float) -> int:
    """The smallest number that at least so large a share of the counted does not exceed.

    Args:
        counts: How often each number comes.
        share: In 0..1.
    """
    needed, seen = share * counts.total(), 0
    for number in sorted(counts):
        seen += counts[number]
        if seen >= needed:
            return number
    return 0
