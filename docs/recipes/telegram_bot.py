"""A Telegram bot that answers with a bundle: CHATBOT_BUNDLE=dialogs TELEGRAM_TOKEN=... python telegram_bot.py."""

import json
import os
import sys
import urllib.request

from chatbot import Chatbot

API = os.environ.get("TELEGRAM_API", "https://api.telegram.org")
URL = f"{API}/bot{os.environ['TELEGRAM_TOKEN']}"
bot = Chatbot.load(os.environ.get("CHATBOT_BUNDLE"))
turns: dict[int, list[str]] = {}


def call(method: str, **fields: object) -> list[dict]:
    """Call a method of Telegram's Bot API, and return its result."""
    headers = {"Content-Type": "application/json"}
    request = urllib.request.Request(f"{URL}/{method}", json.dumps(fields).encode(), headers)
    with urllib.request.urlopen(request, timeout=60) as answer:
        return json.load(answer)["result"]


def answer(message: dict) -> None:
    """Reply to one message, with the turns before it of the same chat."""
    chat, text = message["chat"]["id"], message.get("text", "")
    said = turns.setdefault(chat, [])
    reply = bot.reply(text, context=said).text
    turns[chat] = [*said, text, reply][-10:]
    call("sendMessage", chat_id=chat, text=reply or "Please write some words.")


after = 0
while "--once" not in sys.argv or after == 0:
    for update in call("getUpdates", offset=after, timeout=50):
        after = update["update_id"] + 1
        if "message" in update:
            answer(update["message"])
