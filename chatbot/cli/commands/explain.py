"""`chatbot explain`: a reply step by step, or the model with its sizes."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from chatbot.cli.options.click_aliases import UsageError
from chatbot.cli.options.command import examples
from chatbot.cli.options.declared_options import part_of, with_options
from chatbot.cli.options.shared_options import Checkpoint
from chatbot.cli.output.exit_codes_and_messages import exit_codes, print_note
from chatbot.cli.output.json_output import write_json
from chatbot.config import DecodingConfig
from chatbot.config.base import Config
from chatbot.config.options import option
from chatbot.errors import ConfigError
from chatbot.text import normalize

if TYPE_CHECKING:
    from rich.console import Console

    from chatbot.bundle import Bundle

_FORMATS = {".svg": "svg", ".html": "html", ".htm": "html"}


@dataclass(frozen=True)
class ExplainOptions(Config):
    """Options of an explanation.

    Attributes:
        turns: What was said before the prompt, the oldest first.
        states: Whether the states of encoder and decoder are shown.
        architecture: Whether the model is drawn and no reply explained.
        output: File of the picture or page; None shows it.
        overwrite: Whether that file may be replaced.
        plain: Whether there are words and figures alone.
        as_json: Whether it is one JSON object.
    """

    turns: tuple[str, ...] = option(
        (),
        "What was said before, by both sides in turn, the oldest first; once for each turn.",
        flags=("--context",),
        metavar="TEXT",
    )
    states: bool = option(False, "Show the states of the encoder and of the decoder too, a token at a time.")
    architecture: bool = option(False, "Draw the model with its real sizes instead of explaining a reply.")
    output: Path | None = option(
        None, "Write it as a picture, .svg, or as a page, .html.", flags=("--output", "-o"), metavar="FILE"
    )
    overwrite: bool = option(False, "Overwrite an existing file.")
    plain: bool = option(False, "Words and figures alone: no bars, no lines, for a screen reader.")
    as_json: bool = option(False, "Print all of it as one JSON object.", flags=("--json",))


@examples("""\
# why it says what it says, step by step
chatbot explain "how are you?"

# with the beam as a tree, as a page to open in a browser
chatbot explain "how are you?" --beam 5 --output why.html

# what the encoder and the decoder carry from token to token
chatbot explain "how are you?" --states

# the model itself, with its real sizes
chatbot explain --architecture
""")
@with_options(call=part_of(ExplainOptions), decoding=part_of(DecodingConfig, without=["n_best", "suggest"]))
def explain(
    *,
    prompt: Annotated[str | None, typer.Argument(metavar="PROMPT", help="What to say to the bot.")] = None,
    checkpoint: Checkpoint = None,
    call: ExplainOptions,
    decoding: DecodingConfig,
) -> None:
    """Explain a reply.

    The candidate replies that the reply memory recalls, the tokens of the reply with their probabilities and
    runners-up, the beam as a tree, the attention to the prompt, and the training prompts that the encoder reads
    most like this one.

    Exit codes: 0 explained, 1 failure, 2 wrong usage, 130 interrupted.
    """
    if call.architecture:
        _refuse_beside_architecture(prompt, call, decoding)
    elif prompt is None or not normalize(prompt):
        raise UsageError("PROMPT is empty; say something to the bot, or ask for --architecture")
    kind = _choose_format(call)
    with exit_codes(call.as_json):
        from chatbot.bundle import Bundle
        from chatbot.cli.options.bundle_on_command_line import find_bundle
        from chatbot.cli.output.console import TextConsole
        from chatbot.files import check_free

        if call.output is not None:
            check_free(call.output, call.overwrite)
        source = Bundle.open(find_bundle(checkpoint))
        exhibit = _draw(source) if prompt is None else _explain(source, prompt, decoding, call)
        if call.as_json:
            write_json(exhibit.to_json())
        elif call.output is None:
            exhibit.show(TextConsole(), call.plain)
        else:
            _write(call.output, call.overwrite, exhibit.picture(kind))


@dataclass(frozen=True)
class _Exhibit:
    """The thing to show.

    Attributes:
        picture: Makes a file's content of a format.
        show: Prints the same on a terminal, perhaps in plain words.
        to_json: The same for programs.
    """

    picture: Callable[[str], str]
    show: Callable[["Console", bool], None]
    to_json: Callable[[], dict[str, Any]]


def _explain(source: "Bundle", prompt: str, decoding: DecodingConfig, call: ExplainOptions) -> _Exhibit:
    from chatbot.bot.chatbot import Chatbot
    from chatbot.cli.output.explanation_view import render
    from chatbot.explain import explain as explain_reply
    from chatbot.explain import picture_explanation

    if call.turns and not source.context_turns:
        raise ConfigError(f"{source.path}: was not trained in context; leave --context out")
    explanation = explain_reply(Chatbot.open(source), prompt, decoding, call.turns, states=call.states)
    return _Exhibit(partial(picture_explanation, explanation), partial(render, explanation), explanation.to_json)


def _draw(source: "Bundle") -> _Exhibit:
    from chatbot.cli.output.architecture_view import show_architecture
    from chatbot.cli.output.progress_bars import can_draw
    from chatbot.explain import describe, picture_architecture

    architecture = describe(source.model)
    name = normalize(source.path.resolve().name)

    def show(console: "Console", plain: bool) -> None:
        show_architecture(architecture, name, console, plain or not can_draw())

    return _Exhibit(partial(picture_architecture, architecture, name), show, architecture.to_json)


def _refuse_beside_architecture(prompt: str | None, call: ExplainOptions, decoding: DecodingConfig) -> None:
    """Refuse what would do nothing to the drawing of the model.

    Raises:
        UsageError: There is a prompt, or something about a reply.
    """
    if prompt is not None:
        raise UsageError("--architecture draws the model, whatever is said to it; leave the prompt out")
    if call.turns or call.states or decoding != DecodingConfig():
        raise UsageError("--architecture draws the model; leave out the options that are about a reply")


def _choose_format(call: ExplainOptions) -> str:
    """The format of the file, by the ending of its name; nothing without a file.

    Raises:
        UsageError: It has another ending, or an option would do nothing.
    """
    if call.as_json and (call.plain or call.output is not None):
        other = "--plain" if call.plain else "--output"
        raise UsageError(f"--json and {other} are two ways to show it; choose one")
    if call.output is None:
        if call.overwrite:
            raise UsageError("--overwrite needs --output FILE")
        return ""
    if call.plain or call.states:
        raise UsageError(f"--{'plain' if call.plain else 'states'} is for the terminal; leave it or --output out")
    ending = call.output.suffix.lower()
    if ending not in _FORMATS:
        raise typer.BadParameter(f"{call.output}: name a file that ends with .svg or .html", param_hint="--output")
    return _FORMATS[ending]


def _write(output: Path, overwrite: bool, content: str) -> None:
    from chatbot.files import PUBLIC_FILE, open_whole

    with open_whole(output, overwrite, PUBLIC_FILE) as file:
        file.write(content.encode("utf-8"))
    print_note(f"wrote {output}")
