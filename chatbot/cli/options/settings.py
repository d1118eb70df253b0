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
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from chatbot.cli.options.settings_file import ConfigFile, Interface, Setting, Words
from chatbot.errors import ConfigError
from chatbot.files import user_folder

PREFIX = "CHATBOT_"
#: Name the configuration file, or forbid it.
FILE_VARIABLE, NO_FILE_VARIABLE = "CHATBOT_CONFIG", "CHATBOT_NO_CONFIG"


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


@functools.cache
def default_file() -> Path | None:
    """Where the configuration file is if nobody says otherwise; None for a user without a home folder."""
    folder = user_folder("config")
    return None if folder is None else folder / "config.toml"


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
