"""Metadata of bundles from their manifests, for `chatbot info` and `chatbot list`."""

import contextlib
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from chatbot import bundle
from chatbot.bundle import Bundle, ScannedBundle
from chatbot.errors import BundleError
from chatbot.metrics import Quality, Validation


@dataclass(frozen=True)
class BundleMetadata:
    """The metadata of a bot in its manifest; each value is None where the manifest has none.

    Attributes:
        created: When it was trained, ISO 8601.
        corpus: Names of the files it was trained on.
        init_from: The bundle that its training started from.
        context_turns: Turns before a prompt that it takes into account.
        training_pairs: Number of pairs that it was trained on.
        validation_pairs: Number of held-out pairs that it was measured on while training.
        parameters: Number of trained parameters.
        epochs: Epochs of its training.
        seconds: Duration of its training, s.
        stopped: The reason why training ended.
        held_out: The measurement on the held-out pairs of the weights that were kept.
        quality: The share of held-out prompts that the finished bot answered right.
        weights: `int8` or `float32`.
        fallback_below: Confidence below which the fallback is the reply.
    """

    created: str | None
    corpus: Sequence[str] | None
    init_from: str | None
    context_turns: int | None
    training_pairs: int | None
    validation_pairs: int | None
    parameters: int | None
    epochs: int | None
    seconds: float | None
    stopped: str | None
    held_out: Validation | None
    quality: Quality | None
    weights: str | None
    fallback_below: float | None

    @classmethod
    def of(cls, manifest: Mapping[str, Any]) -> "BundleMetadata":
        """Pick the values out of a manifest; a value of another type counts as absent.

        Args:
            manifest: As read from `manifest.json`.

        Returns:
            The metadata.
        """
        sizes, metrics = _section(manifest, "sizes"), _section(manifest, "metrics")
        corpus = manifest.get("corpus")
        named = isinstance(corpus, list) and all(isinstance(name, str) for name in corpus)
        return cls(
            created=_text(manifest.get("created")),
            corpus=corpus if named else None,
            init_from=_text(manifest.get("init_from")),
            context_turns=_whole(manifest.get(bundle.CONTEXT_TURNS)),
            training_pairs=_whole(sizes.get("training_pairs")),
            validation_pairs=_whole(sizes.get("validation_pairs")),
            parameters=_whole(sizes.get("parameters")),
            epochs=_whole(metrics.get("epochs")),
            seconds=_number(metrics.get("seconds")),
            stopped=_text(metrics.get("stopped")),
            held_out=_validation(metrics),
            quality=_quality(_section(manifest, "quality")),
            weights=_text(_section(manifest, "weights").get("kind")),
            fallback_below=_number(_section(manifest, "confidence").get("threshold")),
        )

    def to_json(self) -> dict[str, Any]:
        """Return the metadata as a JSON object."""
        valid = self.held_out
        measured = None if valid is None else {**asdict(valid), "perplexity": valid.perplexity}
        quality = None if self.quality is None else {**asdict(self.quality), "share": self.quality.share}
        return {**asdict(self), "held_out": measured, "quality": quality}


@dataclass(frozen=True)
class ListedBundle:
    """A bundle in a folder of bundles.

    Attributes:
        scanned: What the scan of its folder found.
        default: Whether it answers where no bundle is named.
        newest: Whether it was trained last of the bundles in its folder.
        metadata: From its manifest; None where that cannot be read.
    """

    scanned: ScannedBundle
    default: bool
    newest: bool
    metadata: BundleMetadata | None

    @property
    def path(self) -> Path:
        """Of the bundle."""
        return self.scanned.path

    @property
    def problem(self) -> str | None:
        """The reason why it cannot be used, as far as a scan sees; None for nothing."""
        return self.scanned.problem

    def to_json(self) -> dict[str, Any]:
        """Return the bundle as a JSON object, with its place, its size and its metadata."""
        metadata = (
            dict.fromkeys(BundleMetadata.__dataclass_fields__) if self.metadata is None else self.metadata.to_json()
        )
        place = {"name": self.path.name, "path": str(self.path), "default": self.default, "newest": self.newest}
        return {**place, "bytes": self.scanned.bytes, **metadata, "problem": self.problem}


def describe(source: Bundle) -> dict[str, Any]:
    """The metadata of a bundle whose files have been checked, for programs.

    Args:
        source: The checked bundle.

    Returns:
        A JSON object.
    """
    return {
        "name": source.path.resolve().name,
        "path": str(source.path),
        **BundleMetadata.of(source.manifest).to_json(),
        "model": source.model.to_json(),
        "bytes": source.size,
        "files": source.manifest["files"],
        "verified": True,
        "versions": _section(source.manifest, "versions"),
    }


def list_bundles(folder: Path, default: Path | None) -> list[ListedBundle]:
    """The bundles in a folder, the newest first; those that say no date come last.

    Files are looked for but not read, so that a folder of many is listed at once.

    Args:
        folder: A folder of bundles.
        default: The bundle that answers where none is named.

    Returns:
        The bundles with their metadata.

    Raises:
        BundleError: The folder cannot be read.
    """
    answers = None if default is None else bundle.absolute_path(default)
    found = []
    for number, seen in enumerate(bundle.bundles_in(folder)):
        metadata = None if seen.manifest is None else BundleMetadata.of(seen.manifest)
        found.append(ListedBundle(seen, bundle.absolute_path(seen.path) == answers, number == 0, metadata))
    return found


def complete_name(typed: str) -> list[str]:
    """The names of bundles that begin with a text: bare names and paths.

    A bare name is left out where it means another bundle.

    Args:
        typed: The beginning of a name; with an empty one, only bare names are returned.

    Returns:
        The names, each once.
    """
    places = []
    for folder in bundle.folders():
        with contextlib.suppress(BundleError):
            places += sorted(seen.path for seen in bundle.bundles_in(folder))
    paths = [str(place) for place in places]
    names = [str(place) if bundle.is_bundle(Path(place.name)) else place.name for place in places]
    return list(dict.fromkeys(name for name in (names + paths if typed else names) if name.startswith(typed)))


def _validation(metrics: Mapping[str, Any]) -> Validation | None:
    loss, bits_per_byte, exact = (_number(metrics.get(f"valid_{name}")) for name in ("loss", "bits_per_byte", "exact"))
    if loss is None or bits_per_byte is None or exact is None:
        return None
    return Validation(loss, bits_per_byte, exact)


def _quality(values: Mapping[str, Any]) -> Quality | None:
    prompts, right, exact = (_whole(values.get(name)) for name in ("prompts", "right", "exact"))
    by_topic = values.get("by_topic")
    if prompts is None or right is None or exact is None or not isinstance(by_topic, bool):
        return None
    if not 0 <= exact <= right <= prompts > 0:
        return None
    return Quality(prompts, right, exact, by_topic, _whole(values.get("nearest_neighbour")))


def _section(values: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    section = values.get(key)
    return section if isinstance(section, dict) else {}


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None


def _whole(value: object) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _number(value: object) -> float | None:
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None
