"""The options that say how a reply is chosen, shared by every command that answers."""

import functools
import inspect
from collections.abc import Callable, Collection
from pathlib import Path
from typing import Annotated, Any, get_type_hints

import typer

from chatbot.cli.options.effective_settings import UsageError
from chatbot.config import LENGTH_PENALTY, DecodingConfig, decoding_text
from chatbot.errors import ConfigError

_RULES = "What may be said"
_BEAM = "Beam search"
_SAMPLING = "Sampling"
_Command = Callable[..., None]


class _Options:
    """An option for each setting of `DecodingConfig`, under its name."""

    max_tokens: Annotated[
        int,
        typer.Option(metavar="N", rich_help_panel=_RULES, help="Cut replies off after N tokens."),
    ] = DecodingConfig.max_tokens
    min_tokens: Annotated[
        int, typer.Option(metavar="N", rich_help_panel=_RULES, help="Make every reply at least N tokens long.")
    ] = DecodingConfig.min_tokens
    repetition_penalty: Annotated[
        float,
        typer.Option(
            metavar="X", rich_help_panel=_RULES, help="Penalize tokens already used in the reply (values above 1)."
        ),
    ] = DecodingConfig.repetition_penalty
    no_repeat_ngram: Annotated[
        int,
        typer.Option(
            metavar="N", rich_help_panel=_RULES, help="Never repeat the same N tokens in a row; 0 turns this off."
        ),
    ] = DecodingConfig.no_repeat_ngram
    ban_words: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            exists=True,
            dir_okay=False,
            rich_help_panel=_RULES,
            help="Never say the words and phrases in this file, one a line, in any case.",
            show_default="no words are banned",
        ),
    ] = None
    beam: Annotated[
        int,
        typer.Option(
            metavar="N",
            rich_help_panel=_BEAM,
            help="Keep the N most promising hypotheses at each token; 1 is greedy.",
        ),
    ] = DecodingConfig.beam
    n_best: Annotated[
        int, typer.Option(metavar="K", rich_help_panel=_BEAM, help="Give the K best replies found by the beam.")
    ] = DecodingConfig.n_best
    length_penalty: Annotated[
        float | None,
        typer.Option(
            metavar="A",
            rich_help_panel=_BEAM,
            help="Prefer short replies (0) or long ones (1): GNMT's α.",
            show_default=str(LENGTH_PENALTY),
        ),
    ] = DecodingConfig.length_penalty
    diversity: Annotated[
        float,
        typer.Option(
            metavar="X",
            rich_help_panel=_BEAM,
            help="Prefer replies that fit this prompt over those that fit any (anti-LM reranking); try 0.7.",
        ),
    ] = DecodingConfig.diversity
    length_bonus: Annotated[
        float,
        typer.Option(
            metavar="X",
            rich_help_panel=_BEAM,
            help="With --diversity, add X to a reply's score for each token; try 0.3.",
        ),
    ] = DecodingConfig.length_bonus
    temperature: Annotated[
        float | None,
        typer.Option(
            metavar="X",
            rich_help_panel=_SAMPLING,
            help="Sample tokens: below 1 the likely ones more often, above 1 less often; 0 is greedy.",
            show_default="1 with another sampling option, else no sampling",
        ),
    ] = DecodingConfig.temperature
    top_k: Annotated[
        int | None,
        typer.Option(
            metavar="K", rich_help_panel=_SAMPLING, help="Sample from the K likeliest tokens.", show_default="all"
        ),
    ] = DecodingConfig.top_k
    top_p: Annotated[
        float | None,
        typer.Option(
            metavar="P",
            rich_help_panel=_SAMPLING,
            help="Sample from the fewest tokens whose probabilities add up to P.",
            show_default="all",
        ),
    ] = DecodingConfig.top_p
    min_p: Annotated[
        float | None,
        typer.Option(
            metavar="P",
            rich_help_panel=_SAMPLING,
            help="Sample from the tokens at least P times as likely as the likeliest one.",
            show_default="all",
        ),
    ] = DecodingConfig.min_p
    seed: Annotated[
        int | None,
        typer.Option(
            metavar="N",
            rich_help_panel=_SAMPLING,
            help="Random seed for sampling; the same seed gives the same reply.",
            show_default="another one each time",
        ),
    ] = DecodingConfig.seed


def decoding_options(without: Collection[str] = ()) -> Callable[[_Command], _Command]:
    """Give a command the options of a `DecodingConfig` in the place of its parameter `decoding`.

    Args:
        without: Settings that mean nothing to the command.

    Returns:
        A decorator for a function with a keyword parameter `decoding`. What Typer sees is a
        function with an option for each setting instead; values that the configuration refuses
        are usage errors that name the option.
    """
    options = [
        inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=getattr(_Options, name), annotation=hint)
        for name, hint in get_type_hints(_Options, include_extras=True).items()
        if name not in without
    ]

    def add(command: _Command) -> _Command:
        @functools.wraps(command)
        def with_options(**given: Any) -> None:
            asked = {option.name: given.pop(option.name) for option in options}
            command(**given, decoding=_configure(asked))

        signature = inspect.signature(command)
        others = [parameter for parameter in signature.parameters.values() if parameter.name != "decoding"]
        with_options.__signature__ = signature.replace(parameters=[*others, *options])  # type: ignore[attr-defined]  # what Typer reads
        return with_options

    return add


def _configure(options: dict[str, Any]) -> DecodingConfig:
    file = options.pop("ban_words")
    try:
        words = decoding_text.read_words(file) if file is not None else ()
    except ConfigError as error:
        raise typer.BadParameter(str(error), param_hint=_as_option("ban_words")) from None
    try:
        return DecodingConfig(**options, ban_words=words)
    except ConfigError as error:
        raise UsageError(decoding_text.respell(str(error), _as_option)) from None


def _as_option(name: str) -> str:
    return f"--{decoding_text.spell(name)}"
