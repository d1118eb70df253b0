"""The command by which a bot learns its corrections."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeGuard

from chatbot.cli.chat.corrections import FILE
from chatbot.config import TrainingConfig
from chatbot.text import normalize

#: Settings that a manifest has as they were typed, with their options; the others were chosen for the run.
_OPTIONS = {
    "valid_share": "--valid-share",
    "seed": "--seed",
    "patience": "--patience",
    "learning_rate": "--learning-rate",
}


@dataclass(frozen=True)
class RetrainingCommand:
    """The command by which a bot learns its corrections.

    Attributes:
        command: The words of the command line.
        missing: Its corpora that are not found from the current folder.
    """

    command: Sequence[str]
    missing: Sequence[str]


def learn(corrections: Path, place: Path, manifest: Mapping[str, Any]) -> RetrainingCommand:
    """The command by which a bot learns corrections.

    One that chooses among known replies learns them as they are. Another is trained on them and on its own corpora,
    with its own options.

    Args:
        corrections: The file of corrections.
        place: The bundle of the bot, which is replaced.
        manifest: The manifest of the bundle; a corpus that it does not name is left to be filled in.
    """
    if _is_number(known := _section(manifest, "model").get("known_replies")) and known > 0:
        return RetrainingCommand(["chatbot", "learn", str(corrections), "--checkpoint", str(place)], [])
    named = manifest.get("corpus")
    names = [normalize(name) for name in named if isinstance(name, str)] if isinstance(named, list) else []
    places = [_locate(name) for name in names if name != corrections.name]
    corpora = [_as_argument(path) for path in places] or ["CORPUS"]
    missing = [str(path) for path in places if not path.is_file()]
    again = ["--init-from", str(place), "--checkpoint", str(place), "--overwrite"]
    return RetrainingCommand(["chatbot", "train", *corpora, str(corrections), *_options(manifest), *again], missing)


def _locate(name: str) -> Path:
    """The corpus of a name, here or among the corpora; its bare name where it is in neither place."""
    found = (path for path in (Path(name), FILE.parent / name) if path.is_file())
    return next(found, Path(name))


def _as_argument(path: Path) -> str:
    return f"./{path}" if str(path).startswith("-") else str(path)


def _options(manifest: Mapping[str, Any]) -> list[str]:
    """The options that a bot was trained with, as far as its manifest has them as they were typed."""
    training, weights, files = (_section(manifest, name) for name in ("training", "weights", "files"))
    options = []
    for name, option in _OPTIONS.items():
        value = training.get(name, getattr(TrainingConfig, name))
        if _is_number(value) and value != getattr(TrainingConfig, name):
            options += [option, _spell(value)]
    longest = training.get("max_seconds", TrainingConfig.max_seconds)
    if longest is None:
        options += ["--max-time", "none"]
    elif _is_number(longest) and longest != TrainingConfig.max_seconds:
        options += ["--max-time", f"{_spell(longest)}s"]
    if weights.get("kind") == "float32" and weights.get("int8_same_replies") is None:
        options.append("--float")
    if files and "index.npz" not in files:
        options.append("--no-index")
    return options


def _is_number(value: object) -> TypeGuard[float]:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _spell(number: float) -> str:
    return str(int(number)) if number == int(number) else str(number)


def _section(manifest: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    section = manifest.get(name)
    return section if isinstance(section, dict) else {}
