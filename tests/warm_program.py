"""The real program without the time of its imports: forks of one process that has them (`children/warm.py`)."""

import json
import os
import resource
import select
import socket
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

_SERVER = Path(__file__).parent / "children" / "warm.py"
#: Variables that Python, the C library and TensorFlow read once, when they start.
_READ_AT_START = ("PYTHON", "LANG", "LC_", "LD_", "MALLOC_", "TF_CPP_", "KERAS_", "OMP_", "CUDA_")
#: Bytes of a message; a longer command is given to a process of its own.
_LONGEST = 100_000


class WarmProgram:
    """A process that forks itself for each command; it is started by the first one."""

    def __init__(self, *options: str) -> None:
        self._options = options
        self._process: subprocess.Popen[bytes] | None = None
        self._channel: socket.socket | None = None

    def fork(self, command: Mapping[str, object], files: Sequence[int]) -> None:
        """Run a command in a fork.

        Args:
            command: As `children/warm.py` takes it.
            files: Its three streams, and where its process number and how it ends are told.
        """
        socket.send_fds(self._begin(), [json.dumps(command).encode()], files)

    def _begin(self) -> socket.socket:
        if self._channel is None:
            self._channel, other = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
            with other:
                number = other.fileno()
                # It ends with this process, since its socket does.
                self._process = subprocess.Popen(
                    [sys.executable, _SERVER, str(number), *self._options],
                    pass_fds=[number],
                    stdin=subprocess.DEVNULL,
                    stdout=subprocess.DEVNULL,
                )
        return self._channel

    def close(self) -> None:
        """End the process, if it was started."""
        if self._channel is not None and self._process is not None:
            self._channel.close()
            self._process.wait()


_programs = {"train": WarmProgram("--training"), "answer": WarmProgram()}


def can_run_warm(arguments: Sequence[str], more: Mapping[str, str]) -> bool:
    """Whether a fork is as good as a new process: where nothing is asked for that only a start can give.

    Args:
        arguments: Of the program.
        more: Variables that a test sets for it.
    """
    long = sum(map(len, arguments)) > _LONGEST
    return sys.platform == "linux" and not long and not any(name.startswith(_READ_AT_START) for name in more)


class WarmPopen(subprocess.Popen[Any]):
    """A process as `subprocess.Popen` has it, forked from one that is loaded: with TensorFlow for `chatbot train`.

    It is no child of this process, which is told by a pipe how it ends; all else is as ever.
    """

    def __init__(self, arguments: Sequence[str], *, module: str = "chatbot", terminal: bool = False, **settings: Any):
        """Start it.

        Args:
            arguments: Of the program.
            module: What runs as the main one; of others than the program, PYTHONPATH in `env` has the folder.
            terminal: Its standard input is a terminal, which it is to have for its own.
            settings: Of `subprocess.Popen`: streams, `cwd` and `env`, both of which must be given.
        """
        self._program = _programs["train" if arguments[:1] == ["train"] else "answer"]
        self._command = {"arguments": arguments, "module": module, "terminal": terminal}
        self._heard = open(os.devnull, "rb")  # noqa: SIM115 - until it is started
        super().__init__(arguments, **settings)

    def _execute_child(self, *given: Any) -> None:
        _args, _executable, _preexec, _close, _pass, folder, environment, _startup, _flags, _shell, *rest = given
        pipes = rest[:6]
        stdin, _, _, stdout, _, stderr = pipes
        command = self._command | {
            "folder": str(folder),
            "environment": dict(environment),
            "umask": _umask(),
            "file_size": resource.getrlimit(resource.RLIMIT_FSIZE),
        }
        heard, told = os.pipe()
        self._heard.close()
        self._heard = open(heard, "rb", buffering=0)  # noqa: SIM115 - until it has ended
        try:
            streams = [file if file >= 0 else usual for usual, file in enumerate((stdin, stdout, stderr))]
            self._program.fork(command, [*streams, told])
        finally:
            os.close(told)
        self.pid = self._listen()
        self._child_created = True
        self._close_pipe_fds(*pipes)  # type: ignore[attr-defined]

    def _listen(self) -> int:
        line = self._heard.readline()
        if not line:
            raise RuntimeError("the process that forks for commands has died")
        return int(line)

    def _try_wait(self, flags: int) -> tuple[int, int]:
        """As `os.waitpid` does: number and status, or zeros where it has not ended and is not to be waited for."""
        if flags & os.WNOHANG and not select.select([self._heard], [], [], 0)[0]:
            return 0, 0
        status = self._listen()
        self._heard.close()
        return self.pid, status

    def _internal_poll(self, *_: Any, **__: Any) -> int | None:
        if self.returncode is None and self._waitpid_lock.acquire(False):  # type: ignore[attr-defined]
            try:
                number, status = self._try_wait(os.WNOHANG)
                if number:
                    self._handle_exitstatus(status)  # type: ignore[attr-defined]
            finally:
                self._waitpid_lock.release()  # type: ignore[attr-defined]
        return self.returncode


def close_warm() -> None:
    """End what was started."""
    for program in _programs.values():
        program.close()


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
