"""Conversations of turns, as foreign formats hold them, to the pairs that a bot learns from.

A format yields a flat stream of turns, None between two conversations, so that a chat of any
length passes through in bounded memory.
"""

from collections import Counter, deque
from collections.abc import Generator, Iterable
from dataclasses import dataclass, field
from typing import NamedTuple

from chatbot.corpus.names import same_name
from chatbot.corpus.pairs import Pair
from chatbot.corpus.redact import only_tokens, redact, visible
from chatbot.text import SEPARATOR, in_context, normalize

#: Characters; a longer turn is pasted text, and is dropped.
LONGEST_TURN = 100_000
#: Names that are remembered for the message when nobody has the name that was asked for.
_MOST_NAMES = 1000

DROPPED_LONG = f"turn of more than {LONGEST_TURN:,} characters"
DROPPED_REDACTED = "nothing but personal data"


class Turn(NamedTuple):
    """What one side said at once.

    Attributes:
        speaker: Who.
        text: As written, not normalized; empty where something was said that is no text.
        time: Seconds on the conversation's own clock, or None where the format has none.
        learn: Whether it may be learned as a reply.
        alternatives: Other replies recorded in the same place.
        aliases: What else the speaker is called.
    """

    speaker: str
    text: str
    time: float | None = None
    learn: bool = True
    alternatives: tuple[str, ...] = ()
    aliases: tuple[str, ...] = ()


#: None stands between conversations.
Turns = Generator[Turn | None, None, None]


@dataclass(frozen=True)
class Rules:
    """How turns become pairs.

    Attributes:
        speaker: Whose replies to learn; None learns everyone's.
        gap: Seconds of silence that end a conversation; None for no end.
        context: Turns before the prompt that it carries.
        redact: Whether tokens take the place of personal data.
    """

    speaker: str | None = None
    gap: float | None = 6 * 3600.0
    context: int = 0
    redact: bool = False


@dataclass
class Tally:
    """What came of an import so far.

    Attributes:
        conversations: Those with at least one turn of text.
        pairs: Written.
        dropped: What was left out, by reason.
        redacted: What tokens took the place of, by kind.
        names: Turns by speaker, of the first thousand who say something in words, each in the
            spelling that came first.
        matched: Whether somebody had the name in `Rules.speaker`.
        heard: Whether that person said something in words.
    """

    conversations: int = 0
    pairs: int = 0
    dropped: Counter[str] = field(default_factory=Counter)
    redacted: Counter[str] = field(default_factory=Counter)
    names: Counter[str] = field(default_factory=Counter)
    matched: bool = False
    heard: bool = False
    _spellings: dict[str, str] = field(default_factory=dict, repr=False)

    def hear(self, speaker: str) -> None:
        """Count a turn in words."""
        name = same_name(speaker)
        if name not in self._spellings and len(self._spellings) < _MOST_NAMES:
            self._spellings[name] = speaker
        if name in self._spellings:
            self.names[self._spellings[name]] += 1


def make_pairs(turns: Iterable[Turn | None], rules: Rules, tally: Tally) -> Generator[Pair, None, None]:
    """Yield a pair for each turn that answers another.

    Consecutive turns of one speaker are joined first. A turn without text, a silence longer than
    the gap and the end of a conversation each break the thread: nothing after answers what was before.

    Args:
        turns: See `Turn`.
        rules: How to go about it.
        tally: Is kept.
    """
    history: deque[str] = deque(maxlen=rules.context + 1)
    counted = False
    for message in _joined(turns, rules, tally):
        if message is None or not message.text:
            history.clear()
            counted = counted and message is not None
            continue
        if not counted:
            tally.conversations += 1
            counted = True
        if history and message.learn:
            *before, last = history
            prompt = in_context(before, last)
            for reply in (message.text, *message.alternatives):
                tally.pairs += 1
                yield Pair(prompt, reply)
        history.append(message.text)


class _Run:
    """Consecutive turns of one speaker, in bounded memory."""

    def __init__(self, first: Turn) -> None:
        self.last = first
        self._texts: list[str] = []
        self._alternatives: tuple[str, ...] = ()
        self._learn = True
        self._size = 0

    def add(self, turn: Turn, clean: Turn) -> None:
        self.last = turn
        self._learn = self._learn and clean.learn
        self._size += len(clean.text)
        if clean.text and self._size <= LONGEST_TURN:
            self._texts.append(clean.text)
            self._alternatives = clean.alternatives

    def joined(self, tally: Tally) -> Turn:
        if self._size > LONGEST_TURN:
            tally.dropped[DROPPED_LONG] += 1
            return Turn(self.last.speaker, "")
        alternatives = self._alternatives if len(self._texts) == 1 else ()
        return Turn(self.last.speaker, " ".join(self._texts), None, self._learn, alternatives)


def _joined(turns: Iterable[Turn | None], rules: Rules, tally: Tally) -> Turns:
    """Clean turns with those of one speaker joined, and None where a conversation ends."""
    run: _Run | None = None
    for turn in turns:
        ends = turn is None or (run is not None and _silent_between(run.last, turn, rules.gap))
        if run is not None and (turn is None or ends or same_name(run.last.speaker) != same_name(turn.speaker)):
            yield run.joined(tally)
            run = None
        if ends:
            yield None
        if turn is not None:
            run = run or _Run(turn)
            run.add(turn, _clean(turn, rules, tally))
    if run is not None:
        yield run.joined(tally)


def _silent_between(earlier: Turn, later: Turn, gap: float | None) -> bool:
    if gap is None or earlier.time is None or later.time is None:
        return False
    return later.time - earlier.time > gap


def _clean(turn: Turn, rules: Rules, tally: Tally) -> Turn:
    """The turn with its texts as a corpus holds them, and whether it is to be learned."""
    speaks = bool(turn.text.strip() or turn.alternatives)
    if speaks:
        tally.hear(turn.speaker)
    wanted = rules.speaker is None or same_name(rules.speaker) in map(same_name, (turn.speaker, *turn.aliases))
    tally.matched = tally.matched or wanted
    tally.heard = tally.heard or (wanted and speaks)
    texts = [_clean_text(text, rules, tally) for text in (turn.text, *turn.alternatives)]
    return turn._replace(
        text=texts[0], learn=turn.learn and wanted, alternatives=tuple(dict.fromkeys(filter(None, texts[1:])))
    )


def _clean_text(text: str, rules: Rules, tally: Tally) -> str:
    if len(text) > LONGEST_TURN:
        tally.dropped[DROPPED_LONG] += 1
        return ""
    if rules.redact:
        text = redact(text, tally.redacted)
        if only_tokens(text):
            tally.dropped[DROPPED_REDACTED] += 1
            return ""
    return normalize(visible(text).replace(SEPARATOR, " "))
