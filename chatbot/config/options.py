"""Options as fields of configurations: name, range, choices and help, declared beside the default.

A field made with `option` is all that an option needs. The command line, the settings file, the
variables, `/set` in a conversation, the check on `--resume` and the pages of reference walk
`options_of` its class:

    @dataclass(frozen=True)
    class TrainingConfig(Config):
        patience: int = option(20, "Stop after N validations without improvement.", metavar="N", lowest=1)
"""

import dataclasses
import functools
import re
import types
import typing
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any

_KEY = "option"


class Form(Enum):
    """The ways in which people write values."""

    PLAIN = "plain"
    """A number, a text, a path or a flag."""
    DURATION = "duration"
    """Seconds, written as `90s`, `4m`, `1h30m` or `none`."""
    WORDS = "words"
    """A tuple of texts, written as the path of a file with one a line."""
    FILE = "file"
    """A path that no folder has."""


class OnResume(Enum):
    """The values of an option that a resumed training run may have."""

    SAME = "same"
    """Only the value that it began with."""
    RAISED = "raised"
    """No lower value; None is the highest."""
    ANY = "any"
    """Any value."""


@dataclass(frozen=True, kw_only=True)
class Option:
    """A field of a configuration that people can set.

    Attributes:
        help: A sentence for the help page.
        name: With underscores; that of the field if it is not given.
        panel: Heading of the help page that lists it; None is the first heading.
        metavar: A word for its value; None is chosen by the type.
        lowest: Smallest value of a number; None is no bound.
        highest: Largest value of a number; None is no bound.
        choices: All values of a text; empty for any text.
        unset: In words, what None does; None where the help says it, or nothing need be said.
        form: How its value is written.
        flags: How it is written on the command line if not by its name.
        examples: Values worth a try, as they are typed.
        on_resume: The values that a resumed training run may have.
        complete: What the shell offers for a value, as Typer's `autocompletion`.
        field: Name of the field; `options_of` fills this in, and what follows.
        type: Declared type of the field.
        default: Default of the field; `dataclasses.MISSING` for none.
    """

    help: str
    name: str = ""
    panel: str | None = None
    metavar: str | None = None
    lowest: float | None = None
    highest: float | None = None
    choices: Collection[str] = ()
    unset: str | None = None
    form: Form = Form.PLAIN
    flags: tuple[str, ...] = ()
    examples: tuple[str, ...] = ()
    on_resume: OnResume = OnResume.SAME
    complete: Callable[..., Any] | None = None
    field: str = ""
    type: Any = None
    default: Any = None

    @property
    def types(self) -> tuple[Any, ...]:
        """The types that a value may have."""
        return typing.get_args(self.type) if isinstance(self.type, types.UnionType) else (self.type,)

    def check(self, value: Any) -> str | None:
        """The fault of a value of the declared type, in words; None if it is in range."""
        if value is None:
            return None
        if self.choices and value not in self.choices:
            return f"must be one of {', '.join(self.choices)}"
        above = self.lowest is None or value >= self.lowest  # which NaN is not
        below = self.highest is None or value <= self.highest
        if above and below:
            return None
        if self.highest is None:
            return f"must be {self.lowest:,} or more"
        return (
            f"must be at most {self.highest:,}"
            if self.lowest is None
            else f"must be in {self.lowest:,}..{self.highest:,}"
        )


def option(default: Any, help: str, **facts: Any) -> Any:
    """A field of a dataclass that people can set.

    Args:
        default: Of the field.
        help: A sentence for the help page.
        facts: Further attributes of the `Option`.
    """
    return dataclasses.field(default=default, metadata={_KEY: Option(help=help, **facts)})


def options_of(kind: type) -> Mapping[str, Option]:
    """The options that a dataclass and its bases declare, by their fields.

    Args:
        kind: The dataclass.
    """
    return _options_of(kind)


@functools.cache
def _options_of(kind: Any) -> Mapping[str, Option]:
    found: dict[str, Option] = {}
    declared = typing.get_type_hints(kind)
    for one in reversed(kind.__mro__):
        for field in vars(one).get("__dataclass_fields__", {}).values():
            known = field.metadata.get(_KEY) or found.get(field.name)
            if known is not None:
                found[field.name] = dataclasses.replace(
                    known,
                    name=known.name or field.name,
                    field=field.name,
                    type=declared[field.name],
                    default=field.default,
                )
    return found


def spell(name: str) -> str:
    """The name of an option as people type it: `top-p`."""
    return name.replace("_", "-")


def respell(message: str, kind: type, spelling: Callable[[str], str] = spell) -> str:
    """A message about a configuration with its options as people know them.

    Args:
        message: Of a `ConfigError`.
        kind: The class of the configuration.
        spelling: How people write an option.
    """
    known = {field: one.name for field, one in options_of(kind).items()}
    text = message.removeprefix(f"{kind.__name__}: ")
    return re.sub(r"\w+", lambda word: spelling(known[word[0]]) if word[0] in known else word[0], text)
