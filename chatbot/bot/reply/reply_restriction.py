"""The replies that a bot may say where its corpus has a set of them: recorded ones, whole."""

import functools
from collections.abc import Collection, Sequence
from dataclasses import fields, replace

import numpy as np
import numpy.typing as npt

from chatbot.bot.reply import text_constraints
from chatbot.bot.reply.text_constraints import build_text_check
from chatbot.bundle import KnownReply
from chatbot.config import EOS, MOST_HELD, MOST_TOKENS, DecodingConfig
from chatbot.config.options import spell
from chatbot.errors import ConfigError
from chatbot.inference import constraints
from chatbot.inference.constraints import Constraints
from chatbot.inference.decoding import varied
from chatbot.inference.prefix_tree import PrefixTree
from chatbot.inference.recorded_prompts import KnownPrompts
from chatbot.inference.recorded_reply_steps import RecordedSteps, RememberingSteps
from chatbot.inference.urgency import Urgency
from chatbot.tokenizer import Tokenizer

#: Trees of other rules kept, for who changes them now and then.
_TREES = 8


class RecordedReplies:
    """The recorded replies of a bot, as tokens; threads may share it."""

    def __init__(
        self,
        tokenizer: Tokenizer,
        replies: Sequence[KnownReply],
        prompts: KnownPrompts | None = None,
        forgotten: Collection[str] = (),
    ) -> None:
        """Tokenize the replies as the decoder has learned them, but none is cut.

        Args:
            tokenizer: Of the bot.
            replies: In the order of the reply memory, at least one; behind them those that were taught.
            prompts: Those whose replies are looked up, or None.
            forgotten: Replies that are not said.
        """
        self._forgotten = frozenset(forgotten)
        self._prompts = prompts
        self._size, self._suppressed = tokenizer.vocabulary_size, tokenizer.suppressed_ids
        self._texts = [reply.text for reply in replies]
        self._tokens = [[*ids, EOS] for ids in tokenizer.encode_all(self._texts)]
        self._topics = _number_topics(replies)
        self._urgency = _find_urgent(replies)
        self._tree = functools.lru_cache(_TREES)(self._grow)

    def constrain(self, model: RememberingSteps, decoding: DecodingConfig, always_steps: bool = False) -> RecordedSteps:
        """The model that says these replies alone, without those that the rules of the settings refuse.

        Args:
            model: Of the bot.
            decoding: The settings.
            always_steps: See `RecordedSteps`.

        Raises:
            ConfigError: The rules refuse every reply.
        """
        topics = None if decoding.samples or decoding.vary else self._topics
        return RecordedSteps(
            model, self._tree(rules_of(decoding)), self._size, always_steps, self._prompts, topics, self._urgency
        )

    def look_up(self, prompt: Sequence[int], shares: npt.NDArray[np.float32]) -> npt.NDArray[np.float32] | None:
        """The shares of the replies to a prompt whose replies are known without the reply memory.

        Args:
            prompt: Token ids.
            shares: (replies of the reply memory,) float32.

        Returns:
            (all replies,) float32; None for any other prompt.
        """
        if self._prompts is None or not self._prompts.recall([prompt], np.zeros_like(shares)[None]).any():
            return None
        found: npt.NDArray[np.float32] = self._prompts.recall([prompt], shares[None])[0]
        return found

    def complete(self, decoding: DecodingConfig) -> DecodingConfig:
        """Settings with which no reply is cut or preferred for its length, unless they say so themselves.

        To vary replies a beam finds several.

        Args:
            decoding: The settings.

        Returns:
            The settings, with a bound on the tokens in any case.
        """
        if decoding.vary:
            beam = max(decoding.beam, varied.BEAM)
            decoding = replace(decoding, beam=beam, n_best=beam)
        if decoding.max_tokens is None:
            most = min(self._tree(rules_of(decoding)).longest, MOST_TOKENS, MOST_HELD // decoding.beam)
            decoding = replace(decoding, max_tokens=most)
        if decoding.beam > 1 and decoding.length_penalty is None:
            decoding = replace(decoding, length_penalty=0.0)
        return decoding

    def _grow(self, rules: DecodingConfig) -> PrefixTree:
        """The tree of the replies that pass the rules as a whole, so that no search is stuck half-way through one."""
        passes, says = Constraints(rules, self._suppressed), build_text_check(rules)
        kept = {
            number: tokens
            for number, (text, tokens) in enumerate(zip(self._texts, self._tokens, strict=True))
            if text not in self._forgotten and says(text) and passes.admit(tokens, self._size)
        }
        if not kept:
            asked = " and ".join(spell(name) for name in _asked(rules)) or "the bot's tokenizer"
            raise ConfigError(
                f"{asked} refuses every one of the {len(self._texts):,} recorded replies;"
                " loosen it, or let the bot phrase replies of its own with free"
            )
        return PrefixTree(kept)


def _number_topics(replies: Sequence[KnownReply]) -> npt.NDArray[np.intp]:
    """(replies,), the number of the topic of each; a reply without one is a topic of its own."""
    numbers: dict[tuple[bool, str], int] = {}
    names = ((reply.topic is None, reply.text if reply.topic is None else reply.topic) for reply in replies)
    return np.array([numbers.setdefault(name, len(numbers)) for name in names], np.intp)


def _find_urgent(replies: Sequence[KnownReply]) -> Urgency | None:
    """The urgent ones of replies; None where none is."""
    urgent = np.array([reply.is_urgent for reply in replies])
    doubtful = np.array([reply.is_urgent_fallback for reply in replies])
    return Urgency(urgent, doubtful) if urgent.any() else None


def rules_of(decoding: DecodingConfig) -> DecodingConfig:
    """The settings that refuse replies, with the defaults of all others.

    Args:
        decoding: The settings.
    """
    names = {row.setting for row in constraints.CONSTRAINTS}
    names |= {row.setting for row in text_constraints.TEXT_CONSTRAINTS}
    others = {field.name: field.default for field in fields(decoding) if field.name not in names}
    return replace(decoding, **others)  # type: ignore[arg-type]  # defaults are of their fields' types


def _asked(rules: DecodingConfig) -> list[str]:
    return [field.name for field in fields(rules) if getattr(rules, field.name) != field.default]
