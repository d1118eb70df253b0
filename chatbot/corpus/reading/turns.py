"""Conversations of turns, as foreign formats hold them; what is to become of them, and what became.

A format yields a flat stream of turns, None between two conversations, so that a chat of any
length passes through in bounded memory.
"""

from collections import Counter
from collections.abc import Generator
from dataclasses import dataclass, field
from typing import NamedTuple

from chatbot.corpus.reading.speaker_names import same_name

#: Characters; a longer turn is pasted text, and is dropped.
LONGEST_TURN = 100_000
#: Names that are remembered for the message when nobody has the name that was asked for.
_MOST_NAMES = 1000


class Turn(NamedTuple):
    """What one side said at once.

    Attributes:
        speaker: Who.
        text: As written, not normalized; empty where something was said that is no text.
        time: Seconds on the conversation's own clock, or None where the format has none.
        learn: Whether it may be learned as a reply.
        alternatives: Other replies recorded in the same place.
        aliases: What else the speaker is called.
        id: What `answers` of later turns of the conversation call it.
        answers: The `id` of the turn that it answers; None for the one before it.
        is_bot: Whether a program speaks, which is left out unless it is named.
    """

    speaker: str
    text: str
    time: float | None = None
    learn: bool = True
    alternatives: tuple[str, ...] = ()
    aliases: tuple[str, ...] = ()
    id: str | None = None
    answers: str | None = None
    is_bot: bool = False


#: None stands between conversations.
Turns = Generator[Turn | None, None, None]


@dataclass(frozen=True)
class PairingRules:
    """How turns become pairs.

    Attributes:
        speaker: Whose replies to learn; None learns everyone's.
        gap: Seconds of silence that end a conversation; None for no end.
        context: Turns before the prompt that it carries.
        redact: Whether tokens take the place of personal data.
        html: Whether HTML entities and tags are decoded.
    """

    speaker: str | None = None
    gap: float | None = 6 * 3600.0
    context: int = 0
    redact: bool = False
    html: bool = False


@dataclass
class ImportCounts:
    """What came of an import so far.

    Attributes:
        conversations: Those with at least one turn of text.
        pairs: Written.
        dropped: What was left out, by reason.
        notes: What was read but may have been meant otherwise.
        redacted: What tokens took the place of, by kind.
        decoded: HTML that was decoded, by kind.
        names: Turns by speaker, of the first thousand who say something in words, each in the
            spelling that came first.
        bots: Likewise, of programs that were left out.
        matched: Whether a speaker had the name in `PairingRules.speaker`.
        heard: Whether that person said something in words.
        encoding: As which the text was read; None for UTF-8, or UTF-16 where it shows itself.
    """

    conversations: int = 0
    pairs: int = 0
    dropped: Counter[str] = field(default_factory=Counter)
    notes: Counter[str] = field(default_factory=Counter)
    redacted: Counter[str] = field(default_factory=Counter)
    decoded: Counter[str] = field(default_factory=Counter)
    names: Counter[str] = field(default_factory=Counter)
    bots: Counter[str] = field(default_factory=Counter)
    matched: bool = False
    heard: bool = False
    encoding: str | None = None
    _spellings: dict[str, str] = field(default_factory=dict, repr=False)

    def hear(self, speaker: str, left_out: bool = False) -> None:
        """Count a turn in words.

        Args:
            speaker: Its speaker.
            left_out: Whether that is a bot that is left out.
        """
        name = same_name(speaker)
        if name not in self._spellings and len(self._spellings) < _MOST_NAMES:
            self._spellings[name] = speaker
        if name in self._spellings:
            (self.bots if left_out else self.names)[self._spellings[name]] += 1
