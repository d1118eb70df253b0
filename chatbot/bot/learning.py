"""Corrections that a trained bot learns, or forgets again, without a training."""

from collections.abc import Iterable
from typing import NamedTuple

from chatbot.bot.chatbot import Chatbot
from chatbot.bundle import MOST_CORRECTIONS, Bundle, Correction, Corrections
from chatbot.errors import BundleError, ConversationError
from chatbot.metrics import fold_answer
from chatbot.text import excerpt, fold, normalize


class TaughtPair(NamedTuple):
    """A pair to learn, with its place.

    Attributes:
        prompt: Normalized.
        reply: Normalized.
        file: The name of its file.
        line: Its line, from 1.
        topic: Of the reply; None where nobody said.
    """

    prompt: str
    reply: str
    file: str
    line: int
    topic: str | None = None


def learn(source: Bundle, pairs: Iterable[TaughtPair]) -> Corrections:
    """Add pairs to the corrections of a bot.

    Args:
        source: Its bundle.
        pairs: The pairs; of several with one prompt the last counts.

    Returns:
        All its corrections.

    Raises:
        BundleError: The bot has no set of replies that it chooses from, or would have too many corrections.
    """
    trained, before = Chatbot.open(source, Corrections()), Corrections.of(source)
    _require_recorded(trained, source)
    learned = {one.prompt: one for one in before.learned}
    wanted = {fold(pair.prompt): pair for pair in pairs}
    said = trained.reply_batch(list(wanted))
    for (prompt, pair), reply in zip(wanted.items(), said, strict=True):
        learned[prompt] = Correction(prompt, pair.reply, reply.text, pair.file, pair.line, pair.topic)
    if len(learned) > MOST_CORRECTIONS:
        raise BundleError(
            f"{source.path}: {len(learned):,} corrections, and a bundle takes {MOST_CORRECTIONS:,};"
            f" train the bot on them with --init-from {source.path}"
        )
    taught = {pair.reply for pair in wanted.values()}
    return Corrections(tuple(learned.values()), tuple(reply for reply in before.forgotten if reply not in taught))


def not_answered(source: Bundle, corrections: Corrections) -> list[Correction]:
    """The corrections that a bot would not say to their own prompts.

    Args:
        source: Its bundle.
        corrections: What it would be taught.
    """
    said = Chatbot.open(source, corrections).reply_batch([one.prompt for one in corrections.learned])
    return [one for one, reply in zip(corrections.learned, said, strict=True) if reply.text != one.reply]


class Forgetting(NamedTuple):
    """The outcome of forgetting a text.

    Attributes:
        corrections: What is left.
        removed: The corrections that were taken out.
        reply: The recorded reply that is not said any more; None where it was none.
    """

    corrections: Corrections
    removed: tuple[Correction, ...]
    reply: str | None


def forget(source: Bundle, text: str) -> Forgetting:
    """Take a correction, or a recorded reply, out of a bot.

    Args:
        source: Its bundle.
        text: The prompt of a correction, or a reply, in any case.

    Returns:
        The corrections that are left, and what was taken out.

    Raises:
        BundleError: The bot has no set of replies that it chooses from.
        ConversationError: It is neither; or it is the last reply.
    """
    before, bot = Corrections.of(source), Chatbot.open(source)
    _require_recorded(bot, source)
    prompt, said = fold(normalize(text)), fold_answer(normalize(text))
    removed = tuple(one for one in before.learned if one.prompt == prompt or fold_answer(one.reply) == said)
    left = tuple(one for one in before.learned if one not in removed)
    trained = Chatbot.open(source, Corrections()).known_replies
    reply = next((one.text for one in trained if fold_answer(one.text) == said), None)
    if reply in before.forgotten:
        reply = None
    if reply is None and not removed:
        answer = bot.reply(text).text
        raise ConversationError(
            f"“{excerpt(text)}” is no prompt that was taught and no reply of the bot"
            + (f"; to that prompt it says “{answer}”, which can be forgotten" if answer else "")
        )
    corrections = Corrections(left, (*before.forgotten, reply) if reply is not None else before.forgotten)
    if len({one.text for one in trained} | {one.reply for one in left}) == len(corrections.forgotten):
        raise ConversationError("that is the last reply of the bot; remove the bot with: chatbot rm")
    return Forgetting(corrections, removed, reply)


def _require_recorded(bot: Chatbot, source: Bundle) -> None:
    """Refuse a bot that has no set of replies to choose from, as one that was trained with `--known-replies 0`.

    Raises:
        BundleError: It has none.
    """
    if bot.recorded is None:
        raise BundleError(
            f"{source.path}: this bot phrases its replies itself, so a correction takes a training:"
            f" chatbot train CORPUS CORRECTIONS --init-from {source.path}"
        )
