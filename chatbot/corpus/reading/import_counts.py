"""Counts of an import: pairs, speakers, and what was left out, replaced or decoded."""

from collections import Counter
from dataclasses import dataclass, field

from chatbot.corpus.reading.speaker_names import same_name

#: Names that are remembered for the message when nobody has the name that was asked for.
_MOST_NAMES = 1000


@dataclass
class ImportCounts:
    """The counts of an import so far.

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
