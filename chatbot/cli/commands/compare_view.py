"""The view of two bots' replies on a terminal."""

from rich.console import Console
from rich.table import Table
from rich.text import Text

from chatbot.bot.reply.reply_object import Reply
from chatbot.cli.commands.comparison import PromptComparison

#: Columns of a terminal on which two replies side by side are still read with ease.
_WIDE_ENOUGH = 50
_SAME = "the same"


class Stacked:
    """A line for the prompt and one for each reply."""

    def __init__(self, console: Console, names: tuple[str, str], typed: bool) -> None:
        """Begin with nothing shown.

        Args:
            console: Where to show it.
            names: What the bots are called.
            typed: Whether the prompts are there already, because a person typed them.
        """
        self._console = console
        self._names = names
        self._typed = typed

    def __call__(self, comparison: PromptComparison) -> None:
        """Show one prompt with its replies."""
        if not self._typed:
            self._console.print(Text(f"prompt: {comparison.prompt}", style="bold"))
        for name, reply in zip(self._names, _say_both(comparison), strict=True):
            self._console.print(Text.assemble((f"{name}: ", "cyan"), reply))
        _print_expected(self._console, comparison)


class SideBySide:
    """A column for each bot; where the terminal is narrow, as `Stacked` does."""

    def __init__(self, console: Console, names: tuple[str, str], typed: bool) -> None:
        """See `Stacked`."""
        self._console = console
        self._names = names
        self._typed = typed
        self._stacked = Stacked(console, names, typed)
        self._begun = False

    def __call__(self, comparison: PromptComparison) -> None:
        """Show one prompt with its replies, and the names of the bots above the first."""
        if self._console.width < _WIDE_ENOUGH:
            return self._stacked(comparison)
        if not self._begun:
            self._row(*(Text(name, style="bold cyan") for name in self._names))
            self._begun = True
        if not self._typed:
            self._console.print(Text(comparison.prompt, style="bold"))
        first, second = _say_both(comparison)
        self._row(first, Text(_SAME, style="dim") if comparison.same else second)
        return _print_expected(self._console, comparison)

    def _row(self, *cells: Text) -> None:
        grid = Table.grid(padding=(0, 2), expand=True)
        for _ in cells:
            grid.add_column(ratio=1, overflow="fold")  # a reply may have no spaces
        grid.add_row(*cells)
        self._console.print(grid)


def _say_both(comparison: PromptComparison) -> tuple[Text, Text]:
    first, second = comparison.right or (None, None)
    return _say(comparison.first, first), _say(comparison.second, second)


def _say(reply: Reply, right: bool | None) -> Text:
    confidence = "" if reply.confidence is None else f" {reply.confidence:.0%}"
    verdict = ("", "") if right is None else (" right", "green") if right else (" wrong", "red")
    return Text.assemble(reply.text, (confidence, "dim"), verdict)


def _print_expected(console: Console, comparison: PromptComparison) -> None:
    """The expected reply where neither bot gave it."""
    if comparison.right == (False, False):
        console.print(Text(f"expected: {' / '.join(comparison.recorded)}", style="dim"))
