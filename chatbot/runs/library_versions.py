"""Which versions of this program and of what it stands on are at work."""

import platform
from importlib.metadata import version

import chatbot

_LIBRARIES = ("tensorflow", "tensorflow-text", "keras", "ai-edge-litert", "sentencepiece", "numpy")


def versions() -> dict[str, str]:
    """By name: this program, Python, and the libraries that decide what is learned and written."""
    known = {name: version(name) for name in _LIBRARIES}
    return {"chatbot": chatbot.__version__, "python": platform.python_version(), **known}
