"""`chatbot explain`: why the bot says what it says, and what it is made of."""

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from chatbot.cli.decoding import decoding_options
from chatbot.cli.exits import exit_codes, tell
from chatbot.cli.options import Checkpoint
from chatbot.config import DecodingConfig
from chatbot.errors import ConfigError
from chatbot.text import normalize

if TYPE_CHECKING:
    from rich.console import Console

    from chatbot.bundle import Bundle
    from chatbot.explain import Explanation

_FORMATS = {".svg": "svg", ".html": "html", ".htm": "html"}


@decoding_options(without=["n_best"])
def explain(
    *,
    prompt: Annotated[str | None, typer.Argument(metavar="PROMPT", help="What to say to the bot.")] = None,
    checkpoint: Checkpoint = None,
    turns: Annotated[
        list[str] | None,
        typer.Option(
            "--context",
            metavar="TEXT",
            help="What was said before, by both sides in turn, the oldest first; once for each turn.",
            show_default=False,
        ),
    ] = None,
    architecture: Annotated[
        bool, typer.Option("--architecture", help="Draw the model with its real sizes instead of explaining a reply.")
    ] = False,
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", metavar="FILE", help="Write it as a picture, .svg, or as a page, .html."),
    ] = None,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace the file that is there.")] = False,
    plain: Annotated[
        bool, typer.Option("--plain", help="Words and figures alone: no bars, no lines, for a screen reader.")
    ] = False,
    decoding: DecodingConfig,
) -> None:
    """Explain a reply.

    Its tokens with their probabilities and what else could have been said, the beam as a tree,
    where attention looked, and the training prompts that the encoder reads most like this one.

    Exit codes: 0 explained, 1 failure, 2 wrong usage, 130 interrupted.
    """
    if architecture:
        _refuse_beside_architecture(prompt, turns, decoding)
    elif prompt is None or not normalize(prompt):
        raise typer.BadParameter("say something to the bot, or ask for --architecture", param_hint="PROMPT")
    kind = _choose_format(output, overwrite, plain)
    with exit_codes():
        from rich.console import Console

        from chatbot import bundle
        from chatbot.bundle import Bundle
        from chatbot.files import check_free

        if output is not None:
            check_free(output, overwrite)
        source = Bundle.open(bundle.find(checkpoint))
        picture, show = _draw(source) if prompt is None else _explain(source, prompt, decoding, turns or [])
        if output is None:
            show(Console(highlight=False), plain)
        else:
            _write(output, overwrite, picture(kind))


def render(explanation: "Explanation", console: "Console", plain: bool = False) -> None:
    """Print an explanation.

    Args:
        explanation: From `chatbot.explain.explain`.
        console: Where to; its width and colours are kept to.
        plain: Words and figures alone, without bars and lines.
    """
    from chatbot.cli.explained import show_explanation

    show_explanation(explanation, console, plain)


#: Makes a file's content of a format, and prints the same on a terminal.
_Exhibit = tuple[Callable[[str], str], Callable[["Console", bool], None]]


def _explain(source: "Bundle", prompt: str, decoding: DecodingConfig, turns: Sequence[str]) -> _Exhibit:
    from chatbot.bot import Chatbot
    from chatbot.explain import explain as explain_reply
    from chatbot.explain import picture_explanation

    if turns and not source.context_turns:
        raise ConfigError(f"{source.path}: was not trained in context, so it reads no --context")
    explanation = explain_reply(Chatbot.open(source), prompt, decoding, turns)
    return partial(picture_explanation, explanation), partial(render, explanation)


def _draw(source: "Bundle") -> _Exhibit:
    from chatbot.cli.blueprint import show_architecture
    from chatbot.explain import describe, picture_architecture

    architecture = describe(source.model)
    name = normalize(source.path.resolve().name)
    return partial(picture_architecture, architecture, name), partial(show_architecture, architecture, name)


def _refuse_beside_architecture(prompt: str | None, turns: Sequence[str] | None, decoding: DecodingConfig) -> None:
    """Refuse what would do nothing to the drawing of the model.

    Raises:
        typer.BadParameter: There is a prompt, or something about a reply.
    """
    if prompt is not None:
        raise typer.BadParameter(
            "draws the model, whatever is said to it; leave the prompt out", param_hint="--architecture"
        )
    if turns or decoding != DecodingConfig():
        raise typer.BadParameter("draws the model, and no reply is chosen", param_hint="--architecture")


def _choose_format(output: Path | None, overwrite: bool, plain: bool) -> str:
    """The format of the file, by the ending of its name; nothing without a file.

    Raises:
        typer.BadParameter: It has another ending, or an option would do nothing.
    """
    if output is None:
        if overwrite:
            raise typer.BadParameter("needs --output FILE", param_hint="--overwrite")
        return ""
    if plain:
        raise typer.BadParameter("is for the terminal, not for --output", param_hint="--plain")
    if output.suffix.lower() not in _FORMATS:
        raise typer.BadParameter(f"{output}: name a file that ends with .svg or .html", param_hint="--output")
    return _FORMATS[output.suffix.lower()]


def _write(output: Path, overwrite: bool, content: str) -> None:
    from chatbot.files import open_whole

    with open_whole(output, overwrite) as file:
        file.write(content.encode("utf-8"))
    tell(f"wrote {output}")
