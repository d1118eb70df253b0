"""The console of tables, pictures and conversations, which shows texts of others and never obeys them."""

from collections.abc import Iterable
from typing import Any

from rich.console import Console, ConsoleOptions, RenderableType
from rich.segment import Segment

from chatbot.text import visible


class TextConsole(Console):
    """A console on which every text is data: no markup, no emoji codes, and nothing that steers a terminal."""

    def __init__(self, **options: Any) -> None:
        """Open it.

        Args:
            options: Of `rich.console.Console`.
        """
        super().__init__(**{"highlight": False, "markup": False, "emoji": False} | options)

    def render(self, renderable: RenderableType, options: ConsoleOptions | None = None) -> Iterable[Segment]:
        """See `rich.console.Console.render`; its texts are `visible`.

        Args:
            renderable: What is drawn.
            options: The room there is for it; None for the whole console.
        """
        for segment in super().render(renderable, options):
            if segment.control or segment.text.isprintable():
                yield segment
            else:
                yield Segment(visible(segment.text), segment.style)
