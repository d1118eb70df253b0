"""The bundle: a trained chatbot as one folder.

    checkpoints/<name>/
        manifest.json     format version, configurations, metrics, SHA-256 of every other file
        tokenizer.model   SentencePiece
        model.keras       the trained Keras model, for training it further
        encoder.tflite    step models, for answering
        decoder.tflite
        backward.tflite   the backward half of a bidirectional encoder
        recall.tflite     the reply memory, if replies are known
        replies.json      those replies, for training it further
        history.csv       one row for each measurement
        history.svg       the same as a picture; bundles of before have none
        index.npz         the training prompts, for the nearest one, if wanted

A bundle is written beside its place and moved there whole, and it is read only when every
file is the one the manifest describes. Nothing in it is unpickled or run as code.
"""

import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from chatbot.config import ModelConfig
from chatbot.errors import BundleError, ConfigError

FORMAT_VERSION = 3
MANIFEST = "manifest.json"
TOKENIZER = "tokenizer.model"
KERAS_MODEL = "model.keras"
ENCODER = "encoder.tflite"
DECODER = "decoder.tflite"
BACKWARD = "backward.tflite"
RECALL = "recall.tflite"
REPLIES = "replies.json"
HISTORY = "history.csv"
CURVE = "history.svg"
INDEX = "index.npz"
#: Files that a bundle may lack; those it has are described in its manifest as all are.
OPTIONAL = (CURVE, INDEX)
#: Key of the manifest: turns that the prompts it was trained on carry before the one to answer.
CONTEXT_TURNS = "context_turns"

CHECKPOINTS = Path("checkpoints")
#: The file there that names the newest.
LATEST = "latest"
_TRAIN_AGAIN = "train it again with --overwrite, or copy the bundle again from where it came"


def files(model: ModelConfig) -> tuple[str, ...]:
    """Names of the files of a bundle beside its manifest and those of `OPTIONAL`."""
    backward = (BACKWARD,) if model.bidirectional else ()
    recall = (RECALL, REPLIES) if model.known_replies else ()
    return (TOKENIZER, KERAS_MODEL, ENCODER, DECODER, *backward, *recall, HISTORY)


def step_files(folder: Path, model: ModelConfig) -> dict[str, Path]:
    """The step models in a folder, by the names by which `LiteRTSteps` takes them."""
    return {Path(name).stem: folder / name for name in files(model) if name.endswith(".tflite")}


@dataclass(frozen=True)
class Bundle:
    """A checked bundle on disk.

    Attributes:
        path: The folder.
        model: Shape of the model.
        manifest: The whole manifest as read.
    """

    path: Path
    model: ModelConfig
    manifest: Mapping[str, Any]

    @property
    def size(self) -> int:
        """Bytes of all files."""
        return sum((self.path / name).stat().st_size for name in (MANIFEST, *self.manifest["files"]))

    @property
    def index(self) -> Path | None:
        """The file of the nearest-neighbour index, if there is one."""
        return self.path / INDEX if INDEX in self.manifest["files"] else None

    @property
    def context_turns(self) -> int:
        """Turns before the prompt that a prompt carries; 0 for a bot that answers single turns."""
        turns = self.manifest.get(CONTEXT_TURNS, 0)
        return turns if isinstance(turns, int) and turns > 0 else 0

    @classmethod
    def open(cls, path: Path) -> "Bundle":
        """Check a bundle and return it.

        Raises:
            BundleError: The folder, the manifest or a file is missing, damaged, not the one
                that was written, or of another format; the message names it.
        """
        if not path.exists() and _previous(path).is_dir():
            path = _previous(path)  # between the renames of `_swap`; only a writer may move it back
        manifest = read_manifest(path)
        try:
            model = ModelConfig.from_json(manifest.get("model"))
        except ConfigError as error:
            raise BundleError(f"{path / MANIFEST}: {error}; {_TRAIN_AGAIN}") from None
        _check_files(path, files(model), manifest)
        return cls(path, model, manifest)


