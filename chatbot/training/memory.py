"""How the C library hands out memory while training."""

import contextlib
import ctypes

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
