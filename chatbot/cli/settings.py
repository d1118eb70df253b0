"""Options that nobody typed: environment variables and the configuration file.

The file is TOML. Keys at the top are for every command that has the option, those of a table
for the command of that name:

    beam = 5

    [train]
    max-time = "20m"

Variables are called `CHATBOT_<OPTION>`, or `CHATBOT_<COMMAND>_<OPTION>` for one command. What
is said for one command outranks what is said for all, and the environment outranks the file.
"""

import functools
import os
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any, Self

from chatbot.errors import ConfigError

PREFIX = "CHATBOT_"
#: Name the configuration file, or forbid it.
FILE_VARIABLE, NO_FILE_VARIABLE = "CHATBOT_CONFIG", "CHATBOT_NO_CONFIG"

#: A command by the words that call it, such as `("corpus", "import")`.
Words = tuple[str, ...]
#: The kinds of values that the options of each command take, by their names with underscores.
Interface = Mapping[Words, Mapping[str, str]]

_KINDS = {
    "int": ((int,), "a whole number"),
    "float": ((int, float), "a number"),
    "bool": ((bool,), "true or false"),
    "str": ((str,), "a text in quotes"),
    "path": ((str,), "a path in quotes"),
}


@dataclass(frozen=True)
class Setting:
    """A value for an option.

    Attributes:
        value: As found: a string from the environment, a TOML value from the file.
        source: `environment` or `file`.
    """

    value: Any
    source: str
    #: Of the file only errors and `chatbot config` want to know the line, which takes a while.
    _locate: Callable[[], str] = field(repr=False, compare=False)

    @property
    def place(self) -> str:
        """The variable, or file and line."""
        return self._locate()

    def with_value(self, value: Any) -> Self:
        """Another value from the same place."""
        return replace(self, value=value)


class ConfigFile:
    """A configuration file, checked against the options that there are."""

    def __init__(self, path: Path, text: str) -> None:
        """Parse it.

        Raises:
            ConfigError: It is not TOML; the message has the line.
        """
        self.path = path
        self._lines = text.splitlines(keepends=True)
        try:
            self._content = _parse(text)
        except ValueError as error:
            line = re.search(r"at line (\d+)", str(error))
            where = int(line.group(1)) if line else len(self._lines)
            raise ConfigError(f"{path}:{where}: not TOML: {error}") from None

    @classmethod
    def read(cls, path: Path) -> "ConfigFile":
        """Read a file.

        Raises:
            ConfigError: It cannot be read, or is not TOML.
        """
        try:
            return cls(path, path.read_text(encoding="utf-8-sig"))
        except OSError as error:
            raise ConfigError(f"{path}: cannot be read: {error.strerror or error}") from None
        except UnicodeDecodeError:
            raise ConfigError(f"{path}: cannot be read: it is not UTF-8") from None

    def check(self, interface: Interface) -> None:
        """See that every key is an option and every value of its kind.

        Raises:
            ConfigError: One is not; the message has the line.
        """
        for keys, value in _leaves(self._content):
            above = keys if value == {} else keys[:-1]
            table = tuple(map(_name, above))
            reached = {path: kinds for path, kinds in interface.items() if path[: len(table)] == table}
            if not reached:
                raise self._error(above, f"there is no command {' '.join(table)!r}")
            if value == {}:
                continue
            name = _name(keys[-1])
            wanted = [kinds[name] for kinds in reached.values() if name in kinds]
            if not wanted:
                raise self._error(keys, f"unknown key {keys[-1]!r}{_guess(name, reached)}")
            for kind in wanted:
                if not _fits(value, kind):
                    raise self._error(keys, f"{keys[-1]} must be {_KINDS[kind][1]}, not {value!r}")
        self._refuse_twins()

    def find(self, table: Words, name: str) -> Setting | None:
        """The setting of an option in a table, if it is there."""
        if (*table, name) not in self._values:
            return None
        keys, value = self._values[*table, name]
        return Setting(value, "file", lambda: f"{self.path}:{self.line(keys)}")

    def line(self, keys: Words) -> int:
        """The line where a key is set, or a table begins, from 1.

        The parser does not say. But the text up to some line is TOML without the key, and that
        up to the end of its value is TOML with it; the key begins after the last of the former.
        """
        before = 0
        for end in range(1, len(self._lines) + 1):
            try:
                content = _parse("".join(self._lines[:end]))
            except ValueError:
                continue
            if _has(content, keys):
                break
            before = end
        return before + 1

    @cached_property
    def _values(self) -> dict[Words, tuple[Words, Any]]:
        return {tuple(map(_name, keys)): (keys, value) for keys, value in _leaves(self._content)}

    def _refuse_twins(self) -> None:
        for keys, _ in _leaves(self._content):
            kept, _ = self._values[tuple(map(_name, keys))]
            if kept != keys:
                raise self._error(kept, f"{kept[-1]} is set already, as {keys[-1]}")

    def _error(self, keys: Words, message: str) -> ConfigError:
        return ConfigError(f"{self.path}:{self.line(keys)}: {message}")


