"""Bars in colours that the terminal's own theme sets, as all else that is coloured."""

from rich.theme import Theme

BARS = Theme({"bar.back": "bright_black", "bar.complete": "cyan", "bar.finished": "green", "bar.pulse": "cyan"})
