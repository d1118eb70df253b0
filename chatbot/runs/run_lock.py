"""Lock of a run folder, so that two trainings never write to one place."""

import errno
from collections.abc import Callable
from pathlib import Path

from filelock import BaseFileLock, FileLock, Timeout

#: The file in a run folder that is locked.
LOCK_FILE = "lock"


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
