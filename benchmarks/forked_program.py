"""The program in a process of its own, forked from one that has imported it, so that it begins at once."""

import importlib
import os
import pkgutil
import sys
import traceback
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NoReturn

import chatbot
from chatbot.cli import main
from chatbot.cli.output.interrupt import end_on_signals

#: The exit code of a process whose action raised what the program does not.
FAULT = 99


def import_all(training: bool = False) -> None:
    """Import what the processes will need.

    Args:
        training: Whether that is TensorFlow, too, which takes seconds.
    """
    left_out = ("chatbot.__main__", *(() if training else ("chatbot.training",)))
    if training:
        backend = importlib.import_module("chatbot.training.backend")
        backend.setup_backend()
    for module in pkgutil.walk_packages(chatbot.__path__, "chatbot."):
        if not module.name.startswith(left_out):
            importlib.import_module(module.name)


def start(
    action: Sequence[str] | Callable[[], object], streams: Sequence[Path], prepare: Callable[[], object] = bool
) -> int:
    """Do something in a process of its own.

    Args:
        action: Arguments of the program, or a function.
        streams: Files in place of standard input, output and error; where there are two, input stays.
        prepare: Called in the process before the action.

    Returns:
        The number of the process. It ends as the program does, or with `FAULT` and a traceback.
    """
    child = os.fork()
    if child == 0:
        _become(action, streams, prepare)
    return child


def _become(
    action: Sequence[str] | Callable[[], object], streams: Sequence[Path], prepare: Callable[[], object]
) -> NoReturn:
    code: object = FAULT
    try:
        for number, file in enumerate(streams, 3 - len(streams)):
            flags = os.O_RDONLY if number == 0 else os.O_WRONLY | os.O_CREAT | os.O_TRUNC
            os.dup2(os.open(file, flags, 0o600), number)
        end_on_signals()
        prepare()
        if callable(action):
            action()
        else:
            sys.argv = ["chatbot", *action]
            main()
        sys.stdout.flush()
        code = 0
    except SystemExit as end:
        code = end.code
    except KeyboardInterrupt:
        code = 130
    except BaseException:
        traceback.print_exc()  # which a full disk may refuse
    finally:
        os._exit(code if isinstance(code, int) else 0)  # nothing of the parent is unwound
