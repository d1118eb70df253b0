"""Lock of a run folder, so that two trainings never write to one place."""

import contextlib
import errno
import json
import warnings
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from filelock import BaseFileLock, FileLock, Timeout

from chatbot.bundle import LOCK_FILE, run_folder, temporary_parents
from chatbot.errors import RunError
from chatbot.files import FOLDERS_OPEN, PRIVATE_FOLDER
from chatbot.runs.run_folder import IDENTITY_FILE, RunFolder

#: What `flock` says on a file system that cannot lock, such as NFS without its lock daemon.
_NO_LOCKS = {errno.ENOLCK, errno.ENOTSUP, errno.EOPNOTSUPP, errno.EBADF, errno.ENOSYS, errno.EINVAL}


def acquire_lock(path: Path, warn: Callable[[str], None]) -> BaseFileLock:
    """Lock a folder, where its file system can.

    Args:
        path: The folder.
        warn: Told where it cannot.

    Returns:
        The lock, held unless `warn` was told.

    Raises:
        Timeout: Another process has locked it.
        OSError: The file of the lock cannot be made.
    """
    lock = FileLock(path / LOCK_FILE, fallback_to_soft=False)
    try:
        lock.acquire(timeout=0)
    except OSError as error:
        if isinstance(error, Timeout) or error.errno not in _NO_LOCKS:
            raise
        warn(
            f"{path}: its file system has no locks ({error.strerror}), so nothing stops another training from writing"
            " there; see that none does, or train on a local disk with --checkpoint DIR"
        )
    return lock


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
            ended = not folder.has_state
            if ended:
                folder.remove()
            if not FOLDERS_OPEN:  # Windows removes no file that is open, so neither this one nor that of a next owner
                lock.release()
            if ended:
                with contextlib.suppress(OSError):  # another run has just begun here
                    # A removed lock is no lock: its next owner looks whether it is still there.
                    (path / LOCK_FILE).unlink(missing_ok=True)
                    path.rmdir()
            lock.release()


def _process(path: Path) -> str:
    """The process that trains there, in words, if it has got as far as to note itself."""
    with contextlib.suppress(OSError, ValueError, KeyError, TypeError):
        return f" (process {int(json.loads((path / IDENTITY_FILE).read_bytes())['process'])})"
    return ""
