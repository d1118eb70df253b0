"""`chatbot info`: everything that is known about one bot."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from chatbot.cli.options.command import examples
from chatbot.cli.options.shared_options import BUNDLE, Checkpoint, complete_bundle
from chatbot.cli.output.exit_codes_and_messages import exit_codes
from chatbot.cli.output.json_output import write_json

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chatbot.bundle import Bundle
    from chatbot.bundle.metadata import BundleMetadata

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
        from chatbot.bundle.metadata import BundleMetadata, describe
        from chatbot.cli.options.bundle_on_command_line import find_bundle
        from chatbot.text import visible

        source = Bundle.open(find_bundle(bundle if bundle is not None else checkpoint))
        source.verify()
        if as_json:
            write_json(describe(source), indent=2)
            return
        rows = [("bundle", str(source.path)), *_rows(source, BundleMetadata.of(source.manifest))]
        width = max(len(name) for name, _ in rows)
        for name, value in rows:
            print(f"{name:<{width}}  {visible(value)}")


def _rows(source: "Bundle", known: "BundleMetadata") -> "Iterator[tuple[str, str]]":
    """Names and values, the unknown left out."""
    from chatbot.text import normalize, plural

    if known.created is not None:
        yield "trained", normalize(known.created)
    if known.corpus is not None:
        yield "corpus", ", ".join(map(normalize, known.corpus))
    if known.init_from is not None:
        yield "fine-tuned from", normalize(known.init_from)
    if known.base is not None:
        yield "language from", normalize(known.base)
    yield from _training(known)
    yield from _model(source, known)
    if known.fallback_below is not None:
        yield "fallback", f"below a confidence of {known.fallback_below:.2g}"
    yield "size", f"{source.size / 1e6:.1f} MB"
    files = source.manifest["files"]
    for name, described in files.items():
        yield "", f"{described['bytes'] / 1e6:7.3f} MB  {name}"
    yield "checksums", f"verified, {plural(len(files), 'file')}"


def _training(known: "BundleMetadata") -> "Iterator[tuple[str, str]]":
    from chatbot.cli.output.training_wording import say_duration, say_loss, say_pairs, say_quality
    from chatbot.text import plural

    if known.training_pairs is not None:
        yield "pairs", say_pairs(known.training_pairs, known.validation_pairs or 0)
    if known.epochs is not None and known.seconds is not None:
        ended = f"; {_STOPPED[known.stopped]}" if known.stopped in _STOPPED else ""
        yield "training", f"{say_duration(known.seconds)}, {plural(known.epochs, 'epoch')}{ended}"
    yield "held out", "none" if known.held_out is None else say_loss(known.held_out)
    yield "quality", say_quality(known.quality, known.held_out)


def _model(source: "Bundle", known: "BundleMetadata") -> "Iterator[tuple[str, str]]":
    from chatbot.config.architectures import ARCHITECTURES
    from chatbot.config.model_description import describe
    from chatbot.text import plural

    model = source.model
    attention = "in each block" if model.attention == "none" and describe(model).looks_back else model.attention
    yield "model", f"{ARCHITECTURES[model.architecture].summary(model)}; attention: {attention}"
    if known.parameters is not None:
        weights = f"; {known.weights} when it answers" if known.weights in ("int8", "float32") else ""
        yield "parameters", f"{known.parameters:,}{weights}"
    yield "vocabulary", f"{model.vocabulary_size:,} tokens"
    if model.word_vectors:
        yield "word vectors", f"of {plural(model.word_vectors, 'word')}"
    if source.context_turns:
        yield "context", f"reads {plural(source.context_turns, 'turn')} before a prompt"
