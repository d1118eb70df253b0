"""Mistakes of a bot, for people: wrong answers by expected reply, confused answers, answers with few phrasings."""

from collections.abc import Sequence

from rich.console import Console
from rich.text import Text

from chatbot.bot.grading import GradedReply
from chatbot.bot.mistakes import ConfusedReplies, NeedyReply, weakest_first
from chatbot.text import plural

#: Wrong answers that a person at a terminal is shown; a pipe, a file and JSON get all.
_SHOWN = 100
#: Pairs of confused answers, and answers with few phrasings, that the report has; JSON has all.
_MOST_CONFUSED = _NEEDIEST = 5


def print_weaknesses(console: Console, confused: Sequence[ConfusedReplies], needy: Sequence[NeedyReply] | None) -> None:
    """List the answers confused most with each other, and those that need more phrasings, if there are any.

    Args:
        console: Where to; see `print_errors`.
        confused: The pairs, the most frequent mistakes first.
        needy: The answers, the worst first; None where they are not known.
    """
    if confused:
        _print(console, 0, "\nanswers confused most with each other:")
    for pair in confused[:_MOST_CONFUSED]:
        first, second = pair.replies
        _print(console, 2, f"{len(pair.mistakes):,} × {first}")
        _print(console, 4, f"and {second}")
        _print(console, 4, f"as in: {pair.mistakes[0].prompt}", "dim")
    if needy:
        _print(console, 0, "\nanswers that need more phrasings:")
    for one in (needy or ())[:_NEEDIEST]:
        right = f"{one.expected.right:,} of {one.expected.prompts:,} right"
        _print(console, 2, f"{right}, {plural(one.phrasings, 'phrasing')}: {one.expected.text}")


def print_errors(console: Console, graded: Sequence[GradedReply]) -> None:
    """List what was answered wrongly, the replies that are known worst first.

    Args:
        console: Where to. Lines break at words on a terminal and not at all elsewhere.
        graded: The answers to all prompts.
    """
    weakest = weakest_first(graded)
    wrong = sum(len(expected.mistakes) for expected in weakest)
    if not wrong:
        _print(console, 0, "every prompt got a right reply")
        return
    _print(
        console, 0, f"{wrong:,} of {plural(len(graded), 'prompt')} answered wrongly, by the reply that was expected:"
    )
    shown = _SHOWN if console.is_terminal else wrong
    left = shown
    for expected in weakest:
        if left <= 0:
            break
        _print(console, 0, "")
        _print(console, 0, f"{expected.right:,} of {expected.prompts:,} right: {expected.text}", "bold")
        for mistake in expected.mistakes[:left]:
            _print_mistake(console, mistake)
        left -= len(expected.mistakes)
    if wrong > shown:
        _print(console, 0, "")
        _print(
            console, 0, f"{wrong - shown:,} more wrong answers are not shown; a pipe (| less) or --json has them all"
        )


def _print_mistake(console: Console, mistake: GradedReply) -> None:
    sure = "" if mistake.confidence is None else f" ({mistake.confidence:.0%} confident)"
    _print(console, 2, mistake.prompt)
    _print(console, 4, f"said: {mistake.said or '(nothing)'}{sure}")
    for other in mistake.recorded[1:]:
        _print(console, 4, f"also right: {other}", "dim")


def _print(console: Console, indent: int, line: str, style: str = "") -> None:
    if not console.is_terminal:
        print(f"{' ' * indent}{line}")
        return
    for part in Text(line, style=style).wrap(console, max(console.width - indent, 1)):
        part.rstrip()
        console.print(" " * indent, part, sep="")
