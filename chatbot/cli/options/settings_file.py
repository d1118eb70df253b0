"""The settings file: TOML, checked against the options that there are.

Keys at the top are for every command that has the option, those of a table for the command of
that name:

    beam = 5

    [train]
    max-time = "20m"
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from chatbot.cli.options.command_introspection import Interface, Words
from chatbot.config.base import has_type, show
from chatbot.errors import ConfigError
from chatbot.text import nearest_name

#: Bytes; the parser takes long over long keys, and all options there are take up less.
_LONGEST = 32 << 10
_KINDS = {
    "int": (int, "a whole number"),
    "float": (float, "a number"),
    "bool": (bool, "true or false"),
    "str": (str, "a text in quotes"),
    "path": (str, "a path in quotes"),
    "texts": (tuple[str, ...], "a text in quotes, or a list of them"),
}


@dataclass(frozen=True)
class Setting:
    """A value of the file.

    Attributes:
        value: As TOML has it.
        place: File, table and key.
    """

    value: Any
    place: str


class SettingsFile:
    """A settings file in which every key is an option and every value of its kind.

    Attributes:
        path: Of the file.
    """

    def __init__(self, path: Path, text: str, interface: Interface) -> None:
        """Parse the text of a file and check it.

        Args:
            path: The file, for messages.
            text: TOML.
            interface: The options that there are.

        Raises:
            ConfigError: It is not TOML, or has something that no option takes; the message has table and key.
        """
        self.path = path
        self._settings: dict[Words, Setting] = {}
        try:
            table = tomllib.loads(text)
        except RecursionError:
            raise ConfigError(f"{path}: not TOML: nested too deep") from None
        except ValueError as error:
            raise ConfigError(f"{path}: not TOML: {error}") from None
        self._take(table, (), interface)

    @classmethod
    def read(cls, path: Path, interface: Interface) -> Self:
        """Read a file.

        Args:
            path: The file.
            interface: The options that there are.

        Returns:
            The settings.

        Raises:
            ConfigError: It cannot be read, is not TOML, or has something that no option takes.
        """
        try:
            with path.open("rb") as file:
                content = file.read(_LONGEST + 1)
            if len(content) > _LONGEST:
                raise ConfigError(f"{path}: more than {_LONGEST >> 10} KiB, which is no configuration file")
            return cls(path, content.decode("utf-8-sig"), interface)
        except OSError as error:
            raise ConfigError(f"{path}: cannot be read: {error.strerror or error}") from None
        except UnicodeDecodeError:
            raise ConfigError(f"{path}: cannot be read: it is not UTF-8") from None

    def _take(self, table: Mapping[str, Any], above: Words, interface: Interface) -> None:
        """Keep the values of a table and of those in it.

        Args:
            table: As TOML has it.
            above: The keys that lead to it, which are the words of a command or the first of them.
            interface: The options of the commands that the table around it reaches.

        Raises:
            ConfigError: It reaches no command, or has a value that no option of them takes.
        """
        reached = {path: kinds for path, kinds in interface.items() if path[: len(above)] == above}
        if not reached:
            raise ConfigError(f"{self.path}: there is no command {show(' '.join(above))}")
        for key, value in table.items():
            if isinstance(value, dict):
                self._take(value, (*above, key), reached)
                continue
            name, place = _name(key), self._place(above, key)
            wanted = [kinds[name] for kinds in reached.values() if name in kinds]
            if not wanted:
                near = nearest_name(name, sorted({one for kinds in reached.values() for one in kinds}))
                meant = f"; did you mean {near}?" if near else ""
                raise ConfigError(f"{self._place(above)} unknown key {show(key)}{meant}")
            for kind, words in (_KINDS[one] for one in wanted):
                if not has_type([value] if kind == tuple[str, ...] and isinstance(value, str) else value, kind):
                    raise ConfigError(f"{place} must be {words}, not {show(value)}")
            first = next(one for one in table if _name(one) == name)
            if first != key:
                raise ConfigError(f"{place} is set already, as {first}")
            self._settings[*above, name] = Setting(value, place)

    def find(self, command: Words, name: str) -> Setting | None:
        """The setting of an option of a command, in its table or in one above, if it is there.

        Args:
            command: The command.
            name: Of the option, with underscores.
        """
        keys = ((*command[:length], name) for length in range(len(command), -1, -1))
        return next((self._settings[key] for key in keys if key in self._settings), None)

    def _place(self, tables: Words, *key: str) -> str:
        """The file and a table, perhaps with a key: `config.toml: [corpus.import] gap`."""
        return " ".join([f"{self.path}:", *([f"[{'.'.join(tables)}]"] if tables else []), *key])


def _name(key: str) -> str:
    return key.replace("-", "_")
