"""What is known of trained bots without asking them: for `chatbot info` and `chatbot list`."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from chatbot import bundle
from chatbot.bundle import Bundle
from chatbot.errors import BundleError
from chatbot.progress import Quality, Validation


@dataclass(frozen=True)
class Card:
    """What a manifest says of a bot, each value None where it says nothing.

    Attributes:
        created: When it was trained, ISO 8601.
        corpus: Names of the files it was trained on.
        init_from: The bundle that training went on from.
        context_turns: Turns before a prompt that it takes into account.
        training_pairs: What it learned from.
        validation_pairs: What it was measured on while it learned.
        parameters: Numbers that were learned.
        epochs: Passes over the pairs.
        seconds: How long that took.
        stopped: Why training ended.
        held_out: What was measured on the held-out pairs with the weights that were kept.
        quality: How often the finished bot answered held-out prompts right.
        weights: `int8` or `float32`.
        fallback_below: Confidence below which a fallback is said.
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
    def of(cls, manifest: Mapping[str, Any]) -> "Card":
        """Pick the values out of a manifest; what is not of its type there counts as not said."""
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
        """For programs."""
        valid = self.held_out
        measured = None if valid is None else {**asdict(valid), "perplexity": valid.perplexity}
        quality = None if self.quality is None else {**asdict(self.quality), "share": self.quality.share}
        return {**asdict(self), "held_out": measured, "quality": quality}


@dataclass(frozen=True)
class Entry:
    """A bundle in a folder of bundles.

    Attributes:
        path: Of the bundle.
        newest: Whether it is the one that answers where none is named.
        bytes: Of all its files.
        card: What it says of itself; None where that cannot be read.
        problem: Why it cannot be used, as far as a glance shows; None for nothing.
    """

    path: Path
    newest: bool
    bytes: int
    card: Card | None
    problem: str | None

    def to_json(self) -> dict[str, Any]:
        """For programs."""
        card = dict.fromkeys(Card.__dataclass_fields__) if self.card is None else self.card.to_json()
        place = {"name": self.path.name, "path": str(self.path), "newest": self.newest, "bytes": self.bytes}
        return {**place, **card, "problem": self.problem}


def describe(source: Bundle) -> dict[str, Any]:
    """What is known of a bundle whose files have been checked, for programs."""
    return {
        "name": source.path.resolve().name,
        "path": str(source.path),
        **Card.of(source.manifest).to_json(),
        "model": source.model.to_json(),
        "bytes": source.size,
        "files": source.manifest["files"],
        "verified": True,
        "versions": _section(source.manifest, "versions"),
    }


def entries(folder: Path = bundle.CHECKPOINTS) -> list[Entry]:
    """The bundles in a folder, the newest first; those that say no date come last.

    Files are looked for but not read, so that a folder of many is listed at once.

    Raises:
        BundleError: The folder cannot be read.
    """
    try:
        places = [place for place in folder.iterdir() if (place / bundle.MANIFEST).is_file()]
    except FileNotFoundError:
        return []
    except OSError as error:
        raise BundleError(f"{folder}: cannot be read ({error.strerror or error})") from None
    newest = _newest(folder)
    found = [_glance(place, place.name == newest) for place in places if not place.name.startswith(".")]
    found.sort(key=lambda entry: entry.path.name)
    return sorted(found, key=lambda entry: (entry.card and entry.card.created) or "", reverse=True)


def complete(typed: str, folder: Path = bundle.CHECKPOINTS) -> list[str]:
    """What a word may become as the name of a bundle in a folder: its bare name, or its path.

    The bare name is left out where something else has it, as `bundle.find` would take that.
    """
    places = sorted(file.parent for file in folder.glob(f"[!.]*/{bundle.MANIFEST}"))
    paths = [str(place) for place in places]
    names = [place.name if not Path(place.name).exists() else str(place) for place in places]
    return list(dict.fromkeys(name for name in (names + paths if typed else names) if name.startswith(typed)))


def _newest(folder: Path) -> str | None:
    try:
        return (folder / bundle.LATEST).read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError):
        return None


def _glance(path: Path, newest: bool) -> Entry:
    size = sum(file.stat().st_size for file in path.iterdir() if file.is_file())
    try:
        manifest = bundle.read_manifest(path)
    except BundleError as error:
        return Entry(path, newest, size, None, str(error))
    files = _section(manifest, "files")
    damaged = [name for name, described in files.items() if _size(path / name) != _section(files, name).get("bytes")]
    problem = f"{path / damaged[0]}: missing, or not the file that was written" if damaged else None
    return Entry(path, newest, size, Card.of(manifest), problem)


def _size(file: Path) -> int | None:
    return file.stat().st_size if file.is_file() else None


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
