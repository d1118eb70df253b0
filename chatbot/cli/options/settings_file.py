"""The settings file: TOML, checked against the options that there are.

Keys at the top are for every command that has the option, those of a table for the command of
that name:

    beam = 5

    [train]
    max-time = "20m"
"""

import sys
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from chatbot.cli.options.commands_and_options import Interface, Words
from chatbot.config.base import show
from chatbot.errors import ConfigError
from chatbot.text import nearest_name

#: Bytes; the parser takes long over long keys, and all options there are take up less.
_LONGEST = 32 << 10
_KINDS = {
    "int": ((int,), "a whole number"),
    "float": ((int, float), "a number"),
    "bool": ((bool,), "true or false"),
    "str": ((str,), "a text in quotes"),
    "path": ((str,), "a path in quotes"),
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
    """A settings file.

    Attributes:
        path: Of the file.
    """

    def __init__(self, path: Path, text: str) -> None:
        """Parse the text of a file.

        Args:
            path: The file, for messages.
            text: TOML.

        Raises:
            ConfigError: It is not TOML.
        """
        self.path = path
        try:
            self._leaves = list(_leaves(tomllib.loads(text)))
        except RecursionError:
            raise ConfigError(f"{path}: not TOML: nested too deep") from None
        except ValueError as error:
            raise ConfigError(f"{path}: not TOML: {error}") from None
        self._values = {tuple(map(_name, keys)): (keys, value) for keys, value in self._leaves}

    @classmethod
    def read(cls, path: Path) -> Self:
        """Read a file.

        Args:
            path: The file.

        Returns:
            The settings, parsed and not yet checked.

        Raises:
            ConfigError: It cannot be read, or is not TOML.
        """
        try:
            with path.open("rb") as file:
                content = file.read(_LONGEST + 1)
            if len(content) > _LONGEST:
                raise ConfigError(f"{path}: more than {_LONGEST >> 10} KiB, which is no configuration file")
            return cls(path, content.decode("utf-8-sig"))
        except OSError as error:
            raise ConfigError(f"{path}: cannot be read: {error.strerror or error}") from None
        except UnicodeDecodeError:
            raise ConfigError(f"{path}: cannot be read: it is not UTF-8") from None

    def check(self, interface: Interface) -> None:
        """Check that every key is an option of the interface and every value of its kind.

        Raises:
            ConfigError: One is not; the message has its table and key.
        """
        for keys, value in self._leaves:
            above = keys if value == {} else keys[:-1]
            table = tuple(map(_name, above))
            reached = {path: kinds for path, kinds in interface.items() if path[: len(table)] == table}
            if not reached:
                raise ConfigError(f"{self.path}: there is no command {show(' '.join(table))}")
            if value != {}:
                self._check_value(keys, value, reached)

    def _check_value(self, keys: Words, value: Any, reached: Interface) -> None:
        """See that a key is an option of one of the commands that its table reaches.

        Raises:
            ConfigError: It is not, or the value is not of its kind, or the option is set twice.
        """
        *tables, key = map(_name, keys)
        wanted = [kinds[key] for kinds in reached.values() if key in kinds]
        if not wanted:
            near = nearest_name(key, sorted({one for kinds in reached.values() for one in kinds}))
            meant = f"; did you mean {near}?" if near else ""
            raise ConfigError(f"{self._place(keys[:-1])} unknown key {show(keys[-1])}{meant}")
        for kind in wanted:
            if not _fits(value, kind):
                raise ConfigError(f"{self._place(keys[:-1], keys[-1])} must be {_KINDS[kind][1]}, not {show(value)}")
        last, _ = self._values[*tables, key]
        if last != keys:
            raise ConfigError(f"{self._place(last[:-1], last[-1])} is set already, as {keys[-1]}")

    def find(self, command: Words, name: str) -> Setting | None:
        """The setting of an option of a command, in its table or in one above, if it is there.

        Args:
            command: The command.
            name: Of the option, with underscores.
        """
        for length in range(len(command), -1, -1):
            found = self._values.get((*command[:length], name))
            if found is not None:
                keys, value = found
                return Setting(value, self._place(keys[:-1], keys[-1]))
        return None

    def _place(self, tables: Words, *key: str) -> str:
        """The file and a table, perhaps with a key: `config.toml: [corpus.import] gap`."""
        return " ".join([f"{self.path}:", *([f"[{'.'.join(tables)}]"] if tables else []), *key])


def _leaves(table: Mapping[str, Any], above: Words = ()) -> Iterator[tuple[Words, Any]]:
    """The values of a table and of those in it, each with the keys that lead to it; an empty table is one."""
    for key, value in table.items():
        if isinstance(value, dict) and value:
            yield from _leaves(value, (*above, key))
        else:
            yield (*above, key), value


def _name(key: str) -> str:
    return key.replace("-", "_")


def _fits(value: object, kind: str) -> bool:
    types, _ = _KINDS[kind]
    if kind == "float" and isinstance(value, int):  # as large a number as a float can be
        return not isinstance(value, bool) and abs(value) <= sys.float_info.max
    return isinstance(value, types) and (bool in types or not isinstance(value, bool))
