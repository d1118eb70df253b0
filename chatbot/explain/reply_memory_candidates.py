"""The candidate replies that the reply memory recalls for a prompt."""

from collections.abc import Sequence

import numpy as np

from chatbot.bot.chatbot import Chatbot
from chatbot.config import DecodingConfig
from chatbot.explain.explanation import RecalledReplies, RecalledReply
from chatbot.inference.step_model import Recalling

#: Replies to name, besides those that a view would recall first.
_MOST = 5


def recall_replies(bot: Chatbot, prompt: Sequence[int], said: str, decoding: DecodingConfig) -> RecalledReplies | None:
    """Read the shares of the candidate replies from the reply memory.

    Args:
        bot: The bot.
        prompt: Token ids, as the encoder reads them.
        said: What the bot said to the prompt.
        decoding: How that was chosen; a bot that is free to phrase replies of its own looks none up.

    Returns:
        The replies with the largest shares; None where the bot has no reply memory.

    Raises:
        BundleError: The file of the candidate replies is damaged.
    """
    recall = bot.model.recall(prompt) if isinstance(bot.model, Recalling) else None
    if recall is None or not bot.known_replies:
        return None
    firsts = {view: int(shares.argmax()) for view, shares in recall.views.items()}
    recorded = None if decoding.free or bot.recorded is None else bot.recorded.look_up(prompt, recall.shares)
    together = recall.shares if recorded is None else recorded
    largest = np.argsort(-together, kind="stable")[:_MOST].tolist()
    known = bot.known_replies[: len(together)]
    said_at = {place for place, reply in enumerate(known) if reply.text == said}
    further = sorted({*firsts.values(), *said_at} - set(largest), key=lambda place: -together[place])
    replies = (
        RecalledReply(
            reply=known[place].text,
            topic=known[place].topic,
            share=float(together[place]),
            by_view={
                view: float(shares[place]) if place < len(shares) else 0.0 for view, shares in recall.views.items()
            },
            first_of=tuple(view for view, first in firsts.items() if first == place),
            said=place in said_at,
        )
        for place in (*largest, *further)
    )
    urgent = [place for place, reply in enumerate(known) if reply.is_urgent]
    chance = float(together[urgent].sum()) if urgent else None
    return RecalledReplies(tuple(replies), len(together), recorded is not None, chance)
