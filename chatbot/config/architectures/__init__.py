"""The table of architectures: what can stand inside the encoder and the decoder, by name.

A new one is one entry here. Training, forecast, `info` and pictures walk this table and ask the entry.
"""

from collections.abc import Mapping

from chatbot.config.architectures.architecture import Architecture
from chatbot.config.architectures.recurrent import LSTM

#: By the names that manifests and the option `--architecture` have for them.
ARCHITECTURES: Mapping[str, Architecture] = {entry.name: entry for entry in (LSTM,)}
