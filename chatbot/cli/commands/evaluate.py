"""`chatbot evaluate`: the quality of a bot on a corpus, for people or as JSON."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from chatbot.cli.options.click_aliases import UsageError
from chatbot.cli.options.command import examples
from chatbot.cli.options.declared_options import part_of, with_options
from chatbot.cli.options.shared_options import Checkpoint
from chatbot.cli.output.exit_codes_and_messages import exit_codes, print_note
from chatbot.cli.output.json_output import write_json
from chatbot.config import DecodingConfig
from chatbot.config.base import Config
from chatbot.config.options import Form, option
from chatbot.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from chatbot.bot.chatbot import Chatbot
    from chatbot.bot.prompt_groups import GroupFigures
    from chatbot.bot.risk_curve import RiskCurve
    from chatbot.evaluation import Evaluation


@dataclass(frozen=True)
class EvaluateOptions(Config):
    """Options of an evaluation.

    Attributes:
        errors: Whether wrong answers are listed.
        outside: File of prompts that nobody taught the bot; None for none.
        output: File of the picture of the risk; None for none.
        overwrite: Whether that file may be replaced.
        as_json: Whether it is one JSON object.
    """

    errors: bool = option(
        False, "List the prompts answered wrongly too, by the reply that was expected, weakest first."
    )
    outside: Path | None = option(
        None,
        "Count how many of these prompts, which nobody taught the bot, would be answered: one a line, or the first"
        " column of a corpus.",
        metavar="FILE",
        form=Form.FILE,
    )
    output: Path | None = option(
        None,
        "Draw the right answers kept against the wrong ones said, by threshold, as .svg.",
        flags=("--output", "-o"),
        metavar="FILE",
    )
    overwrite: bool = option(False, "Overwrite an existing file.")
    as_json: bool = option(False, "Print one JSON object instead of a table.", flags=("--json",))


@examples("""\
# how good the bot is on pairs it has not seen
chatbot evaluate corpora/dialogs.test.tsv

# what it answered wrongly, and what it should have said
chatbot evaluate corpora/dialogs.test.tsv --errors | less

# how much of what it was not taught it would answer, and what another threshold would cost
chatbot evaluate corpora/dialogs.test.tsv --outside strange.txt --output risk.svg

# one number for a script
chatbot evaluate test.tsv --json | jq .right

# whether reranking makes its replies more different
chatbot evaluate test.tsv --beam 10 --diversity 0.7 --length-bonus 0.3
""")
@with_options(call=part_of(EvaluateOptions), decoding=part_of(DecodingConfig, without=["n_best", "suggest"]))
def evaluate(
    *,
    corpus: Annotated[Path, typer.Argument(metavar="CORPUS", help="A file of pairs: prompt, tab, reply; also .gz.")],
    checkpoint: Checkpoint = None,
    call: EvaluateOptions,
    decoding: DecodingConfig,
) -> None:
    """Measure a bot on a corpus, beside the reply of the nearest training prompt.

    Use pairs the bot was not trained on. A reply is right if the corpus records it for the prompt, or, where
    the corpus names topics and records one reply a prompt, for another prompt of its topic. Below the figures are
    the same by the length of the prompt and by its kind, which is the fourth column, the answers confused most
    with each other, and those that need more phrasings. Standard output
    carries the table or the JSON object; progress and skipped lines go to standard error.

    Exit codes: 0 measured, 1 failure, 2 wrong usage, 130 interrupted.
    """
    _check_output(call)
    with exit_codes(call.as_json):
        from chatbot.bot.prompt_groups import by_kind, by_length
        from chatbot.cli.options.bundle_on_command_line import load_bot
        from chatbot.cli.output.progress_bars import ProgressBars
        from chatbot.cli.output.unusable_lines import ProblemReport
        from chatbot.corpus import load_topics
        from chatbot.corpus.topic_column import RowNotes
        from chatbot.evaluation import evaluate as measure
        from chatbot.files import check_free

        if call.output is not None:
            check_free(call.output, call.overwrite)
        outside = None if call.outside is None else _read_outside(call.outside)
        bot = load_bot(checkpoint)
        problems, notes = ProblemReport(strict=False), RowNotes()
        try:
            pairs, topics = load_topics(corpus, problems, notes)
        finally:
            problems.finish()
        with ProgressBars() as bars:
            found = measure(bot, pairs, topics, decoding, bars.show)
        risk = _risk(bot, found, outside, decoding)
        groups = by_length(found.graded), by_kind(found.graded, notes.kinds)
        _report(found, groups, risk, call)
        if call.output is not None and risk is not None:
            _draw(risk, corpus, call)


def _check_output(call: EvaluateOptions) -> None:
    """Refuse a picture of another format, and what does nothing without one.

    Raises:
        UsageError: There is such a choice.
    """
    if call.output is None and call.overwrite:
        raise UsageError("--overwrite needs --output FILE")
    if call.output is not None and call.output.suffix.lower() != ".svg":
        raise typer.BadParameter(f"{call.output}: name a file that ends with .svg", param_hint="--output")


def _read_outside(file: Path) -> list[str]:
    """The distinct prompts of a file, one a line or in the first column.

    Raises:
        CorpusError: It cannot be read, or has none.
    """
    from chatbot.cli.output.unusable_lines import ProblemReport
    from chatbot.corpus.reading.tsv import read_lines
    from chatbot.errors import CorpusError
    from chatbot.text import normalize

    problems = ProblemReport(strict=False)
    prompts = [normalize(line.partition("\t")[0]) for _, line in read_lines(file, problems)]
    problems.finish()
    if not any(prompts):
        raise CorpusError(f"{file}: no prompt; put one on each line")
    return list(dict.fromkeys(filter(None, prompts)))


def _risk(
    bot: "Chatbot", found: "Evaluation", outside: list[str] | None, decoding: DecodingConfig
) -> "RiskCurve | None":
    """The cost of each threshold; None where the bot has no calibration."""
    from chatbot.bot.risk_curve import RiskCurve, ask_outside

    if found.fallback_below is None:
        return None
    sure = None if outside is None else ask_outside(bot, outside, decoding)
    return RiskCurve.of(found.graded, found.fallback_below, sure)


def _report(
    found: "Evaluation",
    groups: "tuple[Sequence[GroupFigures], Sequence[GroupFigures]]",
    risk: "RiskCurve | None",
    call: EvaluateOptions,
) -> None:
    from chatbot.bot.mistakes import weakest_first
    from chatbot.cli.commands.evaluation_report import print_report

    if risk is None and (call.outside is not None or call.output is not None):
        asked = "--outside" if call.outside is not None else "--output"
        raise ConfigError(f"{asked} needs a bot with a calibrated confidence; train it again")
    if not call.as_json:
        print_report(found, groups, risk, call.errors)
        return
    lengths, kinds = ([one.to_json() for one in group] for group in groups)
    told: dict[str, Any] = {"by_length": lengths, "by_kind": kinds, "risk": risk and risk.to_json()}
    missed = {"errors": [expected.to_json() for expected in weakest_first(found.graded)]} if call.errors else {}
    write_json(found.to_json() | told | missed, indent=2)


def _draw(risk: "RiskCurve", corpus: Path, call: EvaluateOptions) -> None:
    from chatbot.explain.risk_picture import draw_risk
    from chatbot.files import PUBLIC_FILE, open_whole

    assert call.output is not None  # or nothing is drawn
    with open_whole(call.output, call.overwrite, PUBLIC_FILE) as file:
        file.write(draw_risk(risk, corpus.name).encode("utf-8"))
    print_note(f"wrote {call.output}")