@dataclass(frozen=True)
class Settings:
    """What the environment and the file say.

    Attributes:
        environment: Variables by name.
        file: The configuration file, or None.
    """

    environment: Mapping[str, str]
    file: ConfigFile | None

    def find(self, command: Words, option: str) -> Setting | None:
        """The setting of an option, if there is one; an empty variable is none.

        Args:
            command: Whose option it is.
            option: Its name with underscores.
        """
        tables = [command[:length] for length in range(len(command), -1, -1)]
        for table in tables:
            variable = PREFIX + "_".join((*table, option)).upper()
            if value := self.environment.get(variable):
                return Setting(value, "environment", functools.partial(str, variable))
        found = (self.file.find(table, option) for table in tables) if self.file is not None else ()
        return next(filter(None, found), None)

    def unknown_variables(self, interface: Interface) -> list[str]:
        """Variables with our prefix that no option has."""
        known = {FILE_VARIABLE, NO_FILE_VARIABLE}
        for command, kinds in interface.items():
            tables = ["_".join((*command[:length], "")) for length in range(len(command) + 1)]
            known |= {f"{PREFIX}{table}{name}".upper() for table in tables for name in kinds}
        return sorted(name for name in self.environment if name.startswith(PREFIX) and name not in known)


def default_file() -> Path:
    """Where the configuration file is if nobody says otherwise."""
    from platformdirs import user_config_path

    return user_config_path("chatbot") / "config.toml"


def load(environment: Mapping[str, str], interface: Interface, file: Path | None) -> Settings:
    """Read the settings.

    Args:
        environment: Variables by name.
        interface: The options that there are.
        file: The configuration file, which may be missing where it is the default one; None for none.

    Raises:
        ConfigError: The file cannot be read, is not TOML, or has a key or a value that no option takes.
    """
    if file is None:
        return Settings(environment, None)
    try:
        read = ConfigFile.read(file)
    except ConfigError:
        if not os.path.lexists(file) and file == default_file():
            return Settings(environment, None)
        raise
    read.check(interface)
    return Settings(environment, read)


def _parse(text: str) -> dict[str, Any]:
    import tomllib  # few have a file, and the others need not wait for it

    return tomllib.loads(text)


def _leaves(table: Mapping[str, Any], above: Words = ()) -> Iterator[tuple[Words, Any]]:
    """The values of a table and of those in it, each with the keys that lead to it; an empty table is one."""
    for key, value in table.items():
        if isinstance(value, dict) and value:
            yield from _leaves(value, (*above, key))
        else:
            yield (*above, key), value


def _has(table: Any, keys: Words) -> bool:
    """Whether keys lead to something."""
    for key in keys:
        if not isinstance(table, dict) or key not in table:
            return False
        table = table[key]
    return True


def _name(key: str) -> str:
    return key.replace("-", "_")


def _fits(value: object, kind: str) -> bool:
    types, _ = _KINDS[kind]
    return isinstance(value, types) and (bool in types or not isinstance(value, bool))


def _guess(name: str, reached: Interface) -> str:
    from difflib import get_close_matches

    near = get_close_matches(name, {option for kinds in reached.values() for option in kinds}, 1)
    return f"; did you mean {near[0]}?" if near else ""
