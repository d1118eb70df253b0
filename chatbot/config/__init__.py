"""Every setting, as frozen dataclasses that travel to and from JSON strictly (`chatbot.config.base`)."""

from chatbot.config.decoding import LENGTH_PENALTY, MOST_HELD, MOST_HYPOTHESES, MOST_TOKENS, DecodingConfig
from chatbot.config.fallback import FallbackConfig, FallbackOptions
from chatbot.config.model import (
    ATTENTIONS,
    EOS,
    EOS_PIECE,
    GO,
    PAD,
    PRESETS,
    UNK,
    ModelConfig,
    ModelShape,
    choose_preset,
    preset_of,
)
from chatbot.config.training import PRECISIONS, TrainingConfig

__all__ = [
    "ATTENTIONS",
    "EOS",
    "EOS_PIECE",
    "GO",
    "LENGTH_PENALTY",
    "MOST_HELD",
    "MOST_HYPOTHESES",
    "MOST_TOKENS",
    "PAD",
    "PRECISIONS",
    "PRESETS",
    "UNK",
    "DecodingConfig",
    "FallbackConfig",
    "FallbackOptions",
    "ModelConfig",
    "ModelShape",
    "TrainingConfig",
    "choose_preset",
    "preset_of",
]
