"""`chatbot reply`: one prompt in, one reply out, for people and for scripts."""

import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any

import typer

from chatbot.cli.options.click_aliases import UsageError
from chatbot.cli.options.command import examples
from chatbot.cli.options.declared_options import part_of, with_options
from chatbot.cli.options.shared_options import Checkpoint, settle_fallback
from chatbot.cli.output.exit_codes_and_messages import USAGE, exit_codes, print_note, print_warning
from chatbot.cli.output.json_output import write_json
from chatbot.cli.output.stdin_lines import arriving_lines, decode_line
from chatbot.config import DecodingConfig, FallbackConfig, FallbackOptions

if TYPE_CHECKING:
    from chatbot.bot.chatbot import Chatbot
    from chatbot.bot.reply.reply_object import Reply

#: Hypotheses answered at once from a pipe, and tokens that they may come to: enough for the batches of all
#: cores, and little memory.
_BATCH_HYPOTHESES, _BATCH_TOKENS = 1024, 1 << 18


@dataclass(frozen=True)
class _Output:
    """The form in which replies are printed.

    Attributes:
        decoding: The choice of a reply.
        as_json: Whether each is one JSON object a line.
        quiet: Whether there are no warnings about prompts and replies that were cut.
    """

    decoding: DecodingConfig
    as_json: bool
    quiet: bool


@examples("""\
# one reply
chatbot reply "how are you?"

# a reply for each line of a file
chatbot reply < questions.txt > answers.txt

# the three best replies of a beam, with their log-probabilities
chatbot reply "how are you?" --beam 5 --n-best 3

# reply and confidence of each line, by jq
chatbot reply --json < questions.txt | jq -r '[.confidence, .reply] | @tsv'

# something else where the bot is not sure
chatbot reply "what thread pitch has an m8 bolt" --fallback "I don't know that."
""")
@with_options(fallback=part_of(FallbackOptions), decoding=part_of(DecodingConfig))
def reply(
    *,
    context: typer.Context,
    prompt: Annotated[
        str | None,
        typer.Argument(
            metavar="PROMPT", help="What to say. Without it, or with -, read one prompt a line from standard input."
        ),
    ] = None,
    checkpoint: Checkpoint = None,
    fallback: FallbackOptions,
    as_json: Annotated[
        bool, typer.Option("--json", help="Write one JSON object a line instead of the reply's text; errors too.")
    ] = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Suppress warnings; print only errors.")] = False,
    decoding: DecodingConfig,
) -> None:
    """Answer one prompt, or each line of standard input.

    Standard output carries the replies and nothing else, one a line, in the order of the
    prompts. A pipe's lines are answered as they come, those that are there together; an empty
    line is answered by an empty line. With a PROMPT, standard input is left alone. With
    --n-best K each prompt gets K lines, the best first: the log-probability, a tab and the
    reply; they are empty where the beam has found fewer. With --json each prompt gets one line,
    whatever K is; docs/reference/json.md has its keys.

    Exit codes: 0 answered, 1 failure, 2 wrong usage, 130 interrupted.
    """
    if prompt is None and (sys.stdin is None or sys.stdin.isatty()):
        if as_json:
            raise UsageError("there is no prompt; give one, or send prompts to standard input")
        typer.echo(context.get_help(), err=True)
        raise typer.Exit(USAGE)
    with exit_codes(as_json):
        from chatbot.cli.options.bundle_on_command_line import load_bot

        bot, form = load_bot(checkpoint), _Output(decoding, as_json, quiet)
        instead = settle_fallback(fallback, bot.fallbacks)
        if prompt is None or prompt == "-":
            _answer_pipe(bot, form, instead)
        else:
            _print_reply(prompt, bot.reply(prompt, decoding, instead), form, "")


def _answer_pipe(bot: "Chatbot", form: _Output, fallback: FallbackConfig | None) -> None:
    if sys.stdin is None:
        return
    number, warn = 0, (lambda _: None) if form.quiet else print_warning
    most = min(_BATCH_HYPOTHESES, _BATCH_TOKENS // form.decoding.limit) // form.decoding.beam
    for lines in arriving_lines(sys.stdin.fileno(), max(most, 1)):
        prompts = [decode_line(line, number + place, warn) for place, line in enumerate(lines, 1)]
        for prompt, answer in zip(prompts, bot.reply_batch(prompts, form.decoding, fallback), strict=True):
            number += 1
            _print_reply(prompt, answer, form, f"stdin:{number}: ")
        sys.stdout.flush()


def _print_reply(prompt: str, answer: "Reply", form: _Output, where: str) -> None:
    if form.as_json:  # which says what was cut by itself
        write_json(_to_json(prompt, answer))
        return
    if answer.prompt_truncated and not form.quiet:
        print_warning(f"{where}prompt too long: only its end was read")
    if answer.truncated and not form.quiet:
        print_warning(f"{where}the reply was cut at {form.decoding.limit} tokens; --max-tokens allows more")
    _print_replies(answer, form.decoding.n_best)
    if answer.suggestions and not form.quiet:
        offered = " or ".join(f'"{one.prompt}"' for one in answer.suggestions)
        print_note(f"{where}did you mean {offered}?")


def _print_replies(answer: "Reply", wanted: int) -> None:
    if wanted == 1:
        print(answer.text)
        return
    replies = (answer, *answer.alternatives)
    lines = [f"{said.score:.4f}\t{said.text}" for said in replies if said.log_probabilities]
    print(*lines, *[""] * (wanted - len(lines)), sep="\n")


def _to_json(prompt: str, answer: "Reply") -> dict[str, Any]:
    said, *others = ({**reply.to_json(), "tokens": reply.tokens_to_json()} for reply in (answer, *answer.alternatives))
    offered = [suggestion.to_json() for suggestion in answer.suggestions]
    seen = {"prompt_truncated": answer.prompt_truncated, "fallback": answer.fallback, "suggestions": offered}
    return {"prompt": prompt, **said, "alternatives": others, **seen}
