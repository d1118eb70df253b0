"""The rules by which turns become pairs: whose replies, how much silence, how much context."""

from dataclasses import dataclass


@dataclass(frozen=True)
class PairingRules:
    """The rules by which turns become pairs.

    Attributes:
        speaker: Whose replies to learn; None learns everyone's.
        gap: Seconds of silence that end a conversation; None for no end.
        context: Turns before the prompt that it carries.
        redact: Whether tokens take the place of personal data.
        html: Whether HTML entities and tags are decoded.
    """

    speaker: str | None = None
    gap: float | None = 6 * 3600.0
    context: int = 0
    redact: bool = False
    html: bool = False
