"""The options that say how a conversation looks, shared by the commands that hold one."""

from typing import Annotated

import typer

_PANEL = "The screen"

Plain = Annotated[
    bool,
    typer.Option(
        "--plain",
        rich_help_panel=_PANEL,
        help="For screen readers: no colours, no boxes, nothing is redrawn.",
    ),
]
NoColor = Annotated[
    bool, typer.Option("--no-color", rich_help_panel=_PANEL, help="Use no colours, as if NO_COLOR were set.")
]
NoHistory = Annotated[
    bool, typer.Option("--no-history", rich_help_panel=_PANEL, help="Don't read or save the input history.")
]
