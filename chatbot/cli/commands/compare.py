"""`chatbot compare`: two bots side by side on the same prompts."""

import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from chatbot.cli.chat.screen import ScreenOptions
from chatbot.cli.options.command import examples
from chatbot.cli.options.declared_options import part_of, with_options
from chatbot.cli.options.shared_options import BUNDLE, complete_bundle
from chatbot.cli.output.exit_codes_and_messages import exit_codes, print_note
from chatbot.cli.output.json_output import write_json
from chatbot.cli.output.stdin_lines import arriving_lines
from chatbot.config import DecodingConfig
from chatbot.config.base import Config
from chatbot.config.options import option

if TYPE_CHECKING:
    from chatbot.cli.commands.comparison import PromptComparison, Questions

#: Prompts answered at once, so that a long file is shown as it is answered.
_MOST = 256


def _bundle(metavar: str, which: str) -> Any:
    said = f"The bundle of {which}: {BUNDLE}."
    return typer.Argument(metavar=metavar, help=said, autocompletion=complete_bundle)


@dataclass(frozen=True)
class CompareOptions(Config):
    """Options of a comparison.

    Attributes:
        diff: Whether prompts with the same replies are left out.
        as_json: Whether each prompt is one JSON object.
    """

    diff: bool = option(False, "Show only the prompts to which the replies differ.")
    as_json: bool = option(False, "Write one JSON object a prompt.", flags=("--json",))


_Show = Callable[["PromptComparison"], None]


@examples("""\
# two bots, side by side on the same prompts
chatbot compare faq faq-2 questions.txt

# typed one at a time
chatbot compare faq faq-2
""")
@with_options(
    call=part_of(CompareOptions),
    screen=part_of(ScreenOptions),
    decoding=part_of(DecodingConfig, without=["n_best", "suggest"]),
)
def compare(
    *,
    a: Annotated[Path, _bundle("A", "the first bot")],
    b: Annotated[Path, _bundle("B", "the second")],
    file: Annotated[
        Path | None,
        typer.Argument(
            metavar="FILE",
            help="A corpus, or prompts, one a line; also .gz. Without it, standard input.",
        ),
    ] = None,
    call: CompareOptions,
    screen: ScreenOptions,
    decoding: DecodingConfig,
) -> None:
    """Ask two bots the same and show their replies side by side.

    With a file or a pipe, each line is a prompt; a tab and anything after it are no part of it. Where
    the file is a corpus, with a reply after the tab, each distinct prompt is asked once, and it is said
    which bot is right. At a terminal, type the prompts; Ctrl-D quits. Off a terminal, each line
    of standard output is the prompt, a tab, A's reply, a tab and B's; with --json, an object with
    prompt, same, expected, and in a and b the reply, score, confidence, truncated and right (expected
    and right only where a reply is recorded). How often the replies are the same, and how often each
    bot is right, is said on standard error at the end, but for --json.

    Exit codes: 0 compared, 1 failure, 2 wrong usage, 130 interrupted.
    """
    with exit_codes(call.as_json):
        from chatbot.bot.chatbot import Chatbot
        from chatbot.cli.commands.comparison import ComparisonCounts
        from chatbot.cli.commands.comparison import compare as ask

        first, second = Chatbot.load(a), Chatbot.load(b)
        typed = file is None and sys.stdin is not None and sys.stdin.isatty()
        show = _write_json if call.as_json else _choose_view(a, b, screen, typed)
        tally = ComparisonCounts()
        for questions in _read(file, typed, screen):
            for comparison in ask(first, second, questions.prompts, decoding, questions.key):
                tally.add(comparison)
                if not (call.diff and comparison.same):
                    show(comparison)
            sys.stdout.flush()
        if not call.as_json:  # whose objects say it each
            for line in tally.say():
                print_note(line)


def _read(file: Path | None, typed: bool, looks: ScreenOptions) -> "Iterator[Questions]":
    """The prompts to ask, as many at once as there are to be answered, without the empty lines."""
    from chatbot.cli.commands.comparison import Questions

    if file is not None:
        yield from _questions_of(file)
        return
    for lines in _typed(looks) if typed else _piped():
        # The replies of a pipe, which may never end, are not waited for.
        yield Questions.of(line.partition("\t")[0] for line in lines)


def _questions_of(file: Path) -> "Iterator[Questions]":
    from chatbot.cli.commands.comparison import Questions
    from chatbot.cli.output.unusable_lines import ProblemReport
    from chatbot.corpus.reading.tsv import read_lines

    problems = ProblemReport(strict=False)
    questions = Questions.of(line for _, line in read_lines(file, problems))
    problems.finish()
    for start in range(0, len(questions.prompts), _MOST):
        yield replace(questions, prompts=questions.prompts[start : start + _MOST])


def _piped() -> Iterator[list[str]]:
    if sys.stdin is not None:
        for lines in arriving_lines(sys.stdin.fileno(), _MOST):
            yield [line.decode("utf-8", errors="replace") for line in lines]


def _typed(looks: ScreenOptions) -> Iterator[list[str]]:
    """The prompts that a person types, one at a time, until Ctrl-D."""
    from chatbot.cli.chat.open_screen import open_screen
    from chatbot.cli.chat.screen import LineDropped

    with open_screen(looks, lambda _: ()) as screen:
        screen.notice("Type a prompt for both bots; Ctrl-D quits.")
        while True:
            try:
                line = screen.read()
            except LineDropped:
                continue
            if line is None:
                return
            yield [" ".join(line.split())]


def _write_json(comparison: "PromptComparison") -> None:
    write_json(comparison.to_json())


def _write_columns(comparison: "PromptComparison") -> None:
    print(comparison.prompt, comparison.first.text, comparison.second.text, sep="\t")


def _choose_view(a: Path, b: Path, looks: ScreenOptions, typed: bool) -> _Show:
    """Columns on a terminal that is wide enough, a line a reply on another, tab-separated values elsewhere.

    Prompts that were typed are on the terminal already.
    """
    if not sys.stdout.isatty():
        return _write_columns
    from chatbot.cli.chat.open_screen import make_console
    from chatbot.cli.commands.compare_view import SideBySide, Stacked

    names = (a.resolve().name, b.resolve().name)
    if names[0] == names[1]:
        names = (str(a), str(b))
    console = make_console(looks)
    stacked = looks.plain or console.is_dumb_terminal
    return Stacked(console, names, typed) if stacked else SideBySide(console, names, typed)
