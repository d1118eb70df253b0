"""Options that several commands share, and values that Typer has no type for."""

from contextlib import suppress
from pathlib import Path
from typing import Annotated

import typer

from chatbot.cli.options.click_types import UsageError
from chatbot.config import FallbackConfig, option_values
from chatbot.errors import ChatbotError, ConfigError
from chatbot.text import normalize


def complete_bundle(ctx: typer.Context, incomplete: str) -> list[str]:
    """See `chatbot.bundle.metadata.complete`, which a help page need not wait for."""
    from chatbot.bundle.metadata import complete_name
    from chatbot.cli.options.effective_settings import settle_home

    with suppress(ChatbotError):  # of the settings, which the command itself will say
        settle_home(ctx)
    return complete_name(incomplete)


#: How a person names a bundle.
BUNDLE = "a folder, or a name listed by `chatbot list`"

Checkpoint = Annotated[
    Path | None,
    typer.Option(
        "--checkpoint",
        metavar="DIR",
        help=f"The bundle to use: {BUNDLE}.",
        show_default="the one chosen by `chatbot use`, or trained last",
        autocompletion=complete_bundle,
    ),
]

Fallback = Annotated[
    str | None,
    typer.Option(
        "--fallback",
        metavar="TEXT",
        help="Say this instead of a reply the bot is not sure of.",
        show_default=False,
    ),
]

MinConfidence = Annotated[
    float | None,
    typer.Option(
        "--min-confidence",
        metavar="X",
        help="With --fallback, say it below this confidence, from 0 to 1.",
        show_default="the bot's own threshold, which 2 % of the calibration prompts fell below",
    ),
]


def choose_fallback(text: str | None, min_confidence: float | None) -> FallbackConfig | None:
    """The fallback of `--fallback` and `--min-confidence`, folded to one line; None without.

    Args:
        text: What to say instead; None for no fallback.
        min_confidence: From 0 to 1; None for the bot's own threshold.

    Raises:
        UsageError: There is a least confidence without a text, or it is out of range.
    """
    if text is None:
        if min_confidence is not None:
            raise UsageError("--min-confidence needs --fallback TEXT, what to say instead")
        return None
    try:
        return FallbackConfig(normalize(text), min_confidence)
    except ConfigError:
        raise typer.BadParameter(f"{min_confidence} is not in 0..1", param_hint="--min-confidence") from None


def parse_duration(text: str, option: str) -> float | None:
    """The seconds of a duration such as `90s`, `4m` or `1h30m`; None for `none`.

    Args:
        text: As typed.
        option: The option, for the message.

    Raises:
        typer.BadParameter: It is no duration, or zero.
    """
    try:
        return option_values.parse_duration(text)
    except ConfigError as error:
        raise typer.BadParameter(str(error), param_hint=option) from None


_PANEL = "The screen"

Plain = Annotated[
    bool,
    typer.Option(
        "--plain",
        rich_help_panel=_PANEL,
        help="For screen readers: no colours, no boxes, nothing is redrawn.",
    ),
]
NoColor = Annotated[
    bool, typer.Option("--no-color", rich_help_panel=_PANEL, help="Use no colours, as if NO_COLOR were set.")
]
NoHistory = Annotated[
    bool, typer.Option("--no-history", rich_help_panel=_PANEL, help="Don't read or save the input history.")
]
