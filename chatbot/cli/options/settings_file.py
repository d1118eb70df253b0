"""The configuration file, checked against the options that there are."""

import re
import sys
from bisect import bisect_left
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any, Self

from chatbot.config.base import show
from chatbot.errors import ConfigError

#: A command by the words that call it, such as `("corpus", "import")`.
Words = tuple[str, ...]
#: The kinds of values that the options of each command take, by their names with underscores.
Interface = Mapping[Words, Mapping[str, str]]

#: Bytes; the parser takes long over long keys, and all options there are take up less.
_LONGEST = 32 << 10
#: What decides where an entry ends: texts and comments, which may hold brackets, then brackets and line ends.
_TOKEN = re.compile(
    r'"""(?:[^"\\]|\\.|"(?!""))*"{3,5}|'
    r"'''(?:[^']|'(?!''))*'{3,5}|"
    r'"(?:[^"\\\n]|\\.)*"|'
    r"'[^'\n]*'|#[^\n]*|[\[\]{}\n]",
    re.DOTALL,
)

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
        self._text = text.replace("\r\n", "\n")
        try:
            self._leaves = list(_leaves(_parse(text)))
        except RecursionError:
            raise ConfigError(f"{path}: not TOML: nested too deep") from None
        except ValueError as error:
            line = re.search(r"at line (\d+)", str(error))
            where = int(line.group(1)) if line else len(text.splitlines())
            raise ConfigError(f"{path}:{where}: not TOML: {error}") from None

    @classmethod
    def read(cls, path: Path) -> "ConfigFile":
        """Read a file.

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
        """See that every key is an option and every value of its kind.

        Raises:
            ConfigError: One is not; the message has the line.
        """
        for keys, value in self._leaves:
            above = keys if value == {} else keys[:-1]
            table = tuple(map(_name, above))
            reached = {path: kinds for path, kinds in interface.items() if path[: len(table)] == table}
            if not reached:
                raise self._error(above, f"there is no command {show(' '.join(table))}")
            if value == {}:
                continue
            name = _name(keys[-1])
            wanted = [kinds[name] for kinds in reached.values() if name in kinds]
            if not wanted:
                raise self._error(keys, f"unknown key {show(keys[-1])}{_guess(name, reached)}")
            for kind in wanted:
                if not _fits(value, kind):
                    raise self._error(keys, f"{keys[-1]} must be {_KINDS[kind][1]}, not {show(value)}")
        self._refuse_twins()

    def find(self, table: Words, name: str) -> Setting | None:
        """The setting of an option in a table, if it is there."""
        if (*table, name) not in self._values:
            return None
        keys, value = self._values[*table, name]
        return Setting(value, "file", lambda: f"{self.path}:{self.line(keys)}")

    def line(self, keys: Words) -> int:
        """The line where a key is set, or a table begins, from 1.

        The parser does not say. But the text up to the end of an entry is TOML without the key, or with it.
        """
        ends = list(self._entry_ends())
        place = bisect_left(ends, True, key=lambda end: _has(_parse(self._text[:end]), keys))
        return self._text.count("\n", 0, ends[place - 1]) + 1

    def _entry_ends(self) -> Iterator[int]:
        """Where an entry, a header, a comment or a blank line ends; first of all the beginning."""
        yield 0
        depth = 0
        for match in _TOKEN.finditer(self._text):
            depth += (match[0] in ("[", "{")) - (match[0] in ("]", "}"))
            if match[0] == "\n" and not depth:
                yield match.end()
        yield len(self._text)

    @cached_property
    def _values(self) -> dict[Words, tuple[Words, Any]]:
        return {tuple(map(_name, keys)): (keys, value) for keys, value in self._leaves}

    def _refuse_twins(self) -> None:
        for keys, _ in self._leaves:
            kept, _ = self._values[tuple(map(_name, keys))]
            if kept != keys:
                raise self._error(kept, f"{kept[-1]} is set already, as {keys[-1]}")

    def _error(self, keys: Words, message: str) -> ConfigError:
        return ConfigError(f"{self.path}:{self.line(keys)}: {message}")


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
    if kind == "float" and isinstance(value, int):  # as large a number as a float can be
        return not isinstance(value, bool) and abs(value) <= sys.float_info.max
    return isinstance(value, types) and (bool in types or not isinstance(value, bool))


def _guess(name: str, reached: Interface) -> str:
    from difflib import get_close_matches

    near = get_close_matches(name, {option for kinds in reached.values() for option in kinds}, 1)
    return f"; did you mean {near[0]}?" if near else ""
