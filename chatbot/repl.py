"""The conversation loop, over a screen and a bot that it is given.

It knows nothing of terminals, pipes or models, so that whole conversations can be tested as
transcripts.
"""

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from typing import Protocol

_COMMANDS = {
    "/help": "show this list",
    "/reset": "start a new conversation on a clean screen",
    "/exit": "leave, as /quit and Ctrl-D do",
    "/quit": "leave",
}

#: Yields the pieces of the reply to a line, given the turns before it.
Respond = Callable[[str, Sequence[str]], Iterator[str]]


class Screen(Protocol):
    """Where a conversation is typed and shown."""

    def read(self) -> str | None:
        """The next line a person typed, empty if they dropped it, None at the end."""

    def piece(self, text: str) -> None:
        """A piece of the reply, as soon as it is known."""

    def end_reply(self, stopped: bool) -> None:
        """The reply is over, or was stopped by the person."""

    def notice(self, text: str) -> None:
        """The program, not the bot, says something."""

    def error(self, text: str) -> None:
        """The person asked for something that cannot be."""

    def clear(self) -> None:
        """Wipe what is shown."""


def converse(screen: Screen, respond: Respond, memory: int = 0) -> None:
    """Read a line, answer it, until the end of the input or `/exit`.

    A line that starts with `/` is a command and never reaches the bot; an empty line does
    nothing. KeyboardInterrupt while the bot speaks stops that reply.

    Args:
        screen: Where the lines come from and the replies go.
        respond: Yields the pieces of the reply to a prompt, given the turns before it, the
            oldest first.
        memory: How many turns, of both sides, to remember; `/reset` forgets them.
    """
    turns = 0
    before: deque[str] = deque(maxlen=memory)
    while True:
        line = screen.read()
        if line is None:
            return
        words = line.split()
        if not words:
            continue
        command = words[0]
        if not command.startswith("/"):
            reply = _answer(line, screen, respond, tuple(before))
            before.extend((line, reply))
            turns += 1
        elif command not in _COMMANDS:
            screen.error(f"unknown command {command}; /help lists the commands")
        elif len(words) > 1:
            screen.error(f"{command} takes nothing after it")
        elif command in ("/exit", "/quit"):
            return
        elif command == "/help":
            screen.notice(_help())
        else:
            screen.clear()
            screen.notice(f"new conversation; {_count(turns)} forgotten")
            turns = 0
            before.clear()


def _answer(line: str, screen: Screen, respond: Respond, before: Sequence[str]) -> str:
    """Show the reply and return what was said of it."""
    stopped, said = False, ""
    try:
        for piece in respond(line, before):
            said += piece
            screen.piece(piece)
    except KeyboardInterrupt:
        stopped = True
    screen.end_reply(stopped)
    return said


def _count(turns: int) -> str:
    return "1 turn" if turns == 1 else f"{turns} turns"


def _help() -> str:
    width = max(map(len, _COMMANDS))
    commands = [f"{name:<{width}}  {what}" for name, what in _COMMANDS.items()]
    keys = ["Ctrl-C stops a reply or drops the line; Ctrl-D leaves."]
    return "\n".join([*commands, *keys])
