"""Commands that are imported when they are called, or when their help page is asked for."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple


class CommandRow(NamedTuple):
    """A command as its group knows it before it is imported.

    Attributes:
        name: The word that calls it.
        target: Module and name of its function, or of the group that it is, with a colon between.
        summary: The first sentence of its help page, for the list of commands.
        no_args_is_help: Whether it shows its help page where it is called without anything.
    """

    name: str
    target: str
    summary: str
    no_args_is_help: bool = False


class LazyCommands(Mapping[str, Any]):
    """The commands of a group by their names; each is built when it is first looked up."""

    def __init__(self, rows: Sequence[CommandRow], build: Callable[[CommandRow], Any]) -> None:
        """Keep the rows.

        Args:
            rows: The commands in the order of the list.
            build: Imports the command of a row and makes its options.
        """
        self._rows = {row.name: row for row in rows}
        self._build = build
        self._built: dict[str, Any] = {}

    def __getitem__(self, name: str) -> Any:
        """The command, with its options.

        Raises:
            KeyError: There is no such command.
        """
        if name not in self._built:
            self._built[name] = self._build(self._rows[name])
        return self._built[name]

    def __iter__(self) -> Iterator[str]:
        """The names."""
        return iter(self._rows)

    def __len__(self) -> int:
        """The number of commands."""
        return len(self._rows)

    def __contains__(self, name: object) -> bool:
        """Whether there is such a command."""
        return name in self._rows
