"""TensorFlow as the backend of Keras: environment, memory allocation and a quiet import.

    from chatbot.training.backend import setup_backend

    setup_backend()
    from chatbot.training.run import train

Importing this module changes nothing and imports none of them.
"""

import contextlib
import ctypes
import gc
import importlib
import os

from chatbot.errors import TrainingError
from chatbot.inference.litert.native_stderr import quiet_native_stderr

#: Parameters of glibc's mallopt(3).
_M_TRIM_THRESHOLD, _M_MMAP_MAX = -1, -4
_NEVER = 2**31 - 1
#: Objects made, beyond those freed, between two searches for unreachable ones; Python's own number is 700 or 2,000.
_GARBAGE = 50_000


def setup_backend() -> None:
    """Import Keras, TensorFlow and tensorflow-text, set up for training and without their chatter.

    To be called once, before any other module of `chatbot.training` is imported. It sets two
    environment variables, which Keras and TensorFlow read when they are imported, and changes how the memory of this
    process is allocated (`keep_freed_memory`) and how often it is searched for garbage (`collect_seldom`).

    Raises:
        TrainingError: Keras has been imported before, with another backend.
    """
    # Keras's other backends are no choice here: the step models are exported through TensorFlow.
    os.environ["KERAS_BACKEND"] = "tensorflow"
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    keep_freed_memory()
    with quiet_native_stderr():
        backend = importlib.import_module("keras").backend.backend()
        if backend != "tensorflow":
            raise TrainingError(f"Keras runs on {backend} in this process; train a bot in a process of its own")
        for name in ("tensorflow", "tensorflow_text"):
            importlib.import_module(name)
    collect_seldom()


def keep_freed_memory() -> None:
    """Keep freed memory in the process instead of giving it back to the system at once.

    A training step allocates and frees the same few hundred megabytes. By default glibc maps every
    large block anew and unmaps it after use, and the system fills each of its pages with zeros in
    between: on two cores that was a third of a step. C libraries without mallopt are left as they are.
    """
    with contextlib.suppress(OSError, AttributeError, TypeError):
        mallopt = ctypes.CDLL(None).mallopt
        mallopt(_M_MMAP_MAX, 0)
        mallopt(_M_TRIM_THRESHOLD, _NEVER)


def collect_seldom() -> None:
    """Search for unreachable objects less often, and not among what has been imported.

    Tracing a model makes a million small objects that stay, and Python searched all of them again and again: a tenth
    of the time of a training of a few hundred pairs.
    """
    gc.freeze()
    gc.set_threshold(_GARBAGE, *gc.get_threshold()[1:])
