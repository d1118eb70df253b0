"""Options that several commands share, and values that Typer has no type for."""

import re
from pathlib import Path
from typing import Annotated

import typer

Checkpoint = Annotated[
    Path | None,
    typer.Option(
        "--checkpoint",
        envvar="CHATBOT_CHECKPOINT",
        metavar="DIR",
        help="The bundle to use. Default: the newest under checkpoints/.",
        show_default=False,
    ),
]

_SECONDS = {"h": 3600.0, "m": 60.0, "s": 1.0}
_LONGEST = 10 * 365 * 24 * 3600.0
_DURATION = re.compile(r"(?:(\d+(?:\.\d+)?)h)?(?:(\d+(?:\.\d+)?)m)?(?:(\d+(?:\.\d+)?)s)?")


def parse_duration(text: str, option: str) -> float | None:
    """Seconds of a duration such as `90s`, `4m` or `1h30m`; None for `none`.

    Args:
        text: What was typed.
        option: The option it was typed for, for the message.

    Raises:
        typer.BadParameter: It is no duration, or zero.
    """
    if text == "none":
        return None
    match = _DURATION.fullmatch(text)
    parts = match.groups() if match else ()
    seconds = sum(float(part) * scale for part, scale in zip(parts, _SECONDS.values(), strict=False) if part)
    if not 0 < seconds <= _LONGEST:
        raise typer.BadParameter(f"{text!r} is not a duration; write 90s, 4m, 1h30m or none", param_hint=option)
    return seconds


def say_duration(seconds: float) -> str:
    """A duration for people: `45 s`, `3 min 20 s`, `2 h 5 min`."""
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s"
    return f"{whole // 3600} h {whole % 3600 // 60} min"
