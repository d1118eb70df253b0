"""Bars in colours that the terminal's own theme sets, as all else that is coloured."""

import os

from rich.console import Console
from rich.theme import Theme

BARS = Theme({"bar.back": "bright_black", "bar.complete": "cyan", "bar.finished": "green", "bar.pulse": "cyan"})


def can_redraw(console: Console) -> bool:
    """Whether a bar can move on what a console writes to."""
    return console.is_terminal and not console.is_dumb_terminal


def can_draw() -> bool:
    """Whether bars, shades and boxes are shown: not where `TERM` names a terminal that can show text alone."""
    return os.environ.get("TERM", "").lower() not in {"dumb", "unknown"}
