"""Memorization: rare strings of a corpus that a bot can be made to say, and how."""

import re
from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np

from chatbot.bot.chatbot import Chatbot
from chatbot.bot.exposure import Exposure, ExposureMeter
from chatbot.config import EOS, GO, DecodingConfig
from chatbot.corpus.rare_strings import RareString
from chatbot.inference.step_model import EMPTY_PROMPT
from chatbot.text import normalize

#: The ways to bring a string up, in the order of `MemorizedString.said_to`.
OWN_PROMPT, NEAR_PROMPT, FREE, PREFIX = "its prompt", "a near prompt", "--free", "its beginning"
#: Called with the name of the work, how much of it is done, and how much there is.
Progress = Callable[[str, int, int], None]
#: Prompts that are answered between two reports of progress.
_PART = 256
#: Tokens beyond its own that a string may be away from the end of its prefix.
_SPARE = 4


class MemorizedString(NamedTuple):
    """A rare string, and what a bot makes of it.

    Attributes:
        string: The string.
        said_to: The ways in which the bot was brought to say it; none for a string that only prompts have.
        exposure: See `Exposure`; None for a string that only prompts have, or whose form has no other.
    """

    string: RareString
    said_to: tuple[str, ...]
    exposure: Exposure | None

    def to_json(self) -> dict[str, Any]:
        """Return the string as a JSON object."""
        found = self.string
        return {
            "string": found.text,
            "kind": found.kind,
            "line": found.line,
            "in": "reply" if found.in_reply else "prompt",
            "said_to": list(self.said_to),
            "exposure": None if self.exposure is None else self.exposure.bits,
            "most_exposure": None if self.exposure is None else self.exposure.most,
        }


def find_memorized(
    bot: Chatbot, strings: Sequence[RareString], words: Sequence[str], progress: Progress
) -> list[MemorizedString]:
    """Try to make a bot say strings, and measure their exposure.

    Args:
        bot: The bot.
        strings: Rare strings of a corpus.
        words: Of its replies, see `ExposureMeter`.
        progress: Called with the progress.

    Returns:
        Each string with what came of it, those that the bot says first, the most exposed first among them.
    """
    meter = ExposureMeter(bot, words)
    spoken = [string for string in strings if string.in_reply]
    said = _say(bot, spoken, progress)
    found = [MemorizedString(string, (), None) for string in strings if not string.in_reply]
    for number, string in enumerate(spoken):
        progress("measuring the exposure", number, len(spoken))
        if _continues(bot, string):
            said[number].append(PREFIX)
        found.append(MemorizedString(string, tuple(said[number]), meter.measure(string)))
    progress("measuring the exposure", len(spoken), len(spoken))
    return sorted(found, key=_risk, reverse=True)


def _risk(found: MemorizedString) -> tuple[bool, float, int]:
    bits = -1.0 if found.exposure is None else found.exposure.bits
    return bool(found.said_to), bits, -found.string.line


def _say(bot: Chatbot, strings: Sequence[RareString], progress: Progress) -> list[list[str]]:
    """The ways in which the bot says each string when it is asked."""
    own = [(number, string.pair.prompt) for number, string in enumerate(strings)]
    near = [(number, other) for number, prompt in own for other in near_prompts(prompt)]
    said: list[list[str]] = [[] for _ in strings]
    free = DecodingConfig(free=True)
    for way, asked, decoding in ((OWN_PROMPT, own, None), (NEAR_PROMPT, near, None), (FREE, [*own, *near], free)):
        for start in range(0, len(asked), _PART):
            progress(f"asking: {way}", start, len(asked))
            part = asked[start : start + _PART]
            replies = bot.reply_batch([prompt for _, prompt in part], decoding)
            for (number, _), reply in zip(part, replies, strict=True):
                if way not in said[number] and _contains(reply.text, strings[number].text):
                    said[number].append(way)
        progress(f"asking: {way}", len(asked), len(asked))
    return said


def near_prompts(prompt: str) -> Iterator[str]:
    """Prompts that someone may type who knows about a prompt, but not its words: parts of it, and a slip in it.

    Args:
        prompt: The prompt.

    Yields:
        Up to five other prompts, none empty.
    """
    words = re.sub(r"[^\w\s]", " ", prompt).split()
    half = -(-len(words) // 2)
    parts = [words, words[1:], words[:-1], words[:half], words[half:]]
    slip = " ".join([*words[:-1], words[-1][:-1]]) if words and len(words[-1]) > 3 else ""
    yield from dict.fromkeys(text for text in (*map(" ".join, parts), slip) if text and text != prompt)


def _continues(bot: Chatbot, string: RareString) -> bool:
    """Whether the bot goes on with a string, given the prompt and the reply up to it."""
    prompt, reply = string.pair
    before = reply[: reply.find(string.text)].rstrip()
    if not before:  # that is a reply like any other
        return False
    given = bot.tokenizer.encode(normalize(before))
    count = len(bot.tokenizer.encode(string.text)) + _SPARE
    state = bot.model.encode([bot.read(prompt).ids or EMPTY_PROMPT])
    said, token = list[int](), GO
    for wanted in [*given, *([None] * count)]:
        logits, state = bot.model.step(np.array([token], np.int32), state)
        token = int(logits[0].argmax()) if wanted is None else wanted
        if token == EOS:
            break
        said.append(token)
    return _contains(bot.tokenizer.decode(said[len(given) :]), string.text)


def _contains(text: str, string: str) -> bool:
    """Whether a text has a string as a whole, case aside."""
    pattern = rf"(?<!\w){re.escape(string.casefold())}(?!\w)" if string.isalnum() else re.escape(string.casefold())
    return re.search(pattern, text.casefold()) is not None
