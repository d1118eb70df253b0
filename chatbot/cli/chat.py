"""`chatbot chat`: a conversation on a terminal, or a scripted one through a pipe."""

import sys
from collections.abc import Iterator

from chatbot.cli.decoding import decoding_options
from chatbot.cli.exits import exit_codes
from chatbot.cli.options import Checkpoint, Fallback, MinConfidence, choose_fallback
from chatbot.config import DecodingConfig


@decoding_options(without=["n_best"])
def chat(
    *,
    checkpoint: Checkpoint = None,
    fallback: Fallback = None,
    min_confidence: MinConfidence = None,
    decoding: DecodingConfig,
) -> None:
    """Talk to the bot. /help lists the commands, Ctrl-D leaves.

    Ctrl-C stops a reply or drops the line being typed. With standard input from a pipe, each
    line is a turn: replies go to standard output, everything else to standard error.

    Exit codes: 0 the conversation ended, 1 failure, 2 wrong usage, 130 interrupted.
    """
    instead = choose_fallback(fallback, min_confidence)
    with exit_codes():
        from chatbot import bundle
        from chatbot.bot import Chatbot
        from chatbot.cli.screens import PipeScreen, TerminalScreen, introduce
        from chatbot.repl import Screen, converse

        source = bundle.Bundle.open(bundle.find(checkpoint))
        bot = Chatbot.open(source)

        def respond(line: str) -> Iterator[str]:
            return bot.stream(line, decoding, instead)

        on_terminal = sys.stdin is not None and sys.stdin.isatty() and sys.stdout.isatty()
        screen: Screen = TerminalScreen() if on_terminal else PipeScreen()
        screen.notice(introduce(source))
        # The first answer lays out the weights for the processor, which nobody should wait for later.
        bot.reply("hello", DecodingConfig(max_tokens=1))
        converse(screen, respond)
