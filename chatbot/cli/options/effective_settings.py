"""The values of options that were not typed, and the places where they are set.

Click asks the environment and the settings file itself: `connect` gives each option of a command its
variables, `CHATBOT_<COMMAND>_<OPTION>` before `CHATBOT_<OPTION>`, and gives the context the file as its
`default_map`. The environment outranks the file, and what is set for one command outranks what is set
for all.
"""

import os
from copy import copy
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from chatbot.cli.options.click_aliases import Context, Parameter, UsageError
from chatbot.cli.options.command_introspection import (
    HOME,
    Words,
    interface,
    kind_of,
    option_name,
    path_of,
    settable_options,
    source_of,
)
from chatbot.errors import PathError
from chatbot.files import HOME_VARIABLE, parse_path, user_folder

if TYPE_CHECKING:
    from chatbot.cli.options.settings_file import Setting, SettingsFile

PREFIX = "CHATBOT"
#: Name the settings file, or forbid it.
FILE_VARIABLE, NO_FILE_VARIABLE = f"{PREFIX}_CONFIG", f"{PREFIX}_NO_CONFIG"
_FILE = "chatbot.settings_file"
#: Options that take the name of a bundle.
_BUNDLES = {"checkpoint", "init_from", "base"}
#: One of them names the folder to write to instead.
_WRITES = ("train", "checkpoint")


class _FileDefaults(dict[str, Any]):
    """A context's `default_map`, which reads the settings file only when it is asked."""

    def __init__(self, ctx: Context) -> None:
        super().__init__()
        self._ctx = ctx

    def get(self, name: str, default: Any = None) -> Any:
        """The value of a parameter in the file."""
        option = next((one for one in settable_options(self._ctx.command) if one.name == name), None)
        setting = None if option is None else _setting_in_file(self._ctx, option)
        if setting is None or option is None:
            return default
        return [setting.value] if kind_of(option) == "texts" and isinstance(setting.value, str) else setting.value


def connect(ctx: Context) -> None:
    """Let Click take the options that are not typed from variables and the settings file.

    Args:
        ctx: The context of the command.
    """
    ctx.default_map = _FileDefaults(ctx)
    for option in settable_options(ctx.command):
        option.envvar = variables_of(path_of(ctx), option_name(option))
        option.show_envvar = False  # the help page says how they are called
        if kind_of(option) == "texts":
            option.type = copy(option.type)
            option.type.envvar_list_splitter = "\n"  # of the texts in its variable, which may contain spaces


def effective(ctx: Context, option: Parameter) -> tuple[Any, str, str | None]:
    """The value that an option has if it is not typed.

    Args:
        ctx: Of the command, which is connected.
        option: One of its options.

    Returns:
        The value; `environment`, `file` or `default`; and the place where it is set, None for a default.

    Raises:
        ConfigError: The settings file is refused.
        UsageError: What is set is no value for the option.
    """
    value, origin = option.consume_value(ctx, {})
    if origin.name == "DEFAULT":
        return value, "default", None
    place = place_of(ctx, option)
    try:
        source = "environment" if origin.name == "ENVIRONMENT" else "file"
        return option.type_cast_value(ctx, value), source, place
    except UsageError as error:
        error.param, error.ctx = option, ctx
        error.message = f"{error.message} ({say_place(ctx, option)})"
        raise


def place_of(ctx: Context, option: Parameter) -> str | None:
    """The place of the setting of an option that was not typed.

    Args:
        ctx: The context of the command.
        option: The option.

    Returns:
        Its variable, or file, table and key; None where it is not set.
    """
    variable = next(filter(os.environ.get, variables_of(path_of(ctx), option_name(option))), None)
    if variable is not None:
        return variable
    setting = _setting_in_file(ctx, option)
    return None if setting is None else setting.place


def say_place(ctx: Context, option: Parameter) -> str:
    """The place of the setting of an option that was not typed, in words.

    Args:
        ctx: The context of the command.
        option: The option.
    """
    return f"{max(option.opts, key=len)} is set by {place_of(ctx, option)}"


def variables_of(command: Words, option: str) -> list[str]:
    """The variables of an option of a command, the one of that command first.

    Args:
        command: The words that call it.
        option: Its name with underscores.
    """
    return ["_".join((PREFIX, *command[:length], option)).upper() for length in range(len(command), -1, -1)]


def unknown_variables(root: Any) -> list[str]:
    """The variables that begin as ours, but belong to no option of a program.

    Args:
        root: The group of all commands.
    """
    known = {FILE_VARIABLE, NO_FILE_VARIABLE}
    for path, kinds in interface(root).items():
        known.update(variable for name in kinds for variable in variables_of(path, name))
    return sorted(name for name in os.environ if name.startswith(f"{PREFIX}_") and name not in known)


def settle_home(ctx: Context) -> None:
    """Put the home that was typed, or is set in the file, into the environment of this process.

    Args:
        ctx: The context of the command.

    Raises:
        ConfigError: The settings file is refused.
    """
    chosen, _ = home_of(ctx)
    if chosen is not None:
        os.environ[HOME_VARIABLE] = os.path.abspath(chosen)


def home_of(ctx: Context) -> tuple[Path | None, str | None]:
    """The home that was chosen, and the place where.

    Args:
        ctx: The context of the command.

    Returns:
        The folder, and `--home`, its variable, or file and key; None and None where none was chosen.

    Raises:
        ConfigError: The settings file is refused.
    """
    root = ctx.find_root()
    typed = root.params.get(HOME)
    if typed is not None:  # or of the environment, of which Typer asks the variable
        return typed, HOME_VARIABLE if source_of(root, HOME) == "ENVIRONMENT" else "--home"
    setting = _setting_in_file(root, next(param for param in root.command.params if param.name == HOME))
    return (None, None) if setting is None else (parse_path(setting.value), setting.place)


def settings_file(ctx: Context) -> "SettingsFile | None":
    """The settings file, read and checked when first asked for; None without one.

    Args:
        ctx: The context of the command.

    Raises:
        ConfigError: It is refused.
    """
    root = ctx.find_root()
    path = settings_path(root)
    if path is None or (root.params["config"] is None and not os.path.lexists(path)):
        return None
    from chatbot.cli.options.settings_file import SettingsFile  # few have a file, and the others need not wait for it

    if _FILE not in root.meta:
        root.meta[_FILE] = SettingsFile.read(path, interface(root.command))
    known: SettingsFile = root.meta[_FILE]
    return known


def settings_path(root: Context) -> Path | None:
    """The path of the settings file to read, which may be missing; None for none.

    Args:
        root: The context of the program.
    """
    if root.params["no_config"]:
        return None
    if root.params["config"] is not None:
        return Path(root.params["config"])
    folder = user_folder("config")
    return None if folder is None else folder / "config.toml"


def _setting_in_file(ctx: Context, option: Parameter) -> "Setting | None":
    """The setting of an option in the file.

    A path is taken from the folder of the file, so that it means the same everywhere; `-`, which is
    standard output, is no path, and neither is the bare name of a bundle.

    Raises:
        ConfigError: The file is refused.
    """
    file = settings_file(ctx)
    setting = None if file is None else file.find(path_of(ctx), option_name(option))
    if file is None or setting is None or kind_of(option) != "path" or setting.value == "-":
        return setting
    try:
        typed = parse_path(setting.value)
    except PathError:  # which the option will say, as of any text that is none of its values
        return setting
    path = file.path.parent / typed
    reads = option.name in _BUNDLES and (*path_of(ctx), option.name) != _WRITES
    bare = reads and typed.name == setting.value and not os.path.exists(path)
    return setting if bare else replace(setting, value=path)
