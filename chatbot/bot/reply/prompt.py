"""Prompts in the form in which the encoder reads them."""

from collections.abc import Sequence
from dataclasses import dataclass

from chatbot.config import ModelConfig
from chatbot.text import fold, normalize
from chatbot.tokenizer import LONGEST_PIECE, Tokenizer


@dataclass(frozen=True)
class Prompt:
    """A prompt as the encoder reads it.

    Attributes:
        ids: Its tokens; none where nothing was said.
        truncated: Whether it was longer.
    """

    ids: Sequence[int]
    truncated: bool


def read_prompt(text: str, tokenizer: Tokenizer, config: ModelConfig) -> Prompt:
    """Read a prompt as the encoder does.

    Args:
        text: In any form that people write it in.
        tokenizer: Text to token ids.
        config: Has the number of tokens that the encoder reads.

    Returns:
        The tokens; the last ones of a prompt that is too long.
    """
    enough = config.max_prompt_tokens + 1
    ids = tokenizer.encode_end(fold(_end(text, enough * LONGEST_PIECE)), enough)
    return Prompt(ids[config.prompt_window], len(ids) == enough)


def _end(text: str, enough: int) -> str:
    """A normalized text, or only its end of more than twice as many characters as are needed."""
    size = 4 * enough
    while size < len(text):
        end = normalize(text[-size:])
        if len(end) > 2 * enough:
            return end
        size *= 2
    return normalize(text)
