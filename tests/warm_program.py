"""The real program without the time of its imports: forks of one process that has them (`children/warm.py`)."""

import json
import os
import resource
import select
import socket
import subprocess
import sys
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

_SERVER = Path(__file__).parent / "children" / "warm.py"
#: Variables that Python, the C library and TensorFlow read once, when they start.
_READ_AT_START = ("PYTHON", "LANG", "LC_", "LD_", "MALLOC_", "TF_", "KERAS_", "OMP_", "CUDA_")
#: Bytes of a message; a longer command is given to a process of its own.
_LONGEST = 100_000


class WarmProgram:
    """A process that forks itself for each command; it is started by the first one."""

    def __init__(self, *options: str) -> None:
        self._options = options
        self._process: subprocess.Popen[bytes] | None = None
        self._channel: socket.socket | None = None

    def run(
        self, arguments: Sequence[str], folder: Path, given: bytes, environment: Mapping[str, str], patience: float
    ) -> subprocess.CompletedProcess[bytes]:
        """Run the program in a fork, as `subprocess.run` does in a new process.

        Args:
            arguments: Of the program.
            folder: Where it runs.
            given: Its standard input.
            environment: All its variables.
            patience: Seconds for it to end.

        Raises:
            subprocess.TimeoutExpired: It did not end.
        """
        command = {
            "arguments": arguments,
            "folder": str(folder),
            "environment": dict(environment),
            "umask": _umask(),
            "file_size": resource.getrlimit(resource.RLIMIT_FSIZE),
        }
        pipes = [os.pipe() for _ in range(4)]
        (stdin, typed), (out, stdout), (err, stderr), (heard, told) = pipes
        try:
            socket.send_fds(self._begin(), [json.dumps(command).encode()], [stdin, stdout, stderr, told])
        finally:
            for file in (stdin, stdout, stderr, told):
                os.close(file)
        with ThreadPoolExecutor(3) as pool:
            pool.submit(_write, typed, given)
            read = [pool.submit(_read, file) for file in (out, err)]
            try:
                code = _wait(heard, arguments, patience)
            finally:
                os.close(heard)
            return subprocess.CompletedProcess(arguments, code, *(each.result() for each in read))

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


def run_warm(
    arguments: Sequence[str], folder: Path, given: bytes, environment: Mapping[str, str], patience: float
) -> subprocess.CompletedProcess[bytes]:
    """`WarmProgram.run` with TensorFlow for `chatbot train`, and without it for all else."""
    program = _programs["train" if arguments[:1] == ["train"] else "answer"]
    return program.run(arguments, folder, given, environment, patience)


def close_warm() -> None:
    """End what was started."""
    for program in _programs.values():
        program.close()


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


def _write(file: int, given: bytes) -> None:
    try:
        with open(file, "wb") as stdin:
            stdin.write(given)
    except BrokenPipeError:  # it has ended without reading all
        pass


def _read(file: int) -> bytes:
    with open(file, "rb") as stream:
        return stream.read()


def _wait(heard: int, arguments: Sequence[str], patience: float) -> int:
    """The exit code, after the number of the process."""
    said = b""
    while said.count(b"\n") < 2:
        if not select.select([heard], [], [], patience)[0]:
            os.kill(int(said.split()[0]), 9)
            raise subprocess.TimeoutExpired(list(arguments), patience)
        more = os.read(heard, 100)
        if not more:
            raise RuntimeError("the process that forks for commands has died")
        said += more
    return int(said.split()[1])
