"""`chatbot evaluate`: the quality of a bot on a corpus, for people or as JSON."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from chatbot.cli.options.command import examples
from chatbot.cli.options.declared_options import part_of, with_options
from chatbot.cli.options.shared_options import Checkpoint
from chatbot.cli.output.exit_codes_and_messages import exit_codes
from chatbot.cli.output.json_output import write_json
from chatbot.config import DecodingConfig

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rich.console import Console

    from chatbot.evaluation import Evaluation

_NONE = "—"


@examples("""\
# how good the bot is on pairs it has not seen
chatbot evaluate corpora/dialogs.test.tsv

# what it answered wrongly, and what it should have said
chatbot evaluate corpora/dialogs.test.tsv --errors | less

# one number for a script
chatbot evaluate test.tsv --json | jq .right

# whether reranking makes its replies more different
chatbot evaluate test.tsv --beam 10 --diversity 0.7 --length-bonus 0.3
""")
@with_options(decoding=part_of(DecodingConfig, without=["n_best", "suggest"]))
def evaluate(
    *,
    corpus: Annotated[Path, typer.Argument(metavar="CORPUS", help="A file of pairs: prompt, tab, reply; also .gz.")],
    checkpoint: Checkpoint = None,
    errors: Annotated[
        bool,
        typer.Option(
            "--errors", help="List the prompts answered wrongly too, by the reply that was expected, weakest first."
        ),
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object instead of a table.")] = False,
    decoding: DecodingConfig,
) -> None:
    """Measure a bot on a corpus, beside the reply of the nearest training prompt.

    Use pairs the bot was not trained on. A reply is right if the corpus records it for the prompt, or, where
    the corpus names topics and records one reply a prompt, for another prompt of its topic. Below the figures are
    the answers confused most with each other, and those that need more phrasings. Standard output
    carries the table or the JSON object; progress and skipped lines go to standard error.

    Exit codes: 0 measured, 1 failure, 2 wrong usage, 130 interrupted.
    """
    with exit_codes(as_json):
        from chatbot.bot.chatbot import Chatbot
        from chatbot.bot.mistakes import weakest_first
        from chatbot.cli.options.bundle_on_command_line import find_bundle
        from chatbot.cli.output.progress_bars import ProgressBars
        from chatbot.cli.output.unusable_lines import ProblemReport
        from chatbot.corpus import load_topics
        from chatbot.evaluation import evaluate as measure

        bot = Chatbot.load(find_bundle(checkpoint))
        problems = ProblemReport(strict=False)
        try:
            pairs, topics = load_topics(corpus, problems)
        finally:
            problems.finish()
        with ProgressBars() as bars:
            evaluation = measure(bot, pairs, topics, decoding, bars.show)
        if as_json:
            missed = [expected.to_json() for expected in weakest_first(evaluation.graded)] if errors else []
            write_json(evaluation.to_json() | ({"errors": missed} if errors else {}), indent=2)
        else:
            _print_report(evaluation, errors)


def _print_report(found: "Evaluation", errors: bool) -> None:
    from chatbot.cli.commands.wrong_answers import print_errors, print_weaknesses
    from chatbot.cli.output.console import TextConsole

    console = TextConsole()
    _print_figures(list(_figures(found)), console)
    print_weaknesses(console, found.confused, found.needy)
    if errors:
        print()
        print_errors(console, found.graded)


def _print_figures(rows: list[tuple[str, str, str, str]], console: "Console") -> None:
    """Print figures in columns, or where the terminal is too narrow for them one after the other."""
    rows.insert(0, ("", "bot", "nearest neighbour", "nearest centroid"))
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    if console.is_terminal and sum(widths) + 6 > console.width:
        for name, bot, neighbour, centroid in rows[1:]:
            beside = neighbour and f", nearest neighbour {neighbour}, nearest centroid {centroid}"
            console.print(f"{name}: {bot}{beside}")
        return
    for name, *figures in rows:
        columns = (f"{figure:>{width}}" for figure, width in zip(figures, widths[1:], strict=True))
        print("  ".join((f"{name:<{widths[0]}}", *columns)).rstrip())


def _figures(found: "Evaluation") -> "Iterator[tuple[str, str, str, str]]":
    """Names, the bot's figures, and those of the two baselines, empty where they have none of the kind."""
    from chatbot.cli.output.training_wording import say_perplexity

    bot, baselines = found.reply_metrics, (found.nearest_neighbour, found.nearest_centroid)
    yield "pairs", f"{found.pairs:,}", "", ""
    yield "prompts", f"{found.prompts:,}", "", ""
    for name, field, say in _BESIDE:
        if field != "exact_match" or found.by_topic:  # else what is right is exact, and the same figure twice
            neighbour, centroid = (say(getattr(baseline, field, None)) for baseline in baselines)
            yield name, say(getattr(bot, field)), neighbour, centroid
    yield "perplexity", say_perplexity(found.perplexity), "", ""
    yield "bits per byte", f"{found.bits_per_byte:.3f}", "", ""
    yield "distinct-1", f"{found.distinct_1:.3f}", "", ""
    yield "distinct-2", f"{found.distinct_2:.3f}", "", ""
    yield "most frequent reply", _share(found.top_reply_share), "", ""
    yield "confidence", _share(found.confidence), "", ""
    yield "calibration error", _share(found.calibration_error), "", ""
    below = _NONE if found.fallback_below is None else f"{found.fallback_below:.2g}"
    yield f"confidence below {below}", _share(found.unsure), "", ""
    yield "replies per second", f"{found.replies_per_second:,.0f}", "", ""


def _share(share: float | None) -> str:
    return _NONE if share is None else f"{share:.1%}"


def _number(number: float | None) -> str:
    return _NONE if number is None else f"{number:.1f}"


#: The figures that the baselines have too: name, field of `ReplyMetrics`, and function that writes it.
_BESIDE = (
    ("right", "right", _share),
    ("exact match", "exact_match", _share),
    ("BLEU", "bleu", _number),
    ("chrF", "chrf", _number),
)
