"""`chatbot chat`: a conversation on a terminal, or a scripted one through a pipe."""

from collections.abc import Iterable
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from chatbot.cli.chat.screen import ScreenOptions
from chatbot.cli.options.command import examples
from chatbot.cli.options.declared_options import part_of, with_options
from chatbot.cli.options.shared_options import Checkpoint, settle_fallback
from chatbot.cli.output.exit_codes_and_messages import exit_codes
from chatbot.config import DecodingConfig, FallbackOptions
from chatbot.config.base import Config
from chatbot.config.options import Form, option

if TYPE_CHECKING:
    from chatbot.cli.chat.argument_completion import TabCompletion
    from chatbot.cli.chat.conversation_bot import LoadedBot


@dataclass(frozen=True)
class ChatOptions(Config):
    """Options of a conversation.

    Attributes:
        transcript: File that every reply is appended to; None for none.
        no_stream: Whether a reply is shown when it is whole.
    """

    transcript: Path | None = option(
        None, "Append every reply to this file as JSON Lines.", metavar="FILE", form=Form.FILE
    )
    no_stream: bool = option(False, "Print each reply in one go instead of word by word.")


@examples("""\
# talk to the bot trained last, or chosen with `chatbot use`
chatbot chat

# to another one, with some chance in its words
chatbot chat --checkpoint faq --temperature 0.8 --top-p 0.9

# a scripted conversation
printf 'hello\\nand you?\\n' | chatbot chat
""")
@with_options(
    fallback=part_of(FallbackOptions),
    call=part_of(ChatOptions),
    screen=part_of(ScreenOptions),
    decoding=part_of(DecodingConfig, without=["n_best"]),
)
def chat(
    *,
    checkpoint: Checkpoint = None,
    fallback: FallbackOptions,
    call: ChatOptions,
    screen: ScreenOptions,
    decoding: DecodingConfig,
) -> None:
    """Talk to the bot. Type /help for its commands; Ctrl-D quits.

    Ctrl-C stops a reply or drops the line being typed. With standard input from a pipe, each
    line is a turn: replies go to standard output, everything else to standard error.

    Exit codes: 0 the conversation ended, 1 failure, 2 wrong usage, 130 interrupted.
    """
    with exit_codes(), ExitStack() as opened:
        from chatbot.cli.chat.conversation import Conversation
        from chatbot.cli.chat.open_screen import open_screen
        from chatbot.cli.chat.repl import converse
        from chatbot.cli.chat.slash_commands import COMMANDS, complete, with_help
        from chatbot.cli.chat.transcript import Transcript
        from chatbot.cli.chat.why import why
        from chatbot.cli.options.bundle_on_command_line import find_bundle

        def offer(line: str) -> "Iterable[TabCompletion]":
            return complete(talk, line, commands)

        shown = opened.enter_context(open_screen(screen, offer))
        commands = with_help([why(shown.console, screen.plain), *COMMANDS])
        loaded = _open(find_bundle(checkpoint), fallback)
        talk = Conversation(
            shown, loaded, lambda place: _open(find_bundle(place), fallback), decoding, fallback, not call.no_stream
        )
        if call.transcript is not None:
            talk.record = opened.enter_context(Transcript(call.transcript)).add
        shown.notice(loaded.introduction)
        converse(talk, commands)


def _open(place: Path, fallback: FallbackOptions) -> "LoadedBot":
    """Load a bot and let it say a word.

    The first answer lays out the weights for the processor, which nobody should wait for later,
    and shows whether there is a confidence to choose the fallback by.
    """
    from chatbot.bot.chatbot import Chatbot
    from chatbot.bundle import Bundle
    from chatbot.cli.chat.conversation_bot import LoadedBot, introduce

    source = Bundle.open(place)
    bot = Chatbot.open(source)
    bot.reply("hello", DecodingConfig(max_tokens=1), settle_fallback(fallback, bot.fallbacks))
    return LoadedBot(source.path.resolve().name, introduce(source), source.path, bot, source.manifest)
