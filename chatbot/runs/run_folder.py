"""The folder of a run that is under way, beside the bundle that will come of it.

    checkpoints/<name>.run/
        run.json     what was asked for, a digest of the pairs, versions of the libraries
        state.npz    all that the run needs to be resumed: tokenizer, weights, optimizer, history
        lock         held by the process that trains

Each file is written beside its place and moved there, so that it is whole whenever the process
dies. The folder goes when the run has ended and its bundle is written. Nothing in it is unpickled
or run as code.
"""

import contextlib
import hashlib
import json
import os
import warnings
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, TypeVar

from filelock import Timeout

from chatbot.bundle import run_folder
from chatbot.config.base import check_types
from chatbot.errors import ConfigError, RunError
from chatbot.files import PRIVATE_FOLDER, draft_prefix, replacing, temporary_parents
from chatbot.runs.run_lock import LOCK_FILE, acquire_lock
from chatbot.runs.saved_state_file import SavedState

_Read = TypeVar("_Read")

_FORMAT_VERSION = 1
_IDENTITY, _STATE = "run.json", "state.npz"
_START_ANEW = "start anew with --overwrite"
#: What reading a state raises that is damaged.
_UNREADABLE = (
    *(OSError, ValueError, KeyError, TypeError, EOFError, RecursionError, MemoryError, NotImplementedError),
    *(zipfile.BadZipFile, zlib.error),
)


@dataclass(frozen=True)
class Identity:
    """The options, the corpus and the versions that make a run this one.

    Attributes:
        options: What was asked for, by the names of the options; JSON values.
        corpus: See `digest`.
        versions: Of the libraries that decide how it goes, by name.
    """

    options: Mapping[str, Any]
    corpus: str
    versions: Mapping[str, str]


class RunFolder:
    """The folder of one run; only its owner writes there, see `claim`."""

    def __init__(self, path: Path) -> None:
        """Take a folder that is there.

        Args:
            path: The folder.
        """
        self._path = path

    def read(self) -> Identity | None:
        """The identity of the run of this folder; None for no run.

        Raises:
            RunError: It cannot be read, or is of another version of the program.
        """
        file = self._path / _IDENTITY
        try:
            found = json.loads(file.read_bytes())
            if found["format_version"] != _FORMAT_VERSION:
                raise RunError(f"{file}: of another version of chatbot; resume it with that one, or {_START_ANEW}")
            check_types("the run", found, {"options": dict, "corpus": str, "versions": dict})
            check_types("versions", found["versions"], dict.fromkeys(found["versions"], str))
            return Identity(found["options"], found["corpus"], found["versions"])
        except ConfigError as error:
            raise RunError(f"{file}: {error}; {_START_ANEW}") from None
        except FileNotFoundError:
            return None
        except OSError as error:
            raise RunError(f"{file}: cannot be read ({error.strerror or error})") from None
        except (ValueError, KeyError, TypeError, RecursionError):
            raise RunError(f"{file}: damaged; {_START_ANEW}") from None

    @property
    def has_state(self) -> bool:
        """Whether the state of a known run has been saved here."""
        return all((self._path / name).exists() for name in (_IDENTITY, _STATE))

    def begin(self, identity: Identity) -> None:
        """Note the identity of a new run, and forget any other run.

        Raises:
            RunError: The folder cannot be written.
        """
        (self._path / _STATE).unlink(missing_ok=True)
        self.note(identity)

    def note(self, identity: Identity) -> None:
        """Note the identity of the run, and keep its state.

        Raises:
            RunError: The folder cannot be written.
        """
        known = {"format_version": _FORMAT_VERSION, "process": os.getpid(), **identity.__dict__}
        with self._writing(_IDENTITY) as file:
            file.write(f"{json.dumps(known, indent=2, ensure_ascii=False)}\n".encode())

    def save(self, state: SavedState) -> None:
        """Save a state in place of the one before, which stays whole until the new one is on the disk.

        Raises:
            RunError: The disk is full, or the folder cannot be written; the state before is whole.
        """
        with self._writing(_STATE) as file:
            state.write(file)

    def load(self) -> SavedState | None:
        """The state that was saved last; None before the first.

        Raises:
            RunError: It cannot be read or is damaged.
        """
        return self._load(SavedState.read)

    def load_values(self) -> Mapping[str, Any] | None:
        """The values of the saved state alone, which takes no time; None where nothing has been saved.

        Raises:
            RunError: They cannot be read or are damaged.
        """
        return self._load(SavedState.read_values)

    def _load(self, read: Callable[[BinaryIO], _Read]) -> _Read | None:
        file = self._path / _STATE
        try:
            with file.open("rb") as stream:
                return read(stream)
        except FileNotFoundError:
            return None
        except _UNREADABLE as error:
            raise RunError(f"{file}: damaged ({error}); {_START_ANEW}") from None

    def damaged_note(self, what: object) -> RunError:
        """The error to raise where what was asked for is read, and is not that of a run."""
        return RunError(f"{self._path / _IDENTITY}: damaged ({what}); {_START_ANEW}")

    def damaged(self, what: object) -> RunError:
        """The error to raise for a state that is not that of such a run.

        Args:
            what: The difference, in words or as an error.
        """
        return RunError(f"{self._path / _STATE}: not the state of this run ({what}); {_START_ANEW}")

    def remove(self) -> None:
        """Forget the run, which has come to its end; a state that is left behind alone is none."""
        for name in (_IDENTITY, _STATE):
            (self._path / name).unlink(missing_ok=True)

    def tidy(self) -> None:
        """Remove what a process that was killed was about to write."""
        for name in (_IDENTITY, _STATE):
            for draft in self._path.glob(f"{draft_prefix(self._path / name)}*"):
                draft.unlink(missing_ok=True)

    @contextmanager
    def _writing(self, name: str) -> Iterator[Any]:
        place = self._path / name
        try:
            with replacing(place) as file:
                yield file
        except OSError as error:
            raise RunError(f"{place}: cannot be written ({error.strerror or error})") from None


