"""Names for the classes of Typer's own copy of Click, which Typer does not export."""

from typing import Any

import typer

#: The context of a command.
Context = Any
#: An option or an argument of a command.
Parameter = Any
#: The error for wrong usage; of its family Typer exports only `BadParameter`.
UsageError: Any = typer.BadParameter.__mro__[1]
