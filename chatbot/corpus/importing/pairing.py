"""Turns of conversations to the pairs that a bot learns from.

A turn answers the one before it, unless it says by `answers` which one it answers; the talk after
it continues from there.
"""

from collections import deque
from collections.abc import Generator, Iterable, Sequence
from enum import Enum

from chatbot.corpus.importing.earlier_messages import Earlier, Message
from chatbot.corpus.importing.pairing_rules import PairingRules
from chatbot.corpus.importing.pending_pairs import PendingPairs
from chatbot.corpus.reading.import_counts import ImportCounts
from chatbot.corpus.reading.markup import decode
from chatbot.corpus.reading.speaker_names import same_name
from chatbot.corpus.reading.tsv import Pair
from chatbot.corpus.reading.turns import LONGEST_TURN, Turn
from chatbot.corpus.redaction.redact import only_tokens, redact, visible
from chatbot.text import SEPARATOR, in_context, normalize

DROPPED_LONG = f"turn of more than {LONGEST_TURN:,} characters"
DROPPED_REDACTED = "nothing but personal data"
DROPPED_BOT = "message of a bot"
DROPPED_ANSWER = "answer to a message that is missing or too far back"
DROPPED_FOLLOWING = "message that follows one with an answer of its own"
#: Characters of a prompt, written once for each of its replies.
_MOST_REPEATED = 1_000_000
DROPPED_REPEATED = f"another reply to a prompt that would be repeated for more than {_MOST_REPEATED:,} characters"
#: Turns of one speaker in a row, of which the last can be answered by their id.
_MOST_PARTS = 10_000
_NOTHING: tuple[str, ...] = ()


def make_pairs(turns: Iterable[Turn | None], rules: PairingRules, tally: ImportCounts) -> Generator[Pair, None, None]:
    """Yield a pair for each turn that answers another.

    Consecutive turns of one speaker are joined first. A turn without text, a silence longer than
    the gap and the end of a conversation each break the thread: nothing after answers what was
    before, except a turn that says so by `answers`, which no silence keeps from its prompt. What
    just follows a turn does not answer it where another says, not much later, that it does. Nobody
    answers oneself, and what answers a turn that is not there answers nothing.

    Args:
        turns: See `Turn`.
        rules: How to go about it.
        tally: Is kept.
    """
    thread, last_id = _NOTHING, None
    earlier, held = Earlier(), PendingPairs()
    counted = False
    for run in _runs(turns, rules, tally):
        if isinstance(run, _Break):
            thread, last_id, counted = _NOTHING, None, False
            if run is _Break.END:
                earlier.clear()
                if held:
                    yield from _counted(held.release(everything=True), tally)
            continue
        text, is_answer, prompt_id = run.text(tally), True, last_id
        if run.answers is not None:
            thread, is_answer = _thread_of(run, earlier, rules.context)
            prompt_id = None
            if text:
                _count_answer(run, is_answer, earlier, held, tally)
        if text and not counted:
            tally.conversations += 1
            counted = True
        if text and thread and is_answer and run.learn:
            prompt = _prompt(thread, rules.context)
            replies = (text, *_others(run, prompt, tally)) if run.alternatives else (text,)
            yield from _counted(held.exchange([Pair(prompt, reply) for reply in replies], prompt_id), tally)
        for id_, part in run.parts:
            earlier.add(id_, Message(run.speaker, part, thread))
        if text and not is_answer and thread:  # an answer to oneself continues
            thread, text = thread[:-1], f"{thread[-1]} {text}"
        thread = (*thread, text)[-rules.context - 1 :] if text else _NOTHING
        last_id = run.parts[-1][0] if run.parts else None
    yield from _counted(held.release(everything=True), tally)


def _prompt(thread: tuple[str, ...], context: int) -> str:
    """The last text of a thread, with those before it that a prompt carries."""
    if not context and thread[-1].isascii():  # which is normal as it is
        return thread[-1]
    *before, last = thread[-context - 1 :]
    return in_context(before, last)


def _others(run: "_Run", prompt: str, tally: ImportCounts) -> tuple[str, ...]:
    """The other replies of a run; none of so many that a long prompt with each of them is out of all proportion."""
    if len(prompt) * len(run.alternatives) <= _MOST_REPEATED:
        return run.alternatives
    tally.dropped[DROPPED_REPEATED] += len(run.alternatives)
    return ()


def _counted(pairs: Iterable[Pair], tally: ImportCounts) -> Generator[Pair, None, None]:
    for pair in pairs:
        tally.pairs += 1
        yield pair


def _count_answer(run: "_Run", is_answer: bool, earlier: Earlier, held: PendingPairs, tally: ImportCounts) -> None:
    """Count an answer to what is not there; another one takes the place of what just followed its prompt."""
    if run.answers is None:
        return
    if is_answer and (cancelled := held.cancel(run.answers)):
        tally.dropped[DROPPED_FOLLOWING] += cancelled
    elif run.learn and earlier.get(run.answers) is None:
        tally.dropped[DROPPED_ANSWER] += 1


