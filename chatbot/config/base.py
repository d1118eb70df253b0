"""Frozen dataclasses that travel to and from JSON strictly.

A configuration read back from a bundle must hold exactly the fields of its class, each of
its declared type: an unknown or missing key is an error rather than a default. Only a saved
run may lack what is newer than it (`TrainingConfig.from_json`).
"""

import dataclasses
import functools
import reprlib
import sys
import types
import typing
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

from chatbot.config.options import options_of
from chatbot.errors import ConfigError
from chatbot.text import nearest_name

#: Characters of a value in a message.
_SHOWN = 80
#: The largest whole number that can be taken for a float.
_LARGEST = int(sys.float_info.max)
#: Types by the names that JSON has for them.
_NAMES = {types.NoneType: "null", dict: "object"}


@dataclass(frozen=True)
class Config:
    """The base of all configurations: strict conversion to and from JSON values."""

    def to_json(self) -> dict[str, Any]:
        """Return the fields as a JSON object."""
        return {self.key_of(field): value for field, value in dataclasses.asdict(self).items()}

    @classmethod
    def from_json(cls, values: object) -> Self:
        """Build the configuration from a JSON object.

        Args:
            values: The object, parsed.

        Returns:
            The configuration.

        Raises:
            ConfigError: `values` is no object, a key is unknown or missing, or a value is of the wrong type or out of
                range.
        """
        name = cls.__name__
        if not isinstance(values, Mapping):
            raise ConfigError(f"{name}: expected an object, found {type(values).__name__}")
        fields = {cls.key_of(field): field for field in cls.declared()}
        unknown = sorted(set(values) - set(fields))
        missing = sorted(set(fields) - set(values))
        if unknown or missing:
            wrong = [f"unknown key {show(key)}" for key in unknown]
            wrong += [f"missing key {key!r}" for key in missing]
            raise ConfigError(f"{name}: {', '.join(wrong)}")
        check_types(name, values, {key: cls.declared()[field] for key, field in fields.items()})
        return cls(**{fields[key]: tuple(value) if isinstance(value, list) else value for key, value in values.items()})

    def with_options(self, options: Mapping[str, object]) -> Self:
        """This configuration with the values of some options.

        Args:
            options: Values by the names of fields.

        Raises:
            TypeError: A name is that of no field.
            ConfigError: A value is of another type than its field, out of range, or contradicts others.
        """
        known = list(self.declared())
        for name in options:
            if name not in known:
                near = nearest_name(name, known)
                meant = f"did you mean {near!r}?" if near else f"they are {', '.join(known)}"
                kind = type(self).__name__.removesuffix("Config").lower()
                raise TypeError(f"no {kind} option is called {name!r}; {meant}")
        return dataclasses.replace(self, **options) if options else self

    @classmethod
    def key_of(cls, field: str) -> str:
        """The key of a field in JSON: its name, unless files have it by another.

        Args:
            field: Its name.

        Returns:
            The key.
        """
        return field

    @classmethod
    def declared(cls) -> Mapping[str, Any]:
        """The type of each field, by its name."""
        return _field_types(cls)  # type: ignore[arg-type]  # a class has a hash whatever its instances have

    def _check_types(self) -> None:
        """Check that each field is of its declared type.

        Raises:
            ConfigError: One is not.
        """
        check_types(type(self).__name__, vars(self), self.declared())

    def _check_ranges(self) -> None:
        """Check that each option is within its range, or one of its choices.

        Raises:
            ConfigError: One is not; the message names the field.
        """
        for field, one in options_of(type(self)).items():
            wrong = one.check(getattr(self, field))
            self._require(wrong is None, f"{field} {wrong}")

    def _require(self, condition: bool, message: str) -> None:
        if not condition:
            raise ConfigError(f"{type(self).__name__}: {message}")


@functools.cache
def _field_types(kind: type[Config]) -> Mapping[str, Any]:
    return typing.get_type_hints(kind)


def check_types(name: str, values: Mapping[str, Any], declared: Mapping[str, Any]) -> None:
    """Check that JSON values are of the types that are declared for them.

    Args:
        name: Of what they are part of, for the message.
        values: By name.
        declared: Types by name; a value without one is not checked.

    Raises:
        ConfigError: One is of another type.
    """
    for key, value in values.items():
        if key in declared and not has_type(value, declared[key]):
            raise ConfigError(f"{name}: {label(key)} is {show(value)}, not {_type_name(declared[key])}")


def label(key: str) -> str:
    """A key for a message: as it is where it can be read, else quoted; a file may have any text for one."""
    return key if key.strip() and key.isprintable() and len(key) <= _SHOWN else show(key)


def show(value: object) -> str:
    """A value for a message: short, and no deeper than a few levels, as one nested deeper could not be shown at all."""
    text = reprlib.repr(value)
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"


def _alternatives(declared: Any) -> tuple[Any, ...]:
    return typing.get_args(declared) if isinstance(declared, types.UnionType) else (declared,)


def has_type(value: object, declared: Any) -> bool:
    """Whether a value of JSON or TOML is of a type; an integer is a float, a bool no number.

    Args:
        value: The value.
        declared: The type, or several with `|`.
    """
    if declared == tuple[str, ...]:
        return isinstance(value, list | tuple) and all(isinstance(item, str) for item in value)
    kinds = _alternatives(declared)
    if isinstance(value, bool):
        return bool in kinds
    if isinstance(value, int) and float in kinds:
        return -_LARGEST <= value <= _LARGEST
    return isinstance(value, kinds)


def _type_name(declared: Any) -> str:
    if declared == tuple[str, ...]:
        return "list of str"
    return " or ".join(_NAMES.get(kind, kind.__name__) for kind in _alternatives(declared))
