"""The program without the names that Windows' Python lacks, on a system that cannot do what Windows cannot.

python windows_names.py ARGUMENTS...    # of the program
python windows_names.py --import-all    # every module but those of training
"""

import contextlib
import fcntl
import importlib
import os
import pkgutil
import select
import shutil
import signal
import stat
import sys
import tempfile

import filelock

#: What the standard library and other packages need of this system, on which they run, they take before.
FIRST = (
    *("asyncio", "logging.config", "multiprocessing.connection", "shutil", "subprocess", "tempfile", "webbrowser"),
    *("ai_edge_litert.interpreter", "filelock", "numpy", "platformdirs", "prompt_toolkit", "rich.console", "sacrebleu"),
    *("sentencepiece", "starlette.applications", "typer", "uvicorn"),
)
MODULES = ("fcntl", "termios", "tty", "pty", "resource", "pwd", "grp", "curses", "readline", "uvloop", "syslog")
OF_OS = (
    *("O_NOFOLLOW", "O_DIRECTORY", "O_NONBLOCK", "O_CLOEXEC", "O_SYNC", "pread", "preadv", "pwrite", "pwritev"),
    *("fchmod", "fchown", "chown", "lchown", "fork", "forkpty", "openpty", "mkfifo", "getuid", "geteuid", "getgid"),
    *("getegid", "getpgrp", "getpgid", "setsid", "killpg", "uname", "statvfs", "fstatvfs", "sched_getaffinity"),
    *("sched_setaffinity", "getloadavg", "sysconf", "posix_fadvise", "posix_fallocate", "sendfile", "fdatasync"),
)
OF_SIGNAL = ("SIGHUP", "SIGTSTP", "SIGCONT", "SIGKILL", "SIGPIPE", "SIGALRM", "SIGUSR1", "SIGWINCH", "SIGQUIT", "alarm")

open_file, look, list_folder, wait = os.open, os.stat, os.listdir, select.select
remove, rename, replace = os.unlink, os.rename, os.replace


def _without_folders(call):
    def checked(path, *rest, dir_fd=None, **more):
        if dir_fd is not None:
            raise NotImplementedError("dir_fd unavailable on this platform")
        return call(path, *rest, **more)

    return checked


def _open(path, flags, mode=0o777, *, dir_fd=None):
    if dir_fd is not None:
        raise NotImplementedError("dir_fd unavailable on this platform")
    handle = open_file(path, flags, mode)
    if stat.S_ISDIR(os.fstat(handle).st_mode):
        os.close(handle)
        raise PermissionError(13, "Permission denied", path)
    return handle


def _list(path="."):
    if isinstance(path, int):
        raise TypeError("listdir: path should be string, bytes, os.PathLike or None, not int")
    return list_folder(path)


def _check_closed(path):
    """Refuse what Windows refuses of a file that this process has open, or of a folder with one in it."""
    if not os.path.lexists(path):
        return
    opened = set()
    for number in list_folder("/dev/fd"):
        with contextlib.suppress(OSError):
            found = os.fstat(int(number))
            opened.add((found.st_dev, found.st_ino))
    inside = [os.path.join(folder, name) for folder, _, names in os.walk(path) for name in names]
    for file in (path, *inside):
        found = os.lstat(file)
        if (found.st_dev, found.st_ino) in opened:
            raise PermissionError(13, "The file is being used by another process", str(path), 32)


def _remove(path, *, dir_fd=None):
    _check_closed(path)
    _without_folders(remove)(path, dir_fd=dir_fd)


def _rename(source, target):
    _check_closed(source)
    if os.path.lexists(target):
        raise FileExistsError(17, "Cannot create a file when that file already exists", str(source), 183)
    rename(source, target)


def _replace(source, target):
    _check_closed(source)
    _check_closed(target)
    if os.path.isdir(target):
        raise PermissionError(13, "Access is denied", str(source), 5)
    replace(source, target)


def _link(source, *_, **__):
    raise OSError(22, "A required privilege is not held by the client", str(source), 1314)


class _Lock:
    """As filelock's there, a lock on a file that is open as long as it is held; the one of this system needs names."""

    def __init__(self, path, **_):
        self._path, self._file = path, None

    def acquire(self, **_):
        self._file = open_file(self._path, os.O_RDWR | os.O_CREAT)
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            self.release()
            raise filelock.Timeout(str(self._path)) from None

    def release(self):
        if self._file is not None:
            os.close(self._file)
        self._file = None


def _select(reading, writing, failing, timeout=None):
    """As there, of sockets alone."""
    if any(isinstance(one, int) for one in (*reading, *writing, *failing)):
        raise OSError(10038, "An operation was attempted on something that is not a socket")
    return wait(reading, writing, failing, timeout)


def remove_names():
    for name in FIRST:
        importlib.import_module(name)
    for name in MODULES:
        sys.modules[name] = None
    for module, names in ((os, OF_OS), (signal, OF_SIGNAL)):
        for name in names:
            if hasattr(module, name):
                delattr(module, name)
    os.supports_dir_fd = os.supports_fd = os.supports_follow_symlinks = set()
    os.open, os.stat, os.listdir, os.symlink = _open, _without_folders(look), _list, _link
    os.unlink = os.remove = _remove
    os.rename, os.replace = _rename, _replace
    filelock.FileLock = _Lock
    shutil._use_fd_functions = False
    tempfile.TemporaryFile = tempfile.NamedTemporaryFile  # the other removes a file that is open
    select.select = _select


def import_all():
    package = importlib.import_module("chatbot")
    for found in pkgutil.walk_packages(package.__path__, "chatbot."):
        if not found.name.startswith("chatbot.training") and found.name != "chatbot.__main__":
            importlib.import_module(found.name)
    heavy = {"tensorflow", "keras"} & sys.modules.keys()
    assert not heavy, heavy


if __name__ == "__main__":
    remove_names()
    if sys.argv[1:] == ["--import-all"]:
        import_all()
    else:
        importlib.import_module("chatbot.cli").main()
