"""`chatbot reply`: one prompt in, one reply out, for people in a hurry and for scripts."""

import contextlib
import sys
from typing import TYPE_CHECKING, Annotated

import typer

from chatbot.cli.decoding import decoding_options
from chatbot.cli.exits import complain, exit_codes
from chatbot.cli.lines import arriving_lines
from chatbot.cli.options import Checkpoint, Fallback, MinConfidence, choose_fallback
from chatbot.config import DecodingConfig, FallbackConfig

if TYPE_CHECKING:
    from chatbot.bot import Chatbot
    from chatbot.replies import Reply

#: Hypotheses answered at once from a pipe: enough for the batches of all cores, and little memory.
_MOST = 1024


@decoding_options()
def reply(
    *,
    context: typer.Context,
    prompt: Annotated[
        str | None, typer.Argument(metavar="PROMPT", help="What to say. Without it, one prompt a line from stdin.")
    ] = None,
    checkpoint: Checkpoint = None,
    fallback: Fallback = None,
    min_confidence: MinConfidence = None,
    decoding: DecodingConfig,
) -> None:
    """Answer one prompt, or each line of standard input.

    Standard output carries the replies and nothing else, one a line, in the order of the
    prompts. A pipe's lines are answered as they come, those that are there together; an empty
    line is answered by an empty line. With --n-best K each prompt gets K lines, the best first:
    the log-probability, a tab and the reply; they are empty where the beam has found fewer.

    Exit codes: 0 answered, 1 failure, 2 wrong usage, 130 interrupted.
    """
    if prompt is None and (sys.stdin is None or sys.stdin.isatty()):
        with contextlib.redirect_stdout(sys.stderr):  # where Typer prints the help itself, with Rich
            typer.echo(context.get_help())
        raise typer.Exit(2)
    instead = choose_fallback(fallback, min_confidence)
    with exit_codes():
        from chatbot.bot import Chatbot

        bot = Chatbot.load(checkpoint)
        if prompt is not None:
            _say(bot.reply(prompt, decoding, instead), decoding, "")
        else:
            _answer_pipe(bot, decoding, instead)


def _answer_pipe(bot: "Chatbot", decoding: DecodingConfig, fallback: FallbackConfig | None) -> None:
    number = 0
    for lines in arriving_lines(sys.stdin.fileno(), max(_MOST // decoding.beam, 1)):
        prompts = [_decode(line, number + place) for place, line in enumerate(lines, 1)]
        for answer in bot.reply_batch(prompts, decoding, fallback):
            number += 1
            _say(answer, decoding, f"stdin:{number}: ")
        sys.stdout.flush()


def _say(answer: "Reply", decoding: DecodingConfig, where: str) -> None:
    if answer.prompt_truncated:
        complain(f"{where}the prompt is longer than this bot reads; only its end was answered")
    if answer.truncated:
        complain(f"{where}the reply was cut at {decoding.max_tokens} tokens; --max-tokens allows more")
    if decoding.n_best == 1:
        print(answer.text)
        return
    replies = (answer, *answer.alternatives)
    lines = [f"{said.score:.4f}\t{said.text}" for said in replies if said.log_probabilities]
    print(*lines, *[""] * (decoding.n_best - len(lines)), sep="\n")


def _decode(line: bytes, number: int) -> str:
    try:
        return line.decode("utf-8")
    except UnicodeDecodeError:
        complain(f"stdin:{number}: not UTF-8; the bytes that are not were replaced")
        return line.decode("utf-8", errors="replace")
