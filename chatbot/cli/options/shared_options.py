"""Options that several commands share."""

from contextlib import suppress
from pathlib import Path
from typing import Annotated

import typer

from chatbot.cli.options.click_aliases import UsageError
from chatbot.cli.options.declared_options import Part, as_option, parameters_of
from chatbot.config import FallbackConfig
from chatbot.config.options import respell
from chatbot.errors import ChatbotError, ConfigError
from chatbot.text import normalize


def complete_bundle(ctx: typer.Context, incomplete: str) -> list[str]:
    """See `chatbot.bundle.listing.complete_name`, which a help page need not wait for."""
    from chatbot.bundle.listing import complete_name
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


def fallback_part() -> Part:
    """The parameter of a command for a fallback: a `FallbackConfig` or None, made of two options."""
    return Part(
        parameters_of(FallbackConfig, preset=True),
        lambda given: choose_fallback(given["fallback"], given["min_confidence"]),
    )


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
    except ConfigError as error:
        raise UsageError(respell(str(error), FallbackConfig, as_option)) from None
