"""A training run in sentences, for terminals that cannot redraw."""

from chatbot.cli.lasting_output import say_line
from chatbot.cli.options import say_duration
from chatbot.cli.summary import Summary
from chatbot.cli.wording import describe_plan, describe_resumption, say_validation
from chatbot.collapse import CollapseAlarm
from chatbot.progress import Measurement, Plan, Resumption, StepReport


class PlainDisplay:
    """One line for each stage and each measurement."""

    def __init__(self) -> None:
        """Begin with an unknown plan."""
        self._epochs = 0
        self._step: StepReport | None = None
        self._alarm = CollapseAlarm()

    def __enter__(self) -> "PlainDisplay":
        """Nothing to open."""
        return self

    def __exit__(self, *error: object) -> None:
        """Nothing to close."""

    def stage(self, what: str) -> None:
        """See `Observer.stage`."""
        say_line(what)

    def started(self, plan: Plan) -> None:
        """See `Observer.started`."""
        self._epochs = plan.epochs
        say_line(describe_plan(plan))

    def resumed(self, where: Resumption) -> None:
        """See `Observer.resumed`."""
        self._alarm.recall(where.top_replies)
        say_line(describe_resumption(where))

    def warned(self, what: str) -> None:
        """See `Observer.warned`."""
        say_line(f"warning: {what}")

    def stepped(self, report: StepReport) -> None:
        """See `Observer.stepped`; shown with the measurement."""
        self._step = report

    def measured(self, report: Measurement) -> None:
        """See `Observer.measured`."""
        parts = [
            f"epoch {report.epoch}/{self._epochs}",
            f"step {report.step}",
            say_duration(report.seconds),
            f"{report.tokens_per_second:,.0f} tokens/s",
            f"learning rate {report.learning_rate:.2g}",
            f"loss {report.train_loss:.3f}",
        ]
        if report.valid is not None:
            parts.append(f"validation {say_validation(report.valid)}")
        if self._step is not None:
            parts.append(f"left {say_duration(self._step.seconds_left)}")
        say_line("  ".join([*parts, "best so far"] if report.best else parts))
        top = report.top_reply
        alarm = top and self._alarm.hear(top, self._step.progress if self._step else 0.0)
        if alarm:
            say_line(f"collapse alarm: {alarm}")

    def conclude(self, summary: Summary) -> None:
        """See `Display.conclude`."""
        width = max(len(name) for name, _ in summary.facts)
        lines = [summary.title, *[f"  {name:<{width}}  {value}" for name, value in summary.facts]]
        if summary.warning is not None:
            lines.append(f"collapse alarm: {summary.warning}")
        say_line("\n".join([*lines, f"next: {summary.command}"]))
