"""Commands as Typer builds them, with a help page of our own and settings from elsewhere.

Typer calls its classes; what they hand around is its own copy of Click's `Context` and
`Parameter`, which it does not export, hence `Any`.
"""

import os
import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import typer
from typer.core import TyperCommand, TyperGroup
from typer.models import TyperPath

from chatbot.cli import pages, settings
from chatbot.cli.config_file import Interface, Setting, Words
from chatbot.cli.settings import Settings
from chatbot.errors import PathError
from chatbot.paths import parse_path

Context = Any
Parameter = Any

#: What Typer raises for wrong usage; of the family it exports only one of the children.
UsageError: Any = typer.BadParameter.__mro__[1]

_SETTINGS = "chatbot.settings"


class _TypedPath(TyperPath):
    """A path as a person types it, wherever they do."""

    def convert(self, value: Any, param: Parameter | None, ctx: Context | None) -> Any:
        """The path, if it can be one and is what the option asks for."""
        try:
            path = parse_path(value)
        except PathError as error:
            self.fail(str(error), param, ctx)
        return super().convert(path, param, ctx)


def _take_typed_paths(params: Iterable[Parameter]) -> None:
    for param in params:
        if isinstance(param.type, TyperPath):
            asked = {name: value for name, value in vars(param.type).items() if name not in {"name", "type"}}
            param.type = _TypedPath(**asked, path_type=param.type.type)


class Command(TyperCommand):
    """A command whose options may be set by the environment and by the configuration file."""

    def __init__(self, name: str | None, **settings: Any) -> None:
        """See `TyperCommand`; paths are as people type them, and what takes a value gets a word for it."""
        super().__init__(name, **settings)
        _take_typed_paths(self.params)
        pages.name_values(self.params)

    def collect_usage_pieces(self, ctx: Context) -> list[str]:
        """The usage line's words; only what may be left out is in brackets."""
        arguments = (param for param in self.get_params(ctx) if param.param_type_name == "argument")
        return ["[OPTIONS]", *map(pages.usage_of, arguments)]

    def parse_args(self, ctx: Context, args: list[str]) -> list[str]:
        """Parse what was typed, and ask the settings for the options that were not."""
        if not ctx.resilient_parsing:  # which only guesses at a command line, for completion
            ctx.default_map = _Unsaid(ctx)
        with _telling_where(ctx):
            rest = super().parse_args(ctx, args)
        if not ctx.resilient_parsing:
            settings_of(ctx)  # so that a file is refused by every command, whatever was typed
        return rest

    def invoke(self, ctx: Context) -> Any:
        """Run the command."""
        with _telling_where(ctx):
            return super().invoke(ctx)

    def format_help(self, ctx: Context, formatter: Any) -> None:
        """Write the page, with the defaults that hold where nothing is set."""
        ctx.default_map = None
        super().format_help(ctx, formatter)

    def format_options(self, ctx: Context, formatter: Any) -> None:
        """Write the options by their groups."""
        pages.write_options(self.get_params(ctx), ctx, formatter)

    def format_epilog(self, ctx: Context, formatter: Any) -> None:
        """Write the examples, which are the epilog, and where options can be set."""
        pages.write_examples(self.epilog, formatter)
        pages.write_settings(_path(ctx), formatter)


class Group(TyperGroup):
    """A command that only holds others."""

    def __init__(self, *args: Any, **settings: Any) -> None:
        """See `Command`."""
        super().__init__(*args, **settings)
        _take_typed_paths(self.params)

    def format_options(self, ctx: Context, formatter: Any) -> None:
        """Write the options, then the commands."""
        pages.write_options(self.get_params(ctx), ctx, formatter)
        pages.write_commands(list(self.commands.values()), formatter)

    def format_epilog(self, _ctx: Context, formatter: Any) -> None:
        """Write the examples, which are the epilog."""
        pages.write_examples(self.epilog, formatter)


class _Unsaid(dict[str, Any]):
    """A context's `default_map`, which looks at the settings only when it is asked."""

    def __init__(self, ctx: Context) -> None:
        super().__init__()
        self._ctx = ctx

    def get(self, name: str, default: Any = None) -> Any:
        """What the settings say of a parameter."""
        option = next((param for param in self._ctx.command.params if param.name == name), None)
        setting = None if option is None else find_setting(self._ctx, option)
        return default if setting is None else setting.value


