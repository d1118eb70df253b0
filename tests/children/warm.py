"""A process that has imported the program once and forks itself for each command that a test gives it.

python warm.py SOCKET             # of any command
python warm.py SOCKET --training  # of `chatbot train`, with TensorFlow

An import costs more than most commands: half a second to answer, five to train. A fork has it already, and is a process
of its own in all else: its folder, variables, streams, signals and exit code. Each message on the socket is such a
command as JSON with four open files: the three streams, and one to which process number and wait status are written.
"""

import contextlib
import fcntl
import gc
import importlib
import io
import json
import os
import resource
import runpy
import signal
import socket
import sys
import termios
from typing import Any

import sitecustomize
from windows_names import FIRST, import_all

#: Bytes of a message: arguments and environment.
_LONGEST = 1_000_000


def serve(channel: socket.socket) -> dict[str, Any] | None:
    """Fork for each command until there are no more.

    Returns:
        The command, in a process that is to run it; None at the end.
    """
    while True:
        message, files, _flags, _address = socket.recv_fds(channel, _LONGEST, 4)
        _reap(os.WNOHANG if message else 0)
        if not message:
            return None
        if os.fork() == 0:
            channel.close()
            return _keep(json.loads(message), files)
        for file in files:
            os.close(file)


def _reap(options: int) -> None:
    with contextlib.suppress(ChildProcessError):
        while os.waitpid(-1, options) != (0, 0):
            pass


def _keep(command: dict[str, Any], files: list[int]) -> dict[str, Any]:
    """Fork once more; the parent says how the child ends."""
    *streams, told = files
    sitecustomize.die_with_parent()
    child = os.fork()
    if child == 0:
        os.close(told)
        sitecustomize.die_with_parent()
        _become(command, streams)
        return command
    for stream in streams:
        os.close(stream)
    os.write(told, f"{child}\n".encode())
    _, status = os.waitpid(child, 0)
    os.write(told, f"{status}\n".encode())
    os._exit(0)


def _become(command: dict[str, Any], streams: list[int]) -> None:
    """Take folder, variables, limits and streams of a command, as a new process has them."""
    for number, stream in enumerate(streams):
        os.dup2(stream, number)
        os.close(stream)
    os.umask(command["umask"])
    os.chdir(command["folder"])
    os.environ.clear()
    os.environ.update(command["environment"])
    resource.setrlimit(resource.RLIMIT_FSIZE, command["file_size"])
    signal.signal(signal.SIGINT, signal.default_int_handler)
    if command["terminal"]:
        os.setsid()
        fcntl.ioctl(0, termios.TIOCSCTTY, 0)
    sys.argv[1:] = command["arguments"]
    sys.path[:1] = [command["folder"], *command["environment"]["PYTHONPATH"].split(":")]  # as `python -m` has it
    for name, mode in (("stdin", "rb"), ("stdout", "wb"), ("stderr", "wb")):
        usual = getattr(sys, name)
        file = open(usual.fileno(), mode, closefd=False)  # noqa: SIM115 - open as long as the process
        lines = name == "stderr" or file.isatty()
        stream = io.TextIOWrapper(file, usual.encoding, usual.errors, line_buffering=lines)
        setattr(sys, name, stream)
        setattr(sys, f"__{name}__", stream)


if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C in the terminal of the tests is for the tests
    channel = socket.socket(fileno=int(sys.argv[1]))
    for name in FIRST:
        importlib.import_module(name)
    import_all()
    if "--training" in sys.argv[2:]:
        importlib.import_module("chatbot.training.backend").setup_backend()
        importlib.import_module("chatbot.training.run")
    gc.freeze()  # no collection in a fork walks over what it shares, which would copy its pages
    if (command := serve(channel)) is not None:
        runpy.run_module(command["module"], run_name="__main__", alter_sys=True)
