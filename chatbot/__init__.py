"""A chatbot that anyone can train on a file of dialogue pairs: Keras trains it, LiteRT answers.

    from chatbot import Chatbot

    bot = Chatbot.load("checkpoints/dialogs")
    print(bot.reply("hello").text)

The public names are imported when first used, so that `import chatbot` costs nothing.
"""

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from chatbot.bot.chatbot import Chatbot
    from chatbot.bot.reply.reply_object import Reply
    from chatbot.config import DecodingConfig, FallbackConfig
    from chatbot.errors import ChatbotError

__version__ = "0.1.0"

__all__ = ["Chatbot", "ChatbotError", "DecodingConfig", "FallbackConfig", "Reply", "__version__"]

_HOMES = {
    "Chatbot": "chatbot.bot.chatbot",
    "ChatbotError": "chatbot.errors",
    "DecodingConfig": "chatbot.config",
    "FallbackConfig": "chatbot.config",
    "Reply": "chatbot.bot.reply.reply_object",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return sorted(__all__)
