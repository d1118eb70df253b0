"""The folder of a run that is under way, beside the bundle that will come of it.

    checkpoints/<name>.run/
        run.json     what was asked for, a digest of the pairs, versions of the libraries
        state.npz    all that the run needs to be resumed: tokenizer, weights, optimizer, history
        lock         held by the process that trains

Each file is written beside its place and moved there, so that it is whole whenever the process
dies. The folder goes when the run has ended and its bundle is written. Nothing in it is unpickled
or run as code.
"""

import json
import os
import zipfile
import zlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO, TypeVar

from chatbot.config.base import check_types
from chatbot.errors import ConfigError, RunError
from chatbot.files import draft_prefix, replacing
from chatbot.runs.run_identity import Identity
from chatbot.runs.saved_state_file import SavedState

_Read = TypeVar("_Read")

_FORMAT_VERSION = 1
IDENTITY_FILE, _STATE = "run.json", "state.npz"
_START_ANEW = "start anew with --overwrite"
#: What reading a state raises that is damaged.
_UNREADABLE = (
    *(OSError, ValueError, KeyError, TypeError, EOFError, RecursionError, MemoryError, NotImplementedError),
    *(zipfile.BadZipFile, zlib.error),
)


class RunFolder:
    """The folder of one run; only its owner writes there, see `run_lock.claim`."""

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
        file = self._path / IDENTITY_FILE
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
        return all((self._path / name).exists() for name in (IDENTITY_FILE, _STATE))

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
        with self._writing(IDENTITY_FILE) as file:
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
        return RunError(f"{self._path / IDENTITY_FILE}: damaged ({what}); {_START_ANEW}")

    def damaged(self, what: object) -> RunError:
        """The error to raise for a state that is not that of such a run.

        Args:
            what: The difference, in words or as an error.
        """
        return RunError(f"{self._path / _STATE}: not the state of this run ({what}); {_START_ANEW}")

    def remove(self) -> None:
        """Forget the run, which has come to its end; a state that is left behind alone is none."""
        for name in (IDENTITY_FILE, _STATE):
            (self._path / name).unlink(missing_ok=True)

    def tidy(self) -> None:
        """Remove what a process that was killed was about to write."""
        for name in (IDENTITY_FILE, _STATE):
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
