"""Metadata of a bundle from its manifest, for `chatbot info` and `chatbot list`."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from chatbot import bundle
from chatbot.bundle import Bundle
from chatbot.metrics import Quality, Validation


@dataclass(frozen=True)
class BundleMetadata:
    """The metadata of a bot in its manifest; each value is None where the manifest has none.

    Attributes:
        created: When it was trained, ISO 8601.
        corpus: Names of the files it was trained on.
        init_from: The bundle that its training started from.
        base: The bundle whose language its training began with.
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
    base: str | None
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
            base=_text(manifest.get("base")),
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
    baselines = (_whole(values.get(name)) for name in ("nearest_neighbour", "nearest_centroid", "linear_svm"))
    return Quality(prompts, right, exact, by_topic, *baselines)


def _section(values: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    section = values.get(key)
    return section if isinstance(section, dict) else {}


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None


def _whole(value: object) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _number(value: object) -> float | None:
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None
