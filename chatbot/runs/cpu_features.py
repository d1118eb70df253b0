"""The packages and the instructions of the processor that training needs."""

import importlib.util
import platform
from collections.abc import Mapping, Sequence
from pathlib import Path

from chatbot.errors import TrainingError

#: Where Linux says what the processor can do.
CPUINFO = Path("/proc/cpuinfo")
_INTEL = {"x86_64", "amd64"}


def read_flags(file: Path = CPUINFO) -> frozenset[str]:
    """The names of the instruction sets, as Linux has them; none where it does not say.

    Args:
        file: Where to read.
    """
    try:
        with file.open(encoding="utf-8", errors="replace") as lines:
            for line in lines:
                name, _, value = line.partition(":")
                if name.strip() == "flags":
                    return frozenset(value.split())
    except OSError:  # no Linux
        pass
    return frozenset()


def check_for_tensorflow(
    machine: str | None = None,
    flags: frozenset[str] | None = None,
    found: Mapping[str, bool] | None = None,
    packages: Sequence[str] = ("tensorflow", "keras", "tensorflow_text"),
) -> None:
    """Refuse where TensorFlow is not installed, or its import would end in an illegal instruction, without a word.

    Args:
        machine: The architecture; None for that of this machine.
        flags: See `read_flags`; None for those of this machine.
        found: The instruction sets that NumPy found by asking the processor itself, which an emulator answers
            for the one that it emulates; None for those of this machine.
        packages: What only training needs.

    Raises:
        TrainingError: A package is missing, or the processor is of Intel's kind and has no AVX.
    """
    for name in packages:
        if importlib.util.find_spec(name) is None:
            raise TrainingError(
                f"{name} is not installed here, which only training needs; install all of it with: pip install ."
            )
    machine = platform.machine() if machine is None else machine
    if machine.lower() not in _INTEL:
        return
    flags = read_flags() if flags is None else flags
    found = _ask_numpy() if found is None else found
    if (flags and "avx" not in flags) or not found.get("AVX", True):
        raise TrainingError(
            "this processor has no AVX instructions, which TensorFlow needs to train; train on another machine and"
            " copy the bundle here (a virtual machine may hide AVX: let it have the processor of its host)"
        )


def _ask_numpy() -> Mapping[str, bool]:
    try:  # it has no public name, so it may go
        return dict(importlib.import_module("numpy._core._multiarray_umath").__cpu_features__)
    except (ImportError, AttributeError):
        return {}
