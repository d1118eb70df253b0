"""The choice of the screen that a conversation is held on."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager

from chatbot.cli.chat.base_terminal_screen import BaseTerminalScreen, Complete
from chatbot.cli.chat.pipe_screen import PipeScreen
from chatbot.cli.chat.screen import ScreenOptions
from chatbot.cli.output.console import TextConsole


def on_terminal() -> bool:
    """Whether standard input and output are a terminal."""
    return sys.stdin is not None and sys.stdin.isatty() and sys.stdout.isatty()


def make_console(options: ScreenOptions) -> TextConsole:
    """The console of standard output, with the colours that the options allow."""
    if options.plain:
        return TextConsole(color_system=None)
    return TextConsole(no_color=options.no_color or None)


@contextmanager
def open_screen(options: ScreenOptions, complete: Complete) -> Iterator[BaseTerminalScreen | PipeScreen]:
    """The screen that fits where the program runs, open while the block is.

    Args:
        options: The options of the screen.
        complete: Completes a line at Tab.
    """
    console = make_console(options)
    if not on_terminal():
        yield PipeScreen()
    elif options.plain or console.is_dumb_terminal:
        from chatbot.cli.chat.plain_screen import PlainScreen

        yield PlainScreen(console, options, complete)
    else:
        from chatbot.cli.chat.terminal_screen import TerminalScreen

        with TerminalScreen(console, options, complete) as screen:
            yield screen
