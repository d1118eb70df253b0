"""The fields of a manifest with their types, and the check of a manifest against them.

A field may be missing, since bundles of earlier versions lack some, and a field that is not listed may be anything.
The fields of the model and of its confidence are checked by `ModelConfig` and `Calibration`.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from chatbot.bundle.layout import CONTEXT_TURNS, FALLBACKS, OPTIONS, PAIRS, TRAIN_AGAIN
from chatbot.config import TrainingConfig
from chatbot.config.base import check_types, label
from chatbot.errors import BundleError, ConfigError

_FIELDS = {
    "created": str,
    "corpus": tuple[str, ...],
    "init_from": str | None,
    "base": str | None,
    CONTEXT_TURNS: int,
    "model": dict,
    "training": dict,
    "sizes": dict,
    "metrics": dict,
    "versions": dict,
    "parity": dict,
    "weights": dict,
    "confidence": dict | None,
    "quality": dict | None,
    FALLBACKS: tuple[str, ...],
    OPTIONS: dict,
    PAIRS: str,
    "files": dict,
}
_COUNTS = (
    *("training_pairs", "validation_pairs", "training_tokens", "truncated_pairs", "vocabulary_size", "parameters"),
    *("memory_bytes", "steps_per_epoch", "epochs"),
)
_LOSSES = ("train_loss", "valid_loss", "valid_bits_per_byte", "valid_exact", "valid_perplexity")
_SECTIONS: Mapping[str, Mapping[str, Any]] = {
    "training": TrainingConfig.declared(),
    "sizes": {
        **dict.fromkeys(_COUNTS, int),
        "max_seconds": float | None,
        "expected_seconds": float | None,
        "devices": str,
    },
    "metrics": {
        **dict.fromkeys(("steps", "epochs", "best_epoch", "best_step"), int),
        **dict.fromkeys(_LOSSES, float | None),
        "stopped": str,
        "seconds": float,
        "samples": dict | None,
        "weights_digest": str,
    },
    "parity": {"prompts": int, "largest_difference": float, "tolerance": float, "same_replies": int},
    "weights": {
        **dict.fromkeys(("prompts", "same_replies", "int8_same_replies", "judged", "int8_kept"), int | None),
        **dict.fromkeys(("float32_nats", "int8_nats"), float | None),
        "kind": str,
    },
    "confidence": {"threshold": float},
    "quality": {
        **dict.fromkeys(("prompts", "right", "exact"), int),
        "by_topic": bool,
        **dict.fromkeys(("nearest_neighbour", "nearest_centroid", "linear_svm"), int | None),
    },
}


def check_fields(file: Path, manifest: Mapping[str, Any]) -> None:
    """Check that each known field of a manifest is of its type.

    Args:
        file: The manifest's, for the message.
        manifest: As read.

    Raises:
        BundleError: One is not; the message names the file and the field.
    """
    try:
        check_types("manifest", manifest, _FIELDS)
        for name, declared in _SECTIONS.items():
            check_types(name, manifest.get(name) or {}, declared)
        check_types("versions", versions := manifest.get("versions", {}), dict.fromkeys(versions, str))
        for name, described in manifest.get("files", {}).items():
            check_types("files", {name: described}, {name: dict})
            check_types(label(name), described, {"bytes": int, "sha256": str})
    except ConfigError as error:
        raise BundleError(f"{file}: {error}; {TRAIN_AGAIN}") from None
