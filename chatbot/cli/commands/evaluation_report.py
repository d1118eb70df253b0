"""The report of an evaluation, for people: figures, groups of prompts, the cost of the threshold, weaknesses."""

from collections.abc import Iterator, Sequence

from rich.console import Console

from chatbot.bot.prompt_groups import GroupFigures
from chatbot.bot.risk_curve import RiskCurve
from chatbot.cli.commands.wrong_answers import print_errors, print_weaknesses
from chatbot.cli.output.console import TextConsole
from chatbot.cli.output.table import Column, print_table
from chatbot.cli.output.training_wording import say_perplexity
from chatbot.evaluation import Evaluation

_NONE = "—"


def print_report(
    found: Evaluation,
    groups: tuple[Sequence[GroupFigures], Sequence[GroupFigures]],
    risk: RiskCurve | None,
    errors: bool,
) -> None:
    """Print the figures, and what is weak.

    Args:
        found: The figures.
        groups: The same by the length of the prompt, and by its kind.
        risk: What a threshold costs; None for a bot without a calibration.
        errors: Whether wrong answers are listed too.
    """
    console = TextConsole()
    _print_figures(list(_figures(found)), console)
    for name, figures in zip(("length", "kind"), groups, strict=True):
        _print_groups(name, figures)
    if risk is not None and risk.outside is not None:
        _print_outside(risk)
    print_weaknesses(console, found.confused, found.needy)
    if errors:
        print()
        print_errors(console, found.graded)


def _print_groups(name: str, figures: Sequence[GroupFigures]) -> None:
    if figures:
        print()
        rows = [(one.group, f"{one.prompts:,}", _share(one.right), _share(one.confidence)) for one in figures]
        titles = (Column(title, right=True) for title in ("prompts", "right", "confidence"))
        print_table([Column(f"by {name}"), *titles], rows)


def _print_outside(risk: RiskCurve) -> None:
    share = f"{risk.outside_answered:,} ({_share(risk.own.outside_said)})"
    print(f"\n{risk.outside:,} prompts from outside: {share} would be answered at {risk.own.threshold:.2g}", end="")
    print(f"; AUROC {risk.auroc:.3f}")


def _print_figures(rows: list[tuple[str, ...]], console: Console) -> None:
    """Print figures in columns, or where the terminal is too narrow for them one after the other."""
    rows.insert(0, ("", "bot", *_BASELINES))
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    if console.is_terminal and sum(widths) + 2 * len(_BASELINES) + 2 > console.width:
        for name, bot, *others in rows[1:]:
            beside = (f", {title} {figure}" for title, figure in zip(_BASELINES, others, strict=True) if figure)
            console.print(f"{name}: {bot}{''.join(beside)}")
        return
    for name, *figures in rows:
        columns = (f"{figure:>{width}}" for figure, width in zip(figures, widths[1:], strict=True))
        print("  ".join((f"{name:<{widths[0]}}", *columns)).rstrip())


def _figures(found: Evaluation) -> Iterator[tuple[str, ...]]:
    """Names, the bot's figures, and those of the baselines, empty where they have none of the kind."""
    bot, baselines = found.reply_metrics, (found.nearest_neighbour, found.nearest_centroid, found.linear_svm)
    yield "pairs", f"{found.pairs:,}", *_BLANK
    yield "prompts", f"{found.prompts:,}", *_BLANK
    for name, field, say in _BESIDE:
        if field != "exact_match" or found.by_topic:  # else what is right is exact, and the same figure twice
            yield name, say(getattr(bot, field)), *(say(getattr(baseline, field, None)) for baseline in baselines)
    yield "perplexity", say_perplexity(found.perplexity), *_BLANK
    yield "bits per byte", f"{found.bits_per_byte:.3f}", *_BLANK
    yield "distinct-1", f"{found.distinct_1:.3f}", *_BLANK
    yield "distinct-2", f"{found.distinct_2:.3f}", *_BLANK
    yield "most frequent reply", _share(found.top_reply_share), *_BLANK
    yield "confidence", _share(found.confidence), *_BLANK
    yield "calibration error", _share(found.calibration_error), *_BLANK
    below = _NONE if found.fallback_below is None else f"{found.fallback_below:.2g}"
    yield f"confidence below {below}", _share(found.unsure), *_BLANK
    yield "replies per second", f"{found.replies_per_second:,.0f}", *_BLANK


def _share(share: float | None) -> str:
    return _NONE if share is None else f"{share:.1%}"


def _number(number: float | None) -> str:
    return _NONE if number is None else f"{number:.1f}"


#: The baselines, in the order of their columns, and a row in which they have no figure.
_BASELINES = ("nearest neighbour", "nearest centroid", "linear SVM")
_BLANK = ("",) * len(_BASELINES)
#: The figures that the baselines have too: name, field of `ReplyMetrics`, and function that writes it.
_BESIDE = (
    ("right", "right", _share),
    ("exact match", "exact_match", _share),
    ("BLEU", "bleu", _number),
    ("chrF", "chrf", _number),
)
