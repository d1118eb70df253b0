"""A Discord bot that answers when it is mentioned, by a bot that `chatbot serve` serves.

Needs `pip install discord.py openai`, and the variables DISCORD_TOKEN and CHATBOT_URL (http://127.0.0.1:8000/v1).
"""

import os

import discord
from openai import AsyncOpenAI

server = AsyncOpenAI(base_url=os.environ["CHATBOT_URL"], api_key=os.environ.get("CHATBOT_KEY", "none"))


async def answer(message: discord.Message, me: discord.ClientUser) -> None:
    """Reply to a message that mentions the bot; others are not read."""
    if message.author == me or me not in message.mentions:
        return
    text = message.content.replace(f"<@{me.id}>", "").strip()
    model = (await server.models.list()).data[0].id
    done = await server.chat.completions.create(model=model, messages=[{"role": "user", "content": text}])
    # Nobody is mentioned by a reply, whatever is in it.
    await message.reply(done.choices[0].message.content or "…", allowed_mentions=discord.AllowedMentions.none())


if __name__ == "__main__":
    intents = discord.Intents.default()
    intents.message_content = True
    client = discord.Client(intents=intents)

    @client.event
    async def on_message(message: discord.Message) -> None:
        """Answer what mentions the bot."""
        await answer(message, client.user)

    client.run(os.environ["DISCORD_TOKEN"])
