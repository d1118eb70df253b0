"""The command `/why`: the last reply explained as by `chatbot explain`."""

from typing import TYPE_CHECKING, cast

from chatbot.cli.chat.slash_commands import SlashCommand
from chatbot.errors import ConversationError

if TYPE_CHECKING:
    from rich.console import Console

    from chatbot.bot.chatbot import Chatbot
    from chatbot.cli.chat.conversation import Conversation


def why(console: "Console", plain: bool) -> SlashCommand:
    """The command, which draws on a console.

    Args:
        console: Where the explanation goes.
        plain: Whether it goes without bars and lines.
    """

    def explain_last(talk: "Conversation", _: str) -> None:
        from chatbot.cli.output.explanation_view import render
        from chatbot.explain import explain

        last = talk.last
        if last.loaded.place != talk.loaded.place:
            raise ConversationError(
                f"{last.loaded.place} said that, and {talk.loaded.place} speaks now; /load it again to ask why"
            )
        if last.stopped:
            raise ConversationError("the last reply was stopped, so there is nothing whole to explain")
        bot = cast("Chatbot", talk.loaded.bot)  # what `chatbot chat` gives it
        explanation = explain(bot, last.prompt, last.decoding, last.context, last.reply)
        if last.reply.fallback:
            talk.screen.notice("the fallback was said; this is a reply that the bot was not sure enough of")
        elif explanation.reply.text != last.reply.text:
            talk.screen.notice("that was a reply that the beam ranked lower; this is the one that it ranked first")
        render(explanation, console, plain)

    return SlashCommand("/why", "", "explain the last reply, token by token", explain_last, aliases=("/explain",))
