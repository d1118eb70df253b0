"""`chatbot evaluate`: how good a bot is on a corpus, for people or as JSON."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from chatbot.cli.decoding import decoding_options
from chatbot.cli.exits import exit_codes, write_json
from chatbot.cli.options import Checkpoint
from chatbot.config import DecodingConfig

if TYPE_CHECKING:
    from chatbot.evaluation import Evaluation

_NONE = "—"


@decoding_options(without=["n_best"])
def evaluate(
    *,
    corpus: Annotated[Path, typer.Argument(metavar="CORPUS", help="A file of pairs: prompt, tab, reply; also .gz.")],
    checkpoint: Checkpoint = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object instead of a table.")] = False,
    decoding: DecodingConfig,
) -> None:
    """Measure a bot on a corpus, beside the reply of the nearest training prompt.

    Better not on what it was trained on. Standard output carries the table or the JSON object;
    progress and skipped lines go to standard error.

    Exit codes: 0 measured, 1 failure, 2 wrong usage, 130 interrupted.
    """
    with exit_codes(as_json):
        from chatbot.bot import Chatbot
        from chatbot.cli.problems import ProblemReport
        from chatbot.cli.progress_bars import ProgressBars
        from chatbot.corpus import load_pairs
        from chatbot.evaluation import evaluate as measure

        bot = Chatbot.load(checkpoint)
        problems = ProblemReport(strict=False)
        try:
            pairs = load_pairs(corpus, problems)
        finally:
            problems.finish()
        with ProgressBars() as bars:
            evaluation = measure(bot, pairs, decoding, bars.show)
        if as_json:
            write_json(evaluation.to_json(), indent=2)
        else:
            _print_table(evaluation, bot.fallback_threshold)


def _print_table(found: "Evaluation", threshold: float | None) -> None:
    from rich.console import Console
    from rich.table import Table

    from chatbot.cli.wording import say_perplexity

    likeness, neighbour = found.likeness, found.nearest_neighbour
    others = (None,) * 3 if neighbour is None else (neighbour.exact_match, neighbour.bleu, neighbour.chrf)
    table = Table("", "bot", "nearest neighbour", box=None, padding=(0, 2, 0, 0))
    for column in table.columns[1:]:
        column.justify = "right"
    table.add_row("pairs", f"{found.pairs:,}")
    table.add_row("prompts", f"{found.prompts:,}")
    table.add_row("perplexity", say_perplexity(found.perplexity))
    table.add_row("bits per byte", f"{found.bits_per_byte:.3f}")
    table.add_row("exact match", _share(likeness.exact_match), _share(others[0]))
    table.add_row("BLEU", f"{likeness.bleu:.1f}", _number(others[1]))
    table.add_row("chrF", f"{likeness.chrf:.1f}", _number(others[2]))
    table.add_row("distinct-1", f"{found.distinct_1:.3f}")
    table.add_row("distinct-2", f"{found.distinct_2:.3f}")
    table.add_row("most frequent reply", _share(found.top_reply_share))
    table.add_row("confidence", _share(found.confidence))
    table.add_row("calibration error", _share(found.calibration_error))
    below = _NONE if threshold is None else f"{threshold:.2g}"
    table.add_row(f"confidence below {below}", _share(found.unsure))
    table.add_row("replies per second", f"{found.replies_per_second:,.0f}")
    Console(highlight=False).print(table)


def _share(share: float | None) -> str:
    return _NONE if share is None else f"{share:.1%}"


def _number(number: float | None) -> str:
    return _NONE if number is None else f"{number:.1f}"