def _thread_of(run: "_Run", earlier: Earlier, context: int) -> tuple[tuple[str, ...], bool]:
    """The texts before a run that says what it answers, no more than are needed, and whether the last is another's."""
    answered = earlier.get(run.answers)
    if answered is None or not answered.text:
        return (), False
    return (*answered.thread, answered.text)[-context - 1 :], same_name(answered.speaker) != same_name(run.speaker)


class _Break(Enum):
    """An end of a thread."""

    SILENCE = 1
    END = 2


class _Run:
    """Consecutive turns of one speaker, in bounded memory.

    Attributes:
        speaker: Who.
        answers: What the first turn says it answers.
        last: The turn that was added last.
        learn: Whether all may be learned.
        parts: (id, text) of the turns that can be answered by their id.
    """

    __slots__ = ("_alternatives", "_name", "_size", "_texts", "answers", "last", "learn", "parts", "speaker")

    def __init__(self, first: Turn) -> None:
        self.speaker = first.speaker
        self.answers = first.answers
        self.last = first
        self.learn = True
        self.parts: deque[tuple[str, str]] | tuple[()] = ()
        self._name = same_name(first.speaker)
        self._texts: list[str] = []
        self._alternatives: tuple[str, ...] = ()
        self._size = 0

    def takes(self, turn: Turn) -> bool:
        """Whether a turn continues this run."""
        return same_name(turn.speaker) == self._name and turn.answers in (None, self.answers)

    def add(self, turn: Turn, texts: Sequence[str], learn: bool) -> None:
        """Add a turn.

        Args:
            turn: As it was said.
            texts: Clean, what was said and the alternatives.
            learn: Whether it may be learned.
        """
        text = texts[0]
        self.last = turn
        self.learn = self.learn and learn
        self._size += len(text)
        if text and self._size <= LONGEST_TURN:
            self._texts.append(text)
            self._alternatives = tuple(dict.fromkeys(filter(None, texts[1:]))) if len(texts) > 1 else ()
        if turn.id is not None:
            self.parts = self.parts or deque(maxlen=_MOST_PARTS)
            self.parts.append((turn.id, text if self._size <= LONGEST_TURN else ""))

    def text(self, tally: ImportCounts) -> str:
        """The text of the run; nothing where it was too long, which is counted."""
        if self._size > LONGEST_TURN:
            tally.dropped[DROPPED_LONG] += 1
            return ""
        return " ".join(self._texts)

    @property
    def alternatives(self) -> tuple[str, ...]:
        """Other replies recorded in the place of a single turn."""
        return self._alternatives if len(self._texts) == 1 else ()


def _runs(
    turns: Iterable[Turn | None], rules: PairingRules, tally: ImportCounts
) -> Generator["_Run | _Break", None, None]:
    """Clean turns with those of one speaker joined, and what breaks the thread between them."""
    run: _Run | None = None
    for turn in turns:
        silent = run is not None and turn is not None and _silent_between(run.last, turn, rules.gap)
        if run is not None and (turn is None or silent or not run.takes(turn)):
            yield run
            run = None
        if turn is None or silent:
            yield _Break.END if turn is None else _Break.SILENCE
        if turn is not None:
            run = run or _Run(turn)
            run.add(turn, *_clean(turn, rules, tally))
    if run is not None:
        yield run


def _silent_between(earlier: Turn, later: Turn, gap: float | None) -> bool:
    if gap is None or earlier.time is None or later.time is None:
        return False
    return later.time - earlier.time > gap


def _clean(turn: Turn, rules: PairingRules, tally: ImportCounts) -> tuple[Sequence[str], bool]:
    """The texts of a turn as a corpus holds them, and whether it is to be learned."""
    speaks = bool(turn.alternatives or turn.text.strip())
    named = rules.speaker is not None and same_name(rules.speaker) in map(same_name, (turn.speaker, *turn.aliases))
    left_out = turn.is_bot and not named
    if speaks:
        tally.hear(turn.speaker, left_out)
    if named:
        tally.matched, tally.heard = True, tally.heard or speaks
    if left_out:
        tally.dropped[DROPPED_BOT] += 1
        return ("",), False
    learn = turn.learn and (named or rules.speaker is None)
    text = _clean_text(turn.text, rules, tally)
    return (text, *(_clean_text(other, rules, tally) for other in turn.alternatives)), learn


def _clean_text(text: str, rules: PairingRules, tally: ImportCounts) -> str:
    if len(text) > LONGEST_TURN:
        tally.dropped[DROPPED_LONG] += 1
        return ""
    if rules.html:
        text = decode(text, tally.decoded)
    if rules.redact:
        text = redact(text, tally.redacted)
        if only_tokens(text):
            tally.dropped[DROPPED_REDACTED] += 1
            return ""
    return normalize(text if text.isascii() else visible(text).replace(SEPARATOR, " "))
