"""The values that options have where they are not typed, and where each comes from.

See `chatbot.cli.options.command` on why contexts and options are `Any`.
"""

import os
from collections.abc import Iterator, Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import typer

from chatbot.cli.options import settings
from chatbot.cli.options.settings import Settings
from chatbot.cli.options.settings_file import Interface, Setting, Words
from chatbot.errors import PathError
from chatbot.files import HOME_VARIABLE, parse_path

Context = Any
Parameter = Any

#: What Typer raises for wrong usage; of the family it exports only one of the children.
UsageError: Any = typer.BadParameter.__mro__[1]

_SETTINGS = "chatbot.config.decoding_text"
#: The option of the program that may be set in the file, and those of commands that take the name of a bundle.
_HOME, _BUNDLES = "home", {"checkpoint", "init_from"}
#: The one of them that is no name but the folder to write to.
_WRITES = ("train", "checkpoint")


def settle_home(ctx: Context) -> None:
    """Let all that runs from here on take the home that was typed or is set in the file, as one of the environment.

    Raises:
        ConfigError: The configuration file is refused.
    """
    chosen, _ = home_of(ctx)
    if chosen is not None:
        os.environ[HOME_VARIABLE] = os.path.abspath(chosen)


def home_of(ctx: Context) -> tuple[Path | None, str | None]:
    """The home that somebody has chosen, and where: `--home`, a variable, or file and line; None for neither.

    Raises:
        ConfigError: The configuration file is refused.
    """
    root = ctx.find_root()
    option = next(param for param in root.command.params if param.name == _HOME)
    setting = find_setting(root, option)
    typed = root.params.get(_HOME)
    if typed is not None:  # or of the environment, of which Typer asks the variable
        source = root.get_parameter_source(_HOME)
        return typed, "--home" if source is None or source.name == "COMMANDLINE" else HOME_VARIABLE
    return (None, None) if setting is None else (parse_path(setting.value), setting.place)


def find_setting(ctx: Context, option: Parameter) -> Setting | None:
    """The setting of an option of a command, if there is one.

    A path in the file is taken from the file's folder, so that it means the same everywhere; `-`, which
    stands for standard output, is no path, and neither is the bare name of a bundle.

    Raises:
        ConfigError: The configuration file is refused.
    """
    if not _is_settable(option):
        return None
    known = settings_of(ctx)
    setting = known.find(path_of(ctx), option_name(option))
    if setting is None or setting.source != "file" or kind_of(option) != "path" or known.file is None:
        return setting
    if setting.value == "-":
        return setting
    try:
        typed = parse_path(setting.value)
    except PathError:  # which the option will say, as of any text that is none of its values
        return setting
    path = known.file.path.parent / typed
    reads = option.name in _BUNDLES and (*path_of(ctx), option.name) != _WRITES
    bare = reads and typed.name == setting.value and not os.path.exists(path)
    return setting if bare else setting.with_value(path)


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
        error.message = f"{error.message} ({say_where(option, setting)})"
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
    options = {path: settable_options(command) for path, command in commands(root)}
    options[()] = [param for param in root.params if param.name == _HOME]
    return {path: {option_name(one): kind_of(one) for one in those} for path, those in options.items()}


def settings_of(ctx: Context) -> Settings:
    """What the environment and the file say, read when first asked for.

    Raises:
        ConfigError: The configuration file is refused.
    """
    root = ctx.find_root()
    if _SETTINGS not in root.meta:
        root.meta[_SETTINGS] = settings.load(dict(os.environ), interface(root.command), config_file(root))
    known: Settings = root.meta[_SETTINGS]
    return known


def config_file(root: Context) -> Path | None:
    """The configuration file that the program was told to read; None for none."""
    if root.params["no_config"]:
        return None
    asked: str | None = root.params["config"]
    return settings.default_file() if asked is None else Path(asked)


def find_command(root: Context, words: Sequence[str]) -> Context:
    """The context of the command that words call; that of the program itself without any.

    Raises:
        UsageError: There is no such command; the message has what may be meant.
    """
    ctx = root
    for number, word in enumerate(words):
        known = getattr(ctx.command, "commands", {})
        if word not in known:
            near = get_close_matches(word, known, 1)
            meant = f"; did you mean {' '.join([*words[:number], near[0]])}?" if near else ""
            said = " ".join(words[: number + 1])
            raise typer.BadParameter(f"there is no command {said!r}{meant}", param_hint="COMMAND")
        ctx = typer.Context(known[word], info_name=word, parent=ctx)
    return ctx


def path_of(ctx: Context) -> Words:
    """The words that call the command of a context."""
    return () if ctx.parent is None else (*path_of(ctx.parent), ctx.info_name)


def _is_settable(param: Parameter) -> bool:
    return param.param_type_name == "option" and not param.is_eager and param.expose_value


def kind_of(option: Parameter) -> str:
    """The kind of an option's values, one of `settings`."""
    if hasattr(option.type, "dir_okay"):
        return "path"
    return next((kind for kind in ("int", "float", "bool") if option.type.name.startswith(kind)), "str")


def say_where(option: Parameter, setting: Setting) -> str:
    """Where an option is set that nobody typed."""
    return f"{max(option.opts, key=len)} is set by {setting.place}"