def find_setting(ctx: Context, option: Parameter) -> Setting | None:
    """The setting of an option of a command, if there is one.

    A path in the file is taken from the file's folder, so that it means the same everywhere; `-`, which
    stands for standard output, is no path.

    Raises:
        ConfigError: The configuration file is refused.
    """
    if not _is_settable(option):
        return None
    known = settings_of(ctx)
    setting = known.find(_path(ctx), option_name(option))
    if setting is None or setting.source != "file" or _kind(option) != "path" or known.file is None:
        return setting
    if setting.value == "-":
        return setting
    try:
        path = known.file.path.parent / parse_path(setting.value)
    except PathError:  # which the option will say, as of any text that is none of its values
        return setting
    return setting.with_value(path)


def effective(ctx: Context, option: Parameter) -> tuple[Any, Setting | None]:
    """The value that an option has if it is not typed, and what sets it if not the default.

    Raises:
        ConfigError: The configuration file is refused.
        UsageError: The setting is no value for the option.
    """
    setting = find_setting(ctx, option)
    if setting is None:
        return option.get_default(ctx), None
    try:
        return option.type_cast_value(ctx, setting.value), setting
    except UsageError as error:
        error.param, error.ctx = option, ctx
        error.message = f"{error.message} ({_said(option, setting)})"
        raise


def settable_options(command: Any) -> list[Parameter]:
    """The options of a command that may be set from elsewhere: all but those that end it at once."""
    return [param for param in command.params if _is_settable(param)]


def option_name(option: Parameter) -> str:
    """The long name of an option, with underscores: `max_tokens` of `--max-tokens`."""
    return str(max(option.opts, key=len)).lstrip("-").replace("-", "_")


def commands(root: Any, above: Words = ()) -> Iterator[tuple[Words, Any]]:
    """The commands of a program that are not groups, by the words that call them."""
    for name, command in root.commands.items():
        if hasattr(command, "commands"):
            yield from commands(command, (*above, name))
        else:
            yield (*above, name), command


def interface(root: Any) -> Interface:
    """What options a program has, and of what kinds."""
    return {
        path: {option_name(option): _kind(option) for option in settable_options(command)}
        for path, command in commands(root)
    }


def settings_of(ctx: Context) -> Settings:
    """What the environment and the file say, read when first asked for.

    Raises:
        ConfigError: The configuration file is refused.
    """
    root = ctx.find_root()
    if _SETTINGS not in root.meta:
        root.meta[_SETTINGS] = settings.load(os.environ, interface(root.command), config_file(root))
    known: Settings = root.meta[_SETTINGS]
    return known


def config_file(root: Context) -> Path | None:
    """The configuration file that the program was told to read; None for none."""
    if root.params["no_config"]:
        return None
    asked: str | None = root.params["config"]
    return settings.default_file() if asked is None else Path(asked)


def _path(ctx: Context) -> Words:
    """The words that call the command of a context."""
    return () if ctx.parent is None else (*_path(ctx.parent), ctx.info_name)


def _is_settable(param: Parameter) -> bool:
    return param.param_type_name == "option" and not param.is_eager and param.expose_value


def _kind(option: Parameter) -> str:
    """The kind of an option's values, one of `settings`."""
    if hasattr(option.type, "dir_okay"):
        return "path"
    return next((kind for kind in ("int", "float", "bool") if option.type.name.startswith(kind)), "str")


@contextmanager
def _telling_where(ctx: Context) -> Iterator[None]:
    """Add to a usage error where those of its options come from that were not typed."""
    try:
        yield
    except UsageError as error:
        words = f"{error.message} {getattr(error, 'param_hint', None) or ''}"
        named = set(re.findall(r"--[a-z][a-z-]*", words))
        blamed = [
            _said(option, setting)
            for option in settable_options(ctx.command)
            if (named & set(option.opts) or option is getattr(error, "param", None))
            and _came_from_settings(ctx, option)
            and (setting := find_setting(ctx, option)) is not None
        ]
        if blamed:
            error.message = f"{error.message} ({', '.join(blamed)})"
        raise


def _came_from_settings(ctx: Context, option: Parameter) -> bool:
    source = ctx.get_parameter_source(option.name)
    return source is not None and source.name == "DEFAULT_MAP"


def _said(option: Parameter, setting: Setting) -> str:
    return f"{max(option.opts, key=len)} is set by {setting.place}"
