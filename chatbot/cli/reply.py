"""`chatbot reply`: one prompt in, one reply out, for people in a hurry and for scripts."""

import contextlib
import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated

import typer

from chatbot.cli.exits import complain, exit_codes
from chatbot.cli.options import DEFAULT_MAX_TOKENS, Checkpoint, MaxTokens
from chatbot.config import DecodingConfig

if TYPE_CHECKING:
    from chatbot.bot import Chatbot


def reply(
    context: typer.Context,
    prompt: Annotated[
        str | None, typer.Argument(metavar="PROMPT", help="What to say. Without it, one prompt a line from stdin.")
    ] = None,
    checkpoint: Checkpoint = None,
    max_tokens: MaxTokens = DEFAULT_MAX_TOKENS,
) -> None:
    """Answer one prompt, or each line of standard input.

    Standard output carries the replies and nothing else. With lines from a pipe, each reply is
    one line, written at once, and an empty line is answered by an empty line.

    Exit codes: 0 answered, 1 failure, 2 wrong usage, 130 interrupted.
    """
    if prompt is None and (sys.stdin is None or sys.stdin.isatty()):
        with contextlib.redirect_stdout(sys.stderr):  # where Typer prints the help itself, with Rich
            typer.echo(context.get_help())
        raise typer.Exit(2)
    with exit_codes():
        from chatbot.bot import Chatbot

        bot = Chatbot.load(checkpoint)
        decoding = DecodingConfig(max_tokens=max_tokens)
        if prompt is not None:
            _answer(bot, prompt, decoding, "")
            return
        for number, line in enumerate(_lines(), 1):
            _answer(bot, line, decoding, f"stdin:{number}: ")


def _answer(bot: "Chatbot", prompt: str, decoding: DecodingConfig, where: str) -> None:
    answer = bot.reply(prompt, decoding)
    if answer.prompt_truncated:
        complain(f"{where}the prompt is longer than this bot reads; only its end was answered")
    if answer.truncated:
        complain(f"{where}the reply was cut at {decoding.max_tokens} tokens; --max-tokens allows more")
    print(answer.text, flush=True)


def _lines() -> Iterator[str]:
    for number, raw in enumerate(sys.stdin.buffer, 1):
        try:
            yield raw.decode("utf-8")
        except UnicodeDecodeError:
            complain(f"stdin:{number}: not UTF-8; the bytes that are not were replaced")
            yield raw.decode("utf-8", errors="replace")