@contextmanager
def claim(checkpoint: Path, warn: Callable[[str], None] = warnings.warn) -> Iterator[RunFolder]:
    """Claim a place for one training; the claim ends with the process.

    Where no state has been saved by the end, the folder and its new parents are removed.

    Args:
        checkpoint: Where the bundle is to go.
        warn: Told where the file system has no locks, so that nothing keeps others away.

    Yields:
        The folder of the run.

    Raises:
        RunError: Another process trains for it, or the folder cannot be made.
    """
    path = run_folder(checkpoint)
    with ExitStack() as opened:
        try:
            opened.enter_context(temporary_parents(path.parent))
            path.mkdir(PRIVATE_FOLDER, exist_ok=True)
            lock = acquire_lock(path, warn)
        except Timeout:
            raise RunError(
                f"{checkpoint}: another training is writing there{_process(path)};"
                " wait for its end, or choose another place with --checkpoint DIR"
            ) from None
        except OSError as error:
            raise RunError(f"{path}: cannot be made or locked ({error.strerror or error})") from None
        folder = RunFolder(path)
        try:
            folder.tidy()
            yield folder
        finally:
            if not folder.has_state:
                folder.remove()
                # A removed lock is no lock: its next owner looks whether it is still there.
                (path / LOCK_FILE).unlink(missing_ok=True)
                with contextlib.suppress(OSError):  # another run has just begun here
                    path.rmdir()
            lock.release()


def digest(sides: Iterable[Iterable[tuple[str, str]]]) -> str:
    """The SHA-256 of pairs in their order, in hexadecimal.

    Args:
        sides: Normalized (prompt, reply) pairs to learn from, and those to measure on.
    """
    found = hashlib.sha256()
    for pairs in sides:
        for prompt, reply in pairs:
            found.update(f"{prompt}\t{reply}\n".encode(errors="surrogatepass"))
        found.update(b"\n")
    return found.hexdigest()


def _process(path: Path) -> str:
    """The process that trains there, in words, if it has got as far as to note itself."""
    with contextlib.suppress(OSError, ValueError, KeyError, TypeError):
        return f" (process {int(json.loads((path / _IDENTITY).read_bytes())['process'])})"
    return ""