def find(checkpoint: Path | None) -> Path:
    """Return the bundle to use: the one asked for, else the newest under `checkpoints/`.

    A bundle under `checkpoints/` may be asked for by its bare name, unless something else has it.

    Raises:
        BundleError: None was asked for and none has been trained here.
    """
    if checkpoint is not None:
        named = CHECKPOINTS / checkpoint
        bare = checkpoint.name == str(checkpoint) and not checkpoint.exists()
        return named if bare and (named / MANIFEST).is_file() else checkpoint
    latest = CHECKPOINTS / LATEST
    try:
        name = latest.read_text(encoding="utf-8").strip()
    except FileNotFoundError:
        raise BundleError(
            f"no bot has been trained here yet ({latest} is missing). Train one first:\n"
            "    chatbot train corpora/dialogs.tsv\n"
            "or name a bundle with --checkpoint DIR"
        ) from None
    except (OSError, UnicodeDecodeError) as error:
        raise BundleError(f"{latest}: cannot be read ({error}); name a bundle with --checkpoint DIR") from None
    if not name or name != Path(name).name or name in {".", ".."}:
        raise BundleError(f"{latest}: holds {name!r}, not the name of a bundle; name one with --checkpoint DIR")
    return CHECKPOINTS / name


def default_path(corpus: Path) -> Path:
    """Where a bot trained on `corpus` goes: `checkpoints/<file name without its endings>`."""
    return CHECKPOINTS / (corpus.name.removesuffix(".gz").rsplit(".", 1)[0] or corpus.name)


def check_free(path: Path, overwrite: bool) -> None:
    """Refuse early what `write` would refuse after hours of training.

    Raises:
        BundleError: A bundle stands at `path` and `overwrite` is false, or something that is
            no bundle stands there, or the place cannot be written.
    """
    if _named(path) == _named(CHECKPOINTS / LATEST):
        raise BundleError(
            f"{path}: the name under which the newest bundle is kept; choose another with --checkpoint DIR"
        )
    try:
        _named(path).name.encode("utf-8")
    except UnicodeEncodeError:
        raise BundleError("the bundle's name would not be UTF-8 text; choose another with --checkpoint DIR") from None
    if Path.cwd().is_relative_to(_named(path)):
        raise BundleError(f"{path}: the folder you are in; choose another place with --checkpoint DIR")
    _restore(path)
    if path.is_symlink() or (path.exists() and not path.is_dir()):
        raise BundleError(f"{path}: not a folder; choose another place with --checkpoint DIR")
    if path.is_dir() and any(path.iterdir()):
        if not (path / MANIFEST).is_file():
            raise BundleError(f"{path}: a folder with other things in it; choose another with --checkpoint DIR")
        if not overwrite:
            raise BundleError(
                f"{path}: a bundle is there already; replace it with --overwrite,"
                " or write to another folder with --checkpoint DIR"
            )
    parent = _named(path).parent
    try:
        parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=parent):
            pass
    except OSError as error:
        raise BundleError(f"{parent}: cannot be written to ({error.strerror or error})") from None


