"""The candidate replies that the reply memory recalls for a prompt."""

from collections.abc import Sequence

import numpy as np

from chatbot.bot.chatbot import Chatbot
from chatbot.explain.explanation import RecalledReplies, RecalledReply
from chatbot.inference.step_model import Recalling

#: Replies to name, besides those that a view would recall first.
_MOST = 5


def recall_replies(bot: Chatbot, prompt: Sequence[int], said: str) -> RecalledReplies | None:
    """Read the shares of the candidate replies from the reply memory.

    Args:
        bot: The bot.
        prompt: Token ids, as the encoder reads them.
        said: What the bot said to the prompt.

    Returns:
        The replies with the largest shares; None where the bot has no reply memory.

    Raises:
        BundleError: The file of the candidate replies is damaged.
    """
    recall = bot.model.recall(prompt) if isinstance(bot.model, Recalling) else None
    if recall is None or not bot.known_replies:
        return None
    firsts = {view: int(shares.argmax()) for view, shares in recall.views.items()}
    largest = np.argsort(-recall.shares, kind="stable")[:_MOST].tolist()
    further = sorted(set(firsts.values()) - set(largest), key=lambda place: -recall.shares[place])
    replies = (
        RecalledReply(
            reply=bot.known_replies[place].text,
            topic=bot.known_replies[place].topic,
            share=float(recall.shares[place]),
            by_view={view: float(shares[place]) for view, shares in recall.views.items()},
            first_of=tuple(view for view, first in firsts.items() if first == place),
            said=bot.known_replies[place].text == said,
        )
        for place in (*largest, *further)
    )
    return RecalledReplies(tuple(replies), len(recall.shares))
