"""What a person sees while a bot is trained."""

import math
import sys
from collections.abc import Callable
from typing import Protocol

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.panel import Panel
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeRemainingColumn
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from chatbot.cli.exits import abandon_stdout
from chatbot.cli.options import say_duration
from chatbot.progress import Measurement, Observer, Plan, StepReport, Validation

Facts = list[tuple[str, str]]


class Display(Observer, Protocol):
    """An observer with a screen to open, to close and to sum up on."""

    def __enter__(self) -> "Display":
        """Begin to show."""

    def __exit__(self, *error: object) -> None:
        """Stop showing."""

    def conclude(self, title: str, facts: Facts, command: str) -> None:
        """Sum up a finished run and name the next command to type."""


def choose_display(interrupted: Callable[[], bool]) -> Display:
    """A live display on a terminal, plain lines elsewhere.

    Args:
        interrupted: Whether Ctrl-C was pressed once, so that the display can say so.
    """
    console = Console(highlight=False)
    can_redraw = sys.stdout.isatty() and not console.is_dumb_terminal
    return LiveDisplay(console, interrupted) if can_redraw else PlainDisplay()


class PlainDisplay:
    """One line for each stage and each measurement, for logs and pipes."""

    def __init__(self) -> None:
        """Begin with an unknown plan."""
        self._epochs = 0
        self._seconds_left = 0.0

    def __enter__(self) -> "PlainDisplay":
        """Nothing to open."""
        return self

    def __exit__(self, *error: object) -> None:
        """Nothing to close."""

    def stage(self, what: str) -> None:
        """See `Observer.stage`."""
        self._say(what)

    def started(self, plan: Plan) -> None:
        """See `Observer.started`."""
        self._epochs = plan.epochs
        self._say(describe_plan(plan))

    def stepped(self, report: StepReport) -> None:
        """See `Observer.stepped`; shown with the measurement."""
        self._seconds_left = report.seconds_left

    def measured(self, report: Measurement) -> None:
        """See `Observer.measured`."""
        parts = [
            f"epoch {report.epoch}/{self._epochs}",
            f"step {report.step}",
            say_duration(report.seconds),
            f"{report.tokens_per_second:,.0f} tokens/s",
            f"loss {report.train_loss:.3f}",
        ]
        if report.valid is not None:
            parts.append(f"validation {say_validation(report.valid)}")
        parts.append(f"left {say_duration(self._seconds_left)}")
        self._say("  ".join([*parts, "best so far"] if report.best else parts))

    def conclude(self, title: str, facts: Facts, command: str) -> None:
        """See `Display.conclude`."""
        width = max(len(name) for name, _ in facts)
        lines = [title, *[f"  {name:<{width}}  {value}" for name, value in facts], f"next: {command}"]
        self._say("\n".join(lines))

    def _say(self, text: str) -> None:
        try:
            print(text, flush=True)
        except BrokenPipeError:  # the reader left; the bot is wanted all the same
            abandon_stdout()


