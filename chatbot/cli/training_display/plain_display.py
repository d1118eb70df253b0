"""Plain display of a training run: lines for people, off a terminal or on one that cannot redraw."""

from chatbot.cli.output.fault_tolerant_output import print_line
from chatbot.cli.output.training_wording import describe_plan, describe_resumption, say_duration
from chatbot.cli.training_display.summary import Summary
from chatbot.runs.collapse_alarm import CollapseAlarm
from chatbot.runs.events import Measurement, Plan, Resumption, StepReport


class PlainDisplay:
    """A line for each stage, a short one now and then while it trains, and the summary."""

    def __init__(self, interval: float | None) -> None:
        """Begin with an unknown plan.

        Args:
            interval: Seconds of training between two lines; None for no lines.
        """
        self._interval = interval
        self._next_line = interval or 0.0
        self._epochs = 0
        self._losses: list[float] = []
        self._exact: float | None = None
        self._steps = 0
        self._alarm = CollapseAlarm()
        self._alarmed = False

    def __enter__(self) -> "PlainDisplay":
        """Nothing to open."""
        return self

    def __exit__(self, *error: object) -> None:
        """Nothing to close."""

    def stage(self, what: str) -> None:
        """See `Observer.stage`."""
        print_line(what)

    def started(self, plan: Plan) -> None:
        """See `Observer.started`."""
        self._epochs = plan.epochs
        for line in describe_plan(plan):
            print_line(line)

    def resumed(self, where: Resumption) -> None:
        """See `Observer.resumed`."""
        self._alarm.recall(where.top_replies)
        self._next_line += where.seconds
        print_line(describe_resumption(where))

    def warned(self, what: str) -> None:
        """See `Observer.warned`."""
        print_line(f"warning: {what}")

    def stepped(self, report: StepReport) -> None:
        """See `Observer.stepped`; the loss of a line is the mean of the steps since the line before."""
        self._steps = report.steps
        if self._interval is None:
            return
        self._losses.append(report.loss)
        if report.seconds < self._next_line:
            return
        self._next_line = report.seconds + self._interval
        loss = sum(self._losses) / len(self._losses)
        self._losses.clear()
        exact = "" if self._exact is None else f", held out {self._exact:.0%} exact"
        left = say_duration(report.seconds_left)
        print_line(f"epoch {report.epoch} of {self._epochs}: loss {loss:.3f}{exact}, {left} left")

    def measured(self, report: Measurement) -> None:
        """See `Observer.measured`; shown with the next step, but for an alarm, which is raised once."""
        self._exact = None if report.valid is None else report.valid.exact
        top = report.top_reply
        alarm = top and self._alarm.hear(top, report.step, self._steps)
        if alarm and not self._alarmed:
            print_line(f"collapse alarm: {alarm}")
        self._alarmed = bool(alarm)

    def conclude(self, summary: Summary) -> None:
        """See `Display.conclude`."""
        width = max((len(name) for name, _ in summary.facts), default=0)
        lines = [summary.title, *[f"  {name:<{width}}  {value}" for name, value in summary.facts]]
        if summary.warning is not None:
            lines.append(f"collapse alarm: {summary.warning}")
        if summary.command:
            lines.append(f"next: {summary.command}")
        print_line("\n".join(lines))
