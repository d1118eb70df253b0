"""TensorFlow, Keras and tensorflow-text, imported in one place and without their chatter.

Of TensorFlow's inner parts only those are named for which it has no public name.
"""

import contextlib
import ctypes
import os

from chatbot.inference.native_stderr import quiet_native_stderr

#: Parameters of glibc's mallopt(3).
_M_TRIM_THRESHOLD, _M_MMAP_MAX = -1, -4
_NEVER = 2**31 - 1


def keep_freed_memory() -> None:
    """Let freed memory be used again instead of being given back to the system at once.

    A training step takes and frees the same few hundred megabytes. glibc maps every large block
    anew and unmaps it after use, and the system fills each of its pages with zeros in between: on
    two cores that was a third of a step. C libraries without mallopt are left as they are.
    """
    with contextlib.suppress(OSError, AttributeError, TypeError):
        mallopt = ctypes.CDLL(None).mallopt
        mallopt(_M_MMAP_MAX, 0)
        mallopt(_M_TRIM_THRESHOLD, _NEVER)


# Read by the libraries when they are imported. The backend is no choice here: the step models
# are exported through TensorFlow, whatever a person's keras.json says.
os.environ["KERAS_BACKEND"] = "tensorflow"
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

keep_freed_memory()

with quiet_native_stderr():
    import keras
    import tensorflow as tf
    import tensorflow_text as tf_text
    from tensorflow.python.eager.context import context as tf_context

__all__ = ["keras", "tf", "tf_context", "tf_text"]
