"""Silence for native libraries that write to the screen."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from chatbot.inference.fork_safe_lock import ForkSafeLock

_LOCK = ForkSafeLock()


@contextmanager
def quiet_native_stderr() -> Iterator[None]:
    """Discard what C++ code writes to file descriptor 2 inside the block.

    LiteRT announces its delegate and TensorFlow its converter's passes there, with no setting
    that stops them. Python's own errors are raised as ever. What other threads write there in that moment, some
    milliseconds when a thread first runs a model, is lost as well; docs/reference/python.md says so.
    """
    if sys.stderr is None:  # closed by the shell: nothing can be seen
        yield
        return
    # The descriptor belongs to the whole process: two threads at once would restore the wrong one.
    with _LOCK:
        sys.stderr.flush()
        kept = os.dup(2)
        try:
            with open(os.devnull, "wb") as nowhere:
                os.dup2(nowhere.fileno(), 2)
            yield
        finally:
            sys.stderr.flush()
            os.dup2(kept, 2)
            os.close(kept)
