"""`chatbot info`: what is known of one bot."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from chatbot.cli.options.command import examples
from chatbot.cli.options.shared_options import BUNDLE, Checkpoint, complete_bundle
from chatbot.cli.output.exits import exit_codes
from chatbot.cli.output.standard_output import write_json

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chatbot.bundle import Bundle
    from chatbot.bundle.card import Card

_STOPPED = {
    "epochs": "trained for all epochs",
    "time": "stopped at the time limit",
    "early": "stopped early, no improvement",
    "interrupted": "interrupted",
    "diverged": "stopped where the loss became NaN",
}


@examples("""\
# the bot that would answer now, and another
chatbot info
chatbot info faq

# how many parameters it has
chatbot info faq --json | jq .parameters
""")
def info(
    bundle: Annotated[
        Path | None,
        typer.Argument(
            metavar="BUNDLE",
            help=f"The bundle to show: {BUNDLE}.",
            show_default="that of --checkpoint",
            autocompletion=complete_bundle,
        ),
    ] = None,
    checkpoint: Checkpoint = None,
    as_json: Annotated[bool, typer.Option("--json", help="Write one JSON object instead; errors too.")] = False,
) -> None:
    """Show what a bot is, what it was trained on, and how well it learned it.

    Every file is compared with the checksum that was written with it.

    Exit codes: 0 the bundle is whole, 1 it is missing or damaged, 2 wrong usage, 130 interrupted.
    """
    with exit_codes(as_json):
        from chatbot.bundle import Bundle
        from chatbot.bundle.card import Card, describe
        from chatbot.cli.options.bundle_argument import find_bundle

        source = Bundle.open(find_bundle(bundle if bundle is not None else checkpoint))
        if as_json:
            write_json(describe(source), indent=2)
            return
        rows = [("bundle", str(source.path)), *_rows(source, Card.of(source.manifest))]
        width = max(len(name) for name, _ in rows)
        for name, value in rows:
            print(f"{name:<{width}}  {value}")


def _rows(source: "Bundle", card: "Card") -> "Iterator[tuple[str, str]]":
    """Names and values, the unknown left out."""
    from chatbot.text import normalize, plural

    if card.created is not None:
        yield "trained", normalize(card.created)
    if card.corpus is not None:
        yield "corpus", ", ".join(map(normalize, card.corpus))
    if card.init_from is not None:
        yield "fine-tuned from", normalize(card.init_from)
    yield from _training(card)
    yield from _model(source, card)
    if card.fallback_below is not None:
        yield "fallback", f"below a confidence of {card.fallback_below:.2g}"
    yield "size", f"{source.size / 1e6:.1f} MB"
    files = source.manifest["files"]
    for name, described in files.items():
        yield "", f"{described['bytes'] / 1e6:7.3f} MB  {name}"
    yield "checksums", f"verified, {plural(len(files), 'file')}"


def _training(card: "Card") -> "Iterator[tuple[str, str]]":
    from chatbot.cli.output.figures import say_duration, say_loss, say_pairs, say_quality
    from chatbot.text import plural

    if card.training_pairs is not None:
        yield "pairs", say_pairs(card.training_pairs, card.validation_pairs or 0)
    if card.epochs is not None and card.seconds is not None:
        ended = f"; {_STOPPED[card.stopped]}" if card.stopped in _STOPPED else ""
        yield "training", f"{say_duration(card.seconds)}, {plural(card.epochs, 'epoch')}{ended}"
    yield "held out", "none" if card.held_out is None else say_loss(card.held_out)
    yield "quality", say_quality(card.quality, card.held_out)


def _model(source: "Bundle", card: "Card") -> "Iterator[tuple[str, str]]":
    from chatbot.text import plural

    model = source.model
    layers = "LSTMs" if model.layers == 1 else f"{model.layers} LSTMs on each side"
    ways = ", prompts read both ways" if model.bidirectional else ""
    yield "model", f"{layers} of {model.units} units{ways}; attention: {model.attention}"
    if card.parameters is not None:
        weights = f"; {card.weights} when it answers" if card.weights in ("int8", "float32") else ""
        yield "parameters", f"{card.parameters:,}{weights}"
    yield "vocabulary", f"{model.vocabulary_size:,} tokens"
    if source.context_turns:
        yield "context", f"reads {plural(source.context_turns, 'turn')} before a prompt"
