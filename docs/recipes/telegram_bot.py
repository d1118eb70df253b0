"""A Telegram bot that answers with a bundle: CHATBOT_BUNDLE=dialogs TELEGRAM_TOKEN=... python telegram_bot.py."""

import json
import os
import sys
import time
import urllib.request
from http.client import HTTPException

from chatbot import Chatbot

URL = f"{os.environ.get('TELEGRAM_API', 'https://api.telegram.org')}/bot{os.environ['TELEGRAM_TOKEN']}"
bot, turns = Chatbot.load(os.environ.get("CHATBOT_BUNDLE")), {}


def call(method: str, **fields: object) -> list[dict]:
    """Call a method of Telegram's Bot API, again after a pause where there is no answer, and return its result."""
    request = urllib.request.Request(
        f"{URL}/{method}", json.dumps(fields).encode(), {"Content-Type": "application/json"}
    )
    while True:
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                return json.load(answer)["result"]
        except (OSError, HTTPException) as error:
            print(f"{method}: {error}", file=sys.stderr)
            if getattr(error, "code", 0) in (400, 401, 403, 404):  # the chat forbids it, or there is no such token
                return [] if method == "sendMessage" else sys.exit(1)
            time.sleep(float(os.environ.get("TELEGRAM_PAUSE", "5")))


after = 0
while "--once" not in sys.argv or after == 0:
    for update in call("getUpdates", offset=after, timeout=50):
        after = update["update_id"] + 1
        if "message" in update:
            chat, text = update["message"]["chat"]["id"], update["message"].get("text", "")
            reply = bot.reply(text, context=turns.get(chat, [])).text
            turns[chat] = [*turns.get(chat, []), text, reply][-10:]
            call("sendMessage", chat_id=chat, text=reply or "Please write some words.")
