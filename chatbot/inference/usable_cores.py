"""The number of processor cores that this process may keep busy."""

import contextlib
import math
import os
from collections.abc import Iterator
from pathlib import Path

_GROUPS = Path("/sys/fs/cgroup")
_OF_THIS_PROCESS = Path("/proc/self/cgroup")


def usable_cores(groups: Path = _GROUPS, own: Path = _OF_THIS_PROCESS) -> int:
    """Return the number of cores of the process's affinity, and no more than its control groups pay for; at least 1.

    Args:
        groups: Where the system shows its control groups, of version 2 or 1.
        own: The file that names those of the process.
    """
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return max(1, min([cores, *(math.ceil(quota) for quota in _quotas(groups, own))]))


def _quotas(groups: Path, own: Path) -> Iterator[float]:
    """The cores that each control group above the process may use, of those that have a limit."""
    named = ["0::/"]
    with contextlib.suppress(OSError, UnicodeDecodeError):
        named += own.read_text().splitlines()
    for line in named:
        _, controllers, path = (*line.split(":", 2), "", "")[:3]
        if controllers and "cpu" not in controllers.split(","):
            continue
        root = groups / controllers if controllers else groups
        inner = root / path.lstrip("/")
        for folder in (inner, *inner.parents):
            if not folder.is_relative_to(root):
                break
            with contextlib.suppress(OSError, ValueError, ZeroDivisionError):
                yield _quota(folder, bool(controllers))


def _quota(folder: Path, version_1: bool) -> float:
    """Cores of a control group.

    Raises:
        OSError, ValueError, ZeroDivisionError: It has no limit.
    """
    if version_1:
        quota, period = ((folder / f"cpu.cfs_{name}_us").read_text() for name in ("quota", "period"))
    else:
        quota, period = (folder / "cpu.max").read_text().split()
    cores = int(quota) / int(period)
    if cores <= 0:
        raise ValueError("no limit")
    return cores
