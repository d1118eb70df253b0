"""Live display of a training run: a dashboard that is redrawn in place."""

from collections.abc import Callable

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from chatbot.cli.output.training_wording import describe_plan, describe_resumption
from chatbot.cli.training_display.dashboard import Dashboard
from chatbot.cli.training_display.summary import Summary
from chatbot.runs.events import Measurement, Plan, Resumption, StepReport
from chatbot.text import visible


class LiveDisplay:
    """A `Dashboard` that is drawn again and again, and the summary below it."""

    def __init__(self, console: Console, interrupted: Callable[[], bool]) -> None:
        """Begin with nothing to show.

        Args:
            console: The terminal.
            interrupted: Whether a stop was asked for.
        """
        self._console = console
        self._dashboard = Dashboard(interrupted)
        self._live = Live(self._dashboard, console=console, refresh_per_second=8)

    def __enter__(self) -> "LiveDisplay":
        """Begin to draw."""
        self._live.start()
        return self

    def __exit__(self, *error: object) -> None:
        """Leave the last picture on the screen."""
        self._live.stop()

    def stage(self, what: str) -> None:
        """See `Observer.stage`."""
        self._dashboard.stage(what)
        self._live.refresh()

    def started(self, plan: Plan) -> None:
        """See `Observer.started`."""
        self._dashboard.started(plan)
        for line in describe_plan(plan):
            self._live.console.print(Text(visible(line), style="dim"))

    def resumed(self, where: Resumption) -> None:
        """See `Observer.resumed`."""
        self._dashboard.resumed(where)
        self._live.console.print(Text(describe_resumption(where), style="dim"))

    def warned(self, what: str) -> None:
        """See `Observer.warned`."""
        self._live.console.print(Text(f"warning: {visible(what)}", style="bold yellow"))

    def stepped(self, report: StepReport) -> None:
        """See `Observer.stepped`."""
        self._dashboard.stepped(report)

    def measured(self, report: Measurement) -> None:
        """See `Observer.measured`."""
        self._dashboard.measured(report)

    def conclude(self, summary: Summary) -> None:
        """See `Display.conclude`."""
        table = Table.grid(padding=(0, 2))
        table.add_column()
        table.add_column(overflow="fold")  # a path may have no spaces
        for name, value in summary.facts:
            table.add_row(Text(name, style="dim"), Text(visible(value)))
        parts: list[RenderableType] = [table, Text()]
        if summary.warning is not None:
            parts += [Text(f"collapse alarm: {summary.warning}", style="bold yellow"), Text()]
        parts.append(Text.assemble(("next  ", "dim"), (visible(summary.command), "bold")))
        self._console.print(Panel(Group(*parts), title=Text(visible(summary.title)), title_align="left", expand=False))
