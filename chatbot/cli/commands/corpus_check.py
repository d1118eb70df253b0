"""`chatbot corpus check`: the contents of a corpus, and the cost of training on it."""

import textwrap
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from chatbot.cli.options.command import examples
from chatbot.cli.output.exit_codes_and_messages import FAILURE, exit_codes
from chatbot.cli.output.json_output import write_json

if TYPE_CHECKING:
    from rich.console import Console

    from chatbot.corpus.check_finding import Finding, Verdict
    from chatbot.corpus.survey_result import Survey

_LONG_SHARE = 0.01
_STYLES = {"good": "green", "note": "cyan", "warning": "yellow", "failure": "bold red"}
_BAR = 24
#: Columns of a terminal on which the table can be read.
_NARROW = 60


@examples("""\
# what is in a corpus, and how long training will take
chatbot corpus check faq.tsv

# whether test prompts are among the training prompts
chatbot corpus check faq.tsv --test test.tsv

# train only on what can be trained on
chatbot corpus check faq.tsv && chatbot train faq.tsv
""")
def check(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A file of pairs: prompt, tab, reply; also .gz.")],
    test: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Look for prompts that are also in this file.", show_default=False),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Write one JSON object instead of a table.")] = False,
) -> None:
    """Check a corpus before training on it.

    Exit codes: 0 it can be trained on, 1 training would fail, 2 wrong usage, 130 interrupted.
    """
    with exit_codes(as_json):
        from chatbot.cli.output.progress_bars import reading_bar
        from chatbot.corpus.check_finding import Verdict
        from chatbot.corpus.survey import survey
        from chatbot.corpus.verdicts import judge

        with reading_bar("reading") as bar:
            seen = survey(file, test, bar)
        findings = [*judge(seen), *_training(seen)]
        failed = any(finding.verdict is Verdict.FAILURE for finding in findings)
        if as_json:
            report = {"file": str(file), "trainable": not failed, "findings": [one.to_json() for one in findings]}
            write_json(report, indent=2)
        else:
            _show(findings, seen)
        if failed:
            raise typer.Exit(FAILURE)


def _training(seen: "Survey") -> list["Finding"]:
    """The cost of a default run, or the reason why it would fail."""
    from chatbot.cli.output.training_wording import say_duration
    from chatbot.corpus.check_finding import Finding, Verdict
    from chatbot.errors import TokenizerError
    from chatbot.runs.resource_forecast import forecast

    if not seen.pairs:
        return _other_format(seen)
    try:
        to_come = forecast(seen.sample, seen.pairs, seen.characters, len(seen.alphabet))
    except TokenizerError as error:
        return [Finding("training", Verdict.FAILURE, str(error), "write texts of ordinary length")]
    long = max(to_come.long_prompts, to_come.long_replies)
    cut = f"{to_come.long_prompts:.1%} of the prompts and {to_come.long_replies:.1%} of the replies truncated"
    each = f"about {say_duration(to_come.epoch_seconds)}" if to_come.epoch_seconds >= 1 else "less than a second"
    found = (
        f"about {to_come.tokens:,} tokens, vocabulary of {to_come.vocabulary_size:,},"
        f" {cut if long else 'nothing truncated'}; about {say_duration(to_come.seconds)} by default,"
        f" with up to {to_come.epochs} epochs of {each} each"
    )
    data = {name: getattr(to_come, name) for name in to_come.__dataclass_fields__}
    if long > _LONG_SHARE:
        return [
            Finding(
                "training", Verdict.WARNING, found, "shorten the long texts, or train with a larger --max-length", data
            )
        ]
    if to_come.epochs * to_come.epoch_seconds > 2 * to_come.seconds:
        advice = "the time limit will end training early; --max-time allows more"
        return [Finding("training", Verdict.NOTE, found, advice, data)]
    return [Finding("training", Verdict.GOOD, found, data=data)]


def _other_format(seen: "Survey") -> list["Finding"]:
    """A hint for a file that is no corpus yet."""
    from chatbot.corpus.check_finding import Finding, Verdict
    from chatbot.corpus.importing.unknown_format import hint, import_command, unused

    found = hint(seen.path) if seen.problems else None
    if found is None:
        return []
    advice = import_command(seen.path, unused(Path("corpus.tsv")), found.options or ())
    return [Finding("format", Verdict.NOTE, f"it looks like {found.looks}", advice)]


def _show(findings: list["Finding"], seen: "Survey") -> None:
    from chatbot.cli.output.console import TextConsole
    from chatbot.cli.output.progress_bars import can_redraw

    console = TextConsole()
    if can_redraw(console) and console.width >= _NARROW:
        _show_table(findings, str(seen.path), console)
    else:
        _print_lines(findings, str(seen.path))


def _show_table(findings: list["Finding"], title: str, console: "Console") -> None:
    from rich.table import Table
    from rich.text import Text

    table = Table(title=Text(title), title_justify="left", show_lines=True)
    table.add_column("check", no_wrap=True)
    table.add_column("verdict", no_wrap=True)
    table.add_column("found and advice", ratio=1, overflow="fold")
    for finding in findings:
        said = Text(finding.found)
        if finding.check == "lengths":
            said.append(f"\n{_histograms(finding, _bar)}")
        if finding.advice:
            said.append(f"\n→ {finding.advice}", style="italic")
        table.add_row(finding.check, Text(finding.verdict.value, style=_style(finding.verdict)), said)
    console.print(table)


def _print_lines(findings: list["Finding"], title: str) -> None:
    """The same in lines, for a pipe, and for a terminal that can draw no table or has no room for one."""
    print(title)
    for finding in findings:
        print(f"\n{finding.check}: {finding.verdict.value}\n  {finding.found}")
        if finding.check == "lengths":
            print(textwrap.indent(_histograms(finding, lambda count, _: f"{count:>7,}"), "  "))
        if finding.advice:
            print(f"  → {finding.advice}")


def _style(verdict: "Verdict") -> str:
    return _STYLES[verdict.value]


def _histograms(finding: "Finding", draw: Callable[[int, int], str]) -> str:
    """The texts of both sides by range of characters.

    Args:
        finding: That of the lengths.
        draw: Shows a number beside the largest.
    """
    prompts, replies = finding.data["prompt"], finding.data["reply"]
    largest = max(*prompts.values(), *replies.values())
    width = len(draw(largest, largest))
    lines = [f"{'characters':>10}  {'prompts':<{width}}  replies"]
    for name in prompts:
        shown = (draw(side[name], largest) for side in (prompts, replies))
        lines.append(f"{name:>10}  {'  '.join(shown)}".rstrip())
    return "\n".join(lines)


def _bar(count: int, largest: int) -> str:
    return f"{'▇' * -(-count * _BAR // 2 // largest):<{_BAR // 2}}"
