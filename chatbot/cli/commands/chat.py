"""`chatbot chat`: a conversation on a terminal, or a scripted one through a pipe."""

from collections.abc import Iterable
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from chatbot.cli.options.command import examples
from chatbot.cli.options.decoding_options import decoding_options
from chatbot.cli.options.shared_options import (
    Checkpoint,
    Fallback,
    MinConfidence,
    NoColor,
    NoHistory,
    Plain,
    choose_fallback,
)
from chatbot.cli.output.exit_codes_and_messages import exit_codes
from chatbot.config import DecodingConfig, FallbackConfig

if TYPE_CHECKING:
    from chatbot.cli.chat.completion import TabCompletion
    from chatbot.cli.chat.turn_record import LoadedBot


@examples("""\
# talk to the bot trained last, or chosen with `chatbot use`
chatbot chat

# to another one, with some chance in its words
chatbot chat --checkpoint faq --temperature 0.8 --top-p 0.9

# a scripted conversation
printf 'hello\\nand you?\\n' | chatbot chat
""")
@decoding_options(without=["n_best"])
def chat(
    *,
    checkpoint: Checkpoint = None,
    fallback: Fallback = None,
    min_confidence: MinConfidence = None,
    transcript: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE", help="Append every reply to this file as JSON Lines.", dir_okay=False, show_default=False
        ),
    ] = None,
    no_stream: Annotated[
        bool, typer.Option("--no-stream", help="Print each reply in one go instead of word by word.")
    ] = False,
    plain: Plain = False,
    no_color: NoColor = False,
    no_history: NoHistory = False,
    decoding: DecodingConfig,
) -> None:
    """Talk to the bot. Type /help for its commands; Ctrl-D quits.

    Ctrl-C stops a reply or drops the line being typed. With standard input from a pipe, each
    line is a turn: replies go to standard output, everything else to standard error.

    Exit codes: 0 the conversation ended, 1 failure, 2 wrong usage, 130 interrupted.
    """
    instead = choose_fallback(fallback, min_confidence)
    with exit_codes(), ExitStack() as opened:
        from chatbot.cli.chat.conversation import Conversation
        from chatbot.cli.chat.open_screen import open_screen
        from chatbot.cli.chat.repl import converse
        from chatbot.cli.chat.screen import ScreenOptions
        from chatbot.cli.chat.slash_commands import COMMANDS, complete, with_help
        from chatbot.cli.chat.transcript import Transcript
        from chatbot.cli.chat.why import why
        from chatbot.cli.options.bundle_resolution import find_bundle

        def offer(line: str) -> "Iterable[TabCompletion]":
            return complete(talk, line, commands)

        screen = opened.enter_context(open_screen(ScreenOptions(plain, not no_color, not no_history), offer))
        commands = with_help([why(screen.console, plain), *COMMANDS])
        loaded = _open(find_bundle(checkpoint), instead)
        talk = Conversation(
            screen, loaded, lambda place: _open(find_bundle(place), instead), decoding, instead, not no_stream
        )
        if transcript is not None:
            talk.record = opened.enter_context(Transcript(transcript)).add
        screen.notice(loaded.introduction)
        converse(talk, commands)


def _open(place: Path, fallback: FallbackConfig | None) -> "LoadedBot":
    """Load a bot and let it say a word.

    The first answer lays out the weights for the processor, which nobody should wait for later,
    and shows whether there is a confidence to choose the fallback by.
    """
    from chatbot.bot.chatbot import Chatbot
    from chatbot.bundle import Bundle
    from chatbot.cli.chat.open_screen import introduce
    from chatbot.cli.chat.turn_record import LoadedBot

    source = Bundle.open(place)
    bot = Chatbot.open(source)
    bot.reply("hello", DecodingConfig(max_tokens=1), fallback)
    return LoadedBot(source.path.resolve().name, introduce(source), source.path, bot, source.manifest)
