"""The options that say how a conversation looks, shared by the commands that hold one."""

from typing import Annotated

import typer

_PANEL = "The screen"

Plain = Annotated[
    bool,
    typer.Option(
        "--plain",
        rich_help_panel=_PANEL,
        help="For screen readers: no colour, no boxes, nothing drawn a second time.",
    ),
]
NoColor = Annotated[
    bool, typer.Option("--no-color", rich_help_panel=_PANEL, help="Use no colours, as with the variable NO_COLOR.")
]
NoHistory = Annotated[
    bool, typer.Option("--no-history", rich_help_panel=_PANEL, help="Neither read nor keep the lines that are typed.")
]
