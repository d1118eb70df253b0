"""Dashboard of a training run: bars, figures with sparklines, the collapse alarm and sample replies."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence

from rich.console import Console, ConsoleOptions, RenderableType
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from chatbot.cli.output.training_wording import say_duration, say_perplexity, say_validation
from chatbot.cli.training_display.sparkline import Series, sparkline
from chatbot.metrics import perplexity
from chatbot.runs.collapse_alarm import CollapseAlarm
from chatbot.runs.events import SHOWN_SAMPLES, Measurement, Plan, Resumption, SampleReply, StepReport

_TRAINING = "training"
_WIDEST_BAR, _NARROWEST_BAR = 40, 6
_SPARKLINE = 24
#: Nats a token that fill the height of a sparkline at least, so that noise is not drawn as large as progress.
_LEAST_SPAN = 0.5
#: Columns from which a prompt and its reply share a line.
_SIDE_BY_SIDE = 70
_LABEL = 8


class Dashboard:
    """An observer that Rich can print: each printing shows the run as it is then, as wide as there is room."""

    def __init__(self, interrupted: Callable[[], bool]) -> None:
        """Begin with nothing to show.

        Args:
            interrupted: Whether the training was asked to stop.
        """
        self._interrupted = interrupted
        self._stage = "reading"
        self._plan: Plan | None = None
        self._step: StepReport | None = None
        self._measured: Measurement | None = None
        self._best: Measurement | None = None
        self._fresh: frozenset[str] = frozenset()
        self._losses, self._held_out = Series(), Series()
        self._listener = CollapseAlarm()
        self._alarm: str | None = None

    def stage(self, what: str) -> None:
        """See `Observer.stage`."""
        self._stage = what

    def started(self, plan: Plan) -> None:
        """See `Observer.started`."""
        self._plan, self._stage = plan, _TRAINING

    def resumed(self, where: Resumption) -> None:
        """See `Observer.resumed`."""
        for report in where.history:
            self._losses.append(report.train_loss)
            if report.valid is not None:
                self._held_out.append(report.valid.loss)
        self._measured, self._best = where.history[-1] if where.history else None, where.best
        self._listener.recall(where.top_replies)

    def stepped(self, report: StepReport) -> None:
        """See `Observer.stepped`."""
        self._step = report
        self._losses.append(report.loss)

    def measured(self, report: Measurement) -> None:
        """See `Observer.measured`."""
        before = {sample.prompt: sample.reply for sample in self._measured.samples} if self._measured else {}
        self._fresh = frozenset(
            sample.prompt for sample in report.samples if before.get(sample.prompt, sample.reply) != sample.reply
        )
        self._measured = report
        if report.valid is not None:
            self._held_out.append(report.valid.loss)
        if report.best:
            self._best = report
        if (top := report.top_reply) is not None and self._step is not None:
            self._alarm = self._listener.hear(top, report.step, self._step.steps)

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> Iterator[RenderableType]:
        """Draw."""
        del console
        yield Text(self._headline(), style="bold")
        if self._plan is not None and self._step is not None:
            yield self._bars(self._plan, self._step, options.max_width)
            yield self._figures(self._step, options)
        if self._alarm is not None and self._stage == _TRAINING:
            yield Text(f"collapse alarm: {self._alarm}", style="bold yellow")
        if self._measured is not None:
            yield self._samples(self._measured, options.max_width)

    def _headline(self) -> str:
        if not self._interrupted():
            return self._stage
        return f"{self._stage}: stopping, keeping the best weights; Ctrl-C again quits without a bundle"

    def _bars(self, plan: Plan, step: StepReport, width: int) -> RenderableType:
        in_epoch = step.step - (step.epoch - 1) * plan.steps_per_epoch
        rows = [
            ("epoch", in_epoch / plan.steps_per_epoch, f"{step.epoch} of {plan.epochs}"),
            ("run", step.progress, f"{step.progress:.0%}, {say_duration(step.seconds_left)} left"),
        ]
        room = min(_WIDEST_BAR, width - _LABEL - 4 - max(len(note) for _, _, note in rows))
        grid = _grid()
        for label, share, note in rows:
            bar = [ProgressBar(1.0, share, width=room)] if room >= _NARROWEST_BAR else []
            grid.add_row(Text(label, style="dim"), *bar, Text(note))
        return grid

    def _figures(self, step: StepReport, options: ConsoleOptions) -> RenderableType:
        room = min(_SPARKLINE, options.max_width - _LABEL - 2)

        def draw(series: Series) -> tuple[str, str]:
            drawn = sparkline(series.values, room, least_span=_LEAST_SPAN, ascii_only=options.ascii_only)
            return f"  {drawn}", "cyan"

        grid = _grid()

        def add(label: str, *parts: str | tuple[str, str]) -> None:
            grid.add_row(Text(label, style="dim"), Text.assemble(*parts))

        add("loss", f"{step.loss:.3f}, perplexity {say_perplexity(perplexity(step.loss))}", draw(self._losses))
        if self._measured is not None and self._measured.valid is not None:
            add("held out", say_validation(self._measured.valid), draw(self._held_out))
        if self._best is not None:
            add("best", _describe_best(self._best))
        add("speed", f"{step.tokens_per_second:,.0f} tokens/s, learning rate {step.learning_rate:.2g}")
        if self._measured is not None and self._measured.samples:
            add("variety", _describe_variety(self._measured.samples, len(self._fresh)))
        return grid

    def _samples(self, report: Measurement, width: int) -> RenderableType:
        """The shown prompts, each with its reply; bold is what has changed since the measurement before."""
        grid = Table.grid(padding=(0, 1))
        side_by_side = width >= _SIDE_BY_SIDE
        if side_by_side:
            grid.add_column(no_wrap=True, overflow="ellipsis", max_width=width // 3)
        grid.add_column(no_wrap=True, overflow="ellipsis")
        for sample in report.samples[:SHOWN_SAMPLES]:
            reply = Text.assemble(("→ ", "dim"), (sample.reply, "bold" if sample.prompt in self._fresh else ""))
            prompt = Text(sample.prompt, style="dim")
            if side_by_side:
                grid.add_row(prompt, reply)
            else:
                grid.add_row(prompt)
                grid.add_row(reply)
        return grid


def _grid() -> Table:
    grid = Table.grid(padding=(0, 2))
    grid.add_column(width=_LABEL, no_wrap=True)
    return grid


def _describe_best(best: Measurement) -> str:
    found = f"loss {best.train_loss:.3f}" if best.valid is None else say_validation(best.valid)
    return f"epoch {best.epoch}: {found}"


def _describe_variety(samples: Sequence[SampleReply], fresh: int) -> str:
    said = len({sample.reply for sample in samples})
    if said == 1 and len(samples) > 1:
        most = max(Counter(sample.recorded for sample in samples).values())
        return f"all {len(samples)} sample prompts get the same reply (in the corpus at most {most} share one)"
    recorded = len({sample.recorded for sample in samples})
    return f"{len(samples)} sample prompts get {said} different replies (in the corpus {recorded}), {fresh} new"
