"""The conversation loop, over a screen and a bot that it is given."""

from collections.abc import Sequence

from chatbot.cli.chat.conversation import Conversation
from chatbot.cli.chat.screen import QUOTES, LineDropped, Screen, in_block
from chatbot.cli.chat.slash_commands import SlashCommand, find
from chatbot.cli.output.stdin_lines import LONGEST, endless
from chatbot.errors import ChatbotError, InputError


def converse(talk: Conversation, commands: Sequence[SlashCommand]) -> None:
    """Read what a person types and answer it, until the end of the input or `/exit`.

    A text that starts with `/` is a command and never reaches the bot; an empty one does nothing.
    One between triple quotes may have several lines, and is never a command. KeyboardInterrupt while the
    bot speaks or a command works stops that; an error is shown, and the conversation continues.

    Args:
        talk: The conversation.
        commands: What it understands.

    Raises:
        InputError: What is typed cannot be read, now or later.
    """
    while not talk.over:
        try:
            text = _read(talk.screen)
            if text is None:
                return
            _obey_or_answer(talk, text, commands)
        except LineDropped:
            continue
        except InputError:
            raise
        except ChatbotError as error:
            talk.screen.error(str(error))


def _read(screen: Screen) -> str | None:
    """A line, or a block with its quotes; None at the end. A block that the end cuts off counts as it is."""
    text = screen.read()
    if text is None or not in_block(text):
        return text
    lines, size = [text], len(text)
    while (more := screen.read(in_block=True)) is not None:
        lines.append(more)
        size += len(more)
        if more.rstrip().endswith(QUOTES):
            return "\n".join(lines)
        if size > LONGEST:
            raise endless("a block")
    return "\n".join(lines) + QUOTES


def _obey_or_answer(talk: Conversation, text: str, commands: Sequence[SlashCommand]) -> None:
    text = text.strip()
    if text.startswith(QUOTES):
        prompt = text.removeprefix(QUOTES).removesuffix(QUOTES).strip()
    elif text.startswith("/"):
        name, *rest = text.split(maxsplit=1)
        command = find(name, commands)
        try:
            command(talk, *rest or [""])
        except KeyboardInterrupt:
            talk.screen.end_reply(stopped=True)
        return
    else:
        prompt = text
    if prompt:
        talk.answer(prompt)
