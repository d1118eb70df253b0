"""The states of the encoder and of the decoder, a token at a time, as plain data."""

from dataclasses import asdict, dataclass
from typing import Any

#: Shares of attention by block, by head and by the token that is looked at.
HeadShares = tuple[tuple[tuple[float, ...], ...], ...]


@dataclass(frozen=True)
class TokenState:
    """The state after a token.

    Attributes:
        token: The piece that was read, `▁` for a space; `<go>` is the decoder's first.
        id: Its number in the vocabulary.
        numbers: The state, those of all layers one behind the other.
        moved: The length of the change over the length of the state before or of the new one, whichever is longer: 0
            where nothing changed, 1 for the first token of the encoder.
        cosine: Of the encoder's states that with the last one, which is the sentence vector; of the decoder's that with
            the one that it started from; in -1..1.
    """

    token: str
    id: int
    numbers: tuple[float, ...]
    moved: float
    cosine: float


@dataclass(frozen=True)
class States:
    """The states of both halves.

    Attributes:
        encoder: After each token of the prompt, as the sentence vector of the prompt up to it.
        decoder: After each token that the decoder was given: `<go>`, then those of the reply but the last.
    """

    encoder: tuple[TokenState, ...]
    decoder: tuple[TokenState, ...]

    def to_json(self) -> dict[str, Any]:
        """Return the states as a JSON object."""
        return asdict(self)
