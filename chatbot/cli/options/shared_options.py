"""Options that several commands share."""

from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Annotated

import typer

from chatbot.cli.options.click_aliases import UsageError
from chatbot.cli.options.declared_options import as_option
from chatbot.config import FallbackConfig, FallbackOptions
from chatbot.config.options import respell
from chatbot.errors import ChatbotError, ConfigError


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


def settle_fallback(chosen: FallbackOptions, own: Sequence[str]) -> FallbackConfig | None:
    """The fallback of a bot, as typed or as its bundle has it; None for none.

    Args:
        chosen: The options of the command.
        own: The texts of the bundle.

    Raises:
        UsageError: There is a least confidence, and nothing to say below it.
    """
    try:
        return chosen.settle(own)
    except ConfigError as error:
        raise UsageError(respell(str(error), FallbackOptions, as_option)) from None
