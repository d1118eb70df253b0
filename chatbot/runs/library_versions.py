"""Versions of this program, of Python and of the libraries that decide what is learned and written."""

import platform
from importlib.metadata import PackageNotFoundError, packages_distributions, version

from chatbot import __version__

_LIBRARIES = ("tensorflow", "tensorflow-text", "keras", "ai-edge-litert", "sentencepiece", "numpy")


def versions() -> dict[str, str]:
    """The versions of this program, of Python, and of the libraries that decide what is learned and written.

    Returns:
        Versions by name.
    """
    known = {name: _version(name) for name in _LIBRARIES}
    return {"chatbot": __version__, "python": platform.python_version(), **known}


def _version(name: str) -> str:
    """The version of a library, which may be installed under another name: tensorflow as tensorflow-cpu, say."""
    try:
        return version(name)
    except PackageNotFoundError:
        return version(packages_distributions()[name.replace("-", "_")][0])
