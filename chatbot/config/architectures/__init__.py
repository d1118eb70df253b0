"""The table of architectures: what can stand inside the encoder and the decoder, by name.

A new one is one entry here. Training, forecast, `info` and pictures walk this table and ask the entry.
"""

from collections.abc import Mapping

from chatbot.config.architectures.architecture import Architecture
from chatbot.config.architectures.recurrent import GRU, LSTM
from chatbot.config.architectures.transformer import TRANSFORMER

_ENTRIES: dict[str, Architecture] = {entry.name: entry for entry in (LSTM, GRU, TRANSFORMER)}
#: By the names that manifests and the option `--architecture` have for them.
ARCHITECTURES: Mapping[str, Architecture] = _ENTRIES


def register(architecture: Architecture) -> None:
    """Add an architecture from outside the package, before `chatbot.cli` or `chatbot.training` is imported.

    Args:
        architecture: The entry; it replaces one of the same name.
    """
    _ENTRIES[architecture.name] = architecture
