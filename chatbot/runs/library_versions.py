"""Versions of this program, of Python and of the libraries that decide what is learned and written."""

import platform
from importlib.metadata import version

from chatbot import __version__

_LIBRARIES = ("tensorflow", "tensorflow-text", "keras", "ai-edge-litert", "sentencepiece", "numpy")


def versions() -> dict[str, str]:
    """The versions of this program, of Python, and of the libraries that decide what is learned and written.

    Returns:
        Versions by name.
    """
    known = {name: version(name) for name in _LIBRARIES}
    return {"chatbot": __version__, "python": platform.python_version(), **known}