class LiveDisplay:
    """Bars and figures that change in place, with what the bot says as it learns."""

    def __init__(self, console: Console, interrupted: Callable[[], bool]) -> None:
        """Begin with nothing to show."""
        self._console = console
        self._interrupted = interrupted
        self._stage = "reading"
        self._plan: Plan | None = None
        self._step: StepReport | None = None
        self._measured: Measurement | None = None
        self._best: Measurement | None = None
        self._live = Live(console=console, get_renderable=self._render, refresh_per_second=8)

    def __enter__(self) -> "LiveDisplay":
        """Begin to draw."""
        self._live.start()
        return self

    def __exit__(self, *error: object) -> None:
        """Leave the last picture on the screen."""
        self._live.stop()

    def stage(self, what: str) -> None:
        """See `Observer.stage`."""
        self._stage = what
        self._live.refresh()

    def started(self, plan: Plan) -> None:
        """See `Observer.started`."""
        self._plan, self._stage = plan, "training"
        self._live.console.print(Text(describe_plan(plan), style="dim"))

    def stepped(self, report: StepReport) -> None:
        """See `Observer.stepped`."""
        self._step = report

    def measured(self, report: Measurement) -> None:
        """See `Observer.measured`."""
        self._measured = report
        if report.best:
            self._best = report

    def conclude(self, title: str, facts: Facts, command: str) -> None:
        """See `Display.conclude`."""
        table = Table.grid(padding=(0, 2))
        for name, value in facts:
            table.add_row(Text(name, style="dim"), Text(value))
        say_next = Text.assemble(("next  ", "dim"), (command, "bold"))
        self._console.print(Panel(Group(table, Text(), say_next), title=title, title_align="left", expand=False))

    def _render(self) -> RenderableType:
        parts: list[RenderableType] = [Text(self._headline(), style="bold")]
        if self._plan is not None and self._step is not None:
            parts += [self._bars(self._plan, self._step), self._figures(self._step)]
        if self._measured is not None:
            parts.append(_samples(self._measured))
        return Group(*parts)

    def _headline(self) -> str:
        if not self._interrupted():
            return self._stage
        return f"{self._stage}: stopping and keeping the best weights; Ctrl-C again leaves without a bundle"

    def _bars(self, plan: Plan, step: StepReport) -> RenderableType:
        in_epoch = step.step - (step.epoch - 1) * plan.steps_per_epoch
        steps = plan.epochs * plan.steps_per_epoch
        grid = Table.grid(padding=(0, 2))
        grid.add_row(f"epoch {step.epoch}/{plan.epochs}", ProgressBar(plan.steps_per_epoch, in_epoch, width=40))
        grid.add_row(f"step {step.step:,}/{steps:,}", ProgressBar(steps, step.step, width=40))
        return grid

    def _figures(self, step: StepReport) -> RenderableType:
        parts = [f"{step.tokens_per_second:,.0f} tokens/s", f"loss {step.loss:.3f}"]
        if self._measured is not None and self._measured.valid is not None:
            parts.append(f"validation {say_validation(self._measured.valid)}")
        if self._best is not None:
            parts.append(f"best in epoch {self._best.epoch}")
        parts.append(f"{say_duration(step.seconds_left)} left")
        return Text("  ·  ".join(parts))


class ProgressBars:
    """A bar on standard error for each part of some work, while a person looks on."""

    def __init__(self) -> None:
        """Begin with none."""
        console = Console(stderr=True)
        self._progress = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeRemainingColumn(),
            console=console,
            transient=True,
            disable=not console.is_terminal,
        )
        self._tasks: dict[str, TaskID] = {}

    def __enter__(self) -> "ProgressBars":
        """Begin to draw."""
        self._progress.start()
        return self

    def __exit__(self, *error: object) -> None:
        """Wipe the bars."""
        self._progress.stop()

    def show(self, what: str, done: int, total: int) -> None:
        """Draw how far one part is."""
        if what not in self._tasks:
            self._tasks[what] = self._progress.add_task(what, total=total)
        self._progress.update(self._tasks[what], completed=done)


def describe_plan(plan: Plan) -> str:
    """One line that says what training will work on and what it will take."""
    held_out = f"{plan.validation_pairs:,} held out" if plan.validation_pairs else "none held out"
    limit = " at most" if plan.expected_seconds == plan.max_seconds else ""
    expected = f"about {say_duration(plan.expected_seconds)}{limit}"
    return (
        f"{plan.training_pairs:,} pairs, {held_out}; {plan.training_tokens:,} tokens of {plan.vocabulary_size:,} kinds,"
        f" {plan.truncated_pairs:,} pairs cut; {plan.parameters:,} parameters, about {plan.memory_bytes / 1e9:.1f} GB;"
        f" up to {plan.epochs} epochs of {plan.steps_per_epoch:,} steps, {expected}"
    )


def say_perplexity(perplexity: float) -> str:
    """Two decimals where they can be seen, none where they cannot."""
    if not math.isfinite(perplexity) or perplexity >= 1e6:
        return "over 1,000,000"
    return f"{perplexity:.2f}" if perplexity < 100 else f"{perplexity:,.0f}"


def say_validation(valid: Validation) -> str:
    """What was measured on the validation pairs."""
    return (
        f"{valid.bits_per_byte:.3f} bits/byte, perplexity {say_perplexity(valid.perplexity)}, {valid.exact:.0%} exact"
    )


def _samples(report: Measurement) -> RenderableType:
    grid = Table.grid(padding=(0, 1))
    for sample in report.samples:
        grid.add_row(Text(sample.prompt, style="dim"), Text("→", style="dim"), Text(sample.reply))
    return grid
