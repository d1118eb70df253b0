"""The choice of the screen that a conversation is held on."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console

from chatbot.bundle import Bundle
from chatbot.cli.chat.console_screen import Complete, ConsoleScreen
from chatbot.cli.chat.pipe_screen import PipeScreen
from chatbot.cli.chat.screen import Looks
from chatbot.text import normalize, plural


def introduce(bundle: Bundle) -> str:
    """One line that says which bot this is, when and on what it was trained."""
    names = bundle.manifest.get("corpus")
    corpus = ", ".join(normalize(str(name)) for name in names) if isinstance(names, list) else "unknown pairs"
    day = normalize(str(bundle.manifest.get("created", "")))[:10]
    turns = bundle.context_turns
    memory = f" It reads the {'turn' if turns == 1 else plural(turns, 'turn')} before yours." if turns else ""
    return f"{bundle.path.resolve().name}, trained on {corpus} on {day}.{memory} /help for commands, Ctrl-D to leave."


def on_terminal() -> bool:
    """Whether a person types and looks on."""
    return sys.stdin is not None and sys.stdin.isatty() and sys.stdout.isatty()


def make_console(looks: Looks) -> Console:
    """The screen of standard output, with as much colour as it may have."""
    if looks.plain:
        return Console(highlight=False, color_system=None)
    return Console(highlight=False, no_color=None if looks.color else True)


@contextmanager
def open_screen(looks: Looks, complete: Complete) -> Iterator[ConsoleScreen | PipeScreen]:
    """The screen for where the program runs, for as long as a conversation."""
    console = make_console(looks)
    if not on_terminal():
        yield PipeScreen()
    elif looks.plain or console.is_dumb_terminal:
        from chatbot.cli.chat.plain_screen import PlainScreen

        yield PlainScreen(console, looks, complete)
    else:
        from chatbot.cli.chat.terminal_screen import TerminalScreen

        with TerminalScreen(console, looks, complete) as screen:
            yield screen