def write(
    path: Path, model: ModelConfig, manifest: Mapping[str, Any], fill: Callable[[Path], Mapping[str, Any]]
) -> Bundle:
    """Write a bundle so that at every moment `path` holds the old one whole or the new one whole.

    Args:
        path: Where the bundle goes; what `check_free` refuses must not be there.
        model: Shape of the model, which decides what files there are.
        manifest: What the manifest says apart from the format version, the model and the files.
        fill: Writes the files named by `files`, and those of `OPTIONAL` that are wanted, into the folder
            it is given, and returns what was learned while doing so, to be added to the manifest.

    Raises:
        BundleError: The disk is full or the place cannot be written.
    """
    staging: Path | None = None
    asked, path = path, _named(path)
    try:
        staging = Path(tempfile.mkdtemp(prefix=f".{path.name}.new-", dir=path.parent))
        staging.chmod(0o755)
        learned = fill(staging)
        written = (*files(model), *(name for name in OPTIONAL if (staging / name).exists()))
        described = {name: _describe(staging / name) for name in written}
        head = {"format_version": FORMAT_VERSION, "model": model.to_json()}
        content = {**head, **manifest, **learned, "files": described}
        (staging / MANIFEST).write_text(json.dumps(content, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
        _swap(staging, path)
    except OSError as error:
        raise BundleError(
            f"{path}: cannot be written ({error.strerror or error}); free some space or"
            " choose another place with --checkpoint DIR"
        ) from None
    finally:
        if staging is not None:
            shutil.rmtree(staging, ignore_errors=True)
    _point_latest(path)
    return Bundle.open(asked)


def read_manifest(path: Path) -> Mapping[str, Any]:
    """Return the manifest of a bundle whose files nobody has looked at.

    Raises:
        BundleError: It is missing, cannot be read, or is of another format version.
    """
    file = path / MANIFEST
    try:
        manifest = json.loads(file.read_bytes())
    except FileNotFoundError:
        if path.is_dir():
            raise BundleError(
                f"{file}: missing, so {path} is not a bundle; name another with --checkpoint DIR"
            ) from None
        raise BundleError(f"{path}: no such bundle; train one with: chatbot train CORPUS --checkpoint {path}") from None
    except OSError as error:
        raise BundleError(f"{file}: cannot be read ({error.strerror or error})") from None
    except (ValueError, RecursionError) as error:
        raise BundleError(f"{file}: not JSON ({error}); {_TRAIN_AGAIN}") from None
    if not isinstance(manifest, dict):
        raise BundleError(f"{file}: not a manifest; {_TRAIN_AGAIN}")
    version = manifest.get("format_version")
    if version != FORMAT_VERSION:
        raise BundleError(
            f"{file}: format version {version!r}, and this chatbot reads version {FORMAT_VERSION};"
            " use the chatbot that wrote it, or train again with --overwrite"
        )
    return manifest


def _check_files(path: Path, names: Sequence[str], manifest: Mapping[str, Any]) -> None:
    described = manifest.get("files")
    if not isinstance(described, dict) or set(described) - set(OPTIONAL) != set(names):
        raise BundleError(f"{path / MANIFEST}: does not list the files of a bundle; {_TRAIN_AGAIN}")
    for name in described:
        file = path / name
        try:
            found = _describe(file)
        except FileNotFoundError:
            raise BundleError(f"{file}: missing; {_TRAIN_AGAIN}") from None
        except OSError as error:
            raise BundleError(f"{file}: cannot be read ({error.strerror or error})") from None
        if found != described[name]:
            raise BundleError(f"{file}: not the file that was written (its checksum differs); {_TRAIN_AGAIN}")


def _describe(file: Path) -> dict[str, Any]:
    with file.open("rb") as stream:
        return {"bytes": file.stat().st_size, "sha256": hashlib.file_digest(stream, "sha256").hexdigest()}


def _previous(path: Path) -> Path:
    place = _named(path)
    return place.with_name(f".{place.name}.previous")


def _named(path: Path) -> Path:
    """The same place with a name at its end, which `.` and `..` lack."""
    return Path(os.path.abspath(path))


def _swap(staging: Path, path: Path) -> None:
    """Move `staging` to `path`; between the two renames the old bundle waits for `_restore`."""
    previous = _previous(path)
    shutil.rmtree(previous, ignore_errors=True)
    if path.exists():
        path.rename(previous)
    staging.rename(path)
    shutil.rmtree(previous, ignore_errors=True)


def _restore(path: Path) -> None:
    """Bring back a bundle whose replacement died between the two renames of `_swap`."""
    previous = _previous(path)
    if not path.exists() and previous.is_dir():
        previous.rename(path)


def _point_latest(path: Path) -> None:
    """Name a bundle under `checkpoints/` as the newest; one elsewhere is for --checkpoint."""
    if path.parent != _named(CHECKPOINTS):
        return
    latest = path.parent / LATEST
    draft = path.parent / f".{LATEST}.new"
    draft.write_text(f"{path.name}\n", encoding="utf-8")
    draft.replace(latest)
