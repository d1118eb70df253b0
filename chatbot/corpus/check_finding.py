"""A finding on a corpus, with its verdict and its advice."""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any


class Verdict(StrEnum):
    """From nothing to do to nothing to train on."""

    GOOD = "good"
    NOTE = "note"
    WARNING = "warning"
    FAILURE = "failure"


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at.

    Attributes:
        check: What.
        verdict: Whether something is to be done.
        found: For people.
        advice: What to do, or empty.
        data: For programs: numbers, and texts to show.
    """

    check: str
    verdict: Verdict
    found: str
    advice: str = ""
    data: dict[str, Any] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """Return the finding as a JSON object."""
        return {
            "check": self.check,
            "verdict": self.verdict.value,
            "found": self.found,
            "advice": self.advice,
            "data": self.data,
        }
