"""`chatbot train`: dialogue pairs in, a bundle out."""

import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from chatbot.cli.exits import exit_codes
from chatbot.cli.options import parse_duration
from chatbot.config import ModelConfig, TrainingConfig

if TYPE_CHECKING:
    from chatbot.cli.display import Facts
    from chatbot.training.run import Result

_RECIPE = TrainingConfig(epochs=None)
_DATA, _BUDGET, _MODEL = "Data", "How long", "Model"


def train(
    corpora: Annotated[
        list[Path], typer.Argument(metavar="CORPUS", help="Files of pairs: prompt, tab, reply; also .gz.")
    ],
    checkpoint: Annotated[
        Path | None,
        typer.Option(
            envvar="CHATBOT_CHECKPOINT",
            metavar="DIR",
            help="Where to write the bundle. Default: checkpoints/<name of the first corpus>.",
            show_default=False,
        ),
    ] = None,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace the bundle that is there.")] = False,
    valid: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Measure on these pairs.", rich_help_panel=_DATA, show_default=False),
    ] = None,
    valid_share: Annotated[
        float,
        typer.Option(min=0, max=0.9, help="Without --valid, share of the prompts held out.", rich_help_panel=_DATA),
    ] = _RECIPE.valid_share,
    strict: Annotated[
        bool, typer.Option("--strict", help="Stop at the first line that cannot be used.", rich_help_panel=_DATA)
    ] = False,
    max_time: Annotated[
        str, typer.Option(metavar="TIME", help="90s, 4m, 1h30m or none.", rich_help_panel=_BUDGET)
    ] = "150s",
    epochs: Annotated[
        int | None,
        typer.Option(
            min=1,
            help="Most passes over the pairs. Default: by the size of the corpus.",
            rich_help_panel=_BUDGET,
            show_default=False,
        ),
    ] = None,
    patience: Annotated[
        int, typer.Option(min=1, help="Stop after so many epochs without a better one.", rich_help_panel=_BUDGET)
    ] = _RECIPE.patience,
    seed: Annotated[
        int, typer.Option(min=0, max=2**32 - 1, help="Of everything random.", rich_help_panel=_MODEL)
    ] = _RECIPE.seed,
    vocabulary_size: Annotated[
        int | None,
        typer.Option(
            min=1,
            max=1_000_000,
            help="Tokens. Default: by the size of the corpus.",
            rich_help_panel=_MODEL,
            show_default=False,
        ),
    ] = None,
    max_length: Annotated[
        int, typer.Option(min=1, max=4096, help="Tokens at which prompts and replies are cut.", rich_help_panel=_MODEL)
    ] = ModelConfig(vocabulary_size=4).max_reply_tokens,
    batch_size: Annotated[
        int | None,
        typer.Option(
            min=1,
            max=65_536,
            help="Pairs in a step. Default: by the size of the corpus.",
            rich_help_panel=_MODEL,
            show_default=False,
        ),
    ] = None,
    learning_rate: Annotated[
        float, typer.Option(min=1e-6, max=1.0, help="Adam's highest.", rich_help_panel=_MODEL)
    ] = _RECIPE.learning_rate,
) -> None:
    """Train a bot on files of dialogue pairs.

    Ctrl-C stops training and still writes a working bundle with the best weights so far; a
    second Ctrl-C leaves at once and writes nothing.

    Exit codes: 0 a bundle was written, 1 failure, 2 wrong usage, 130 interrupted.
    """
    recipe = TrainingConfig(
        seed=seed,
        valid_share=valid_share,
        epochs=epochs,
        max_seconds=parse_duration(max_time, "--max-time"),
        patience=patience,
        batch_size=batch_size,
        learning_rate=learning_rate,
        vocabulary_size=vocabulary_size,
    )
    with exit_codes():
        from chatbot import bundle
        from chatbot.cli.display import choose_display
        from chatbot.cli.interruption import Interruption
        from chatbot.cli.problems import ProblemReport
        from chatbot.corpus import load_corpus
        from chatbot.text import normalize

        place = checkpoint if checkpoint is not None else bundle.default_path(corpora[0])
        bundle.check_free(place, overwrite)
        problems = ProblemReport(strict)
        try:
            corpus = load_corpus(corpora, problems, valid=valid, valid_share=valid_share, seed=seed)
        finally:
            problems.finish()
        interruption = Interruption()
        display = choose_display(lambda: interruption.requested)
        with interruption, display:
            display.stage("loading TensorFlow")
            from chatbot.training.run import Job, train

            job = Job(place, tuple(normalize(path.name) for path in corpora), max_length, recipe)
            result = train(corpus, job, display, interruption.should_stop)
        display.conclude(_title(result), _facts(result), _next(place, checkpoint))


_ENDINGS = {
    "epochs": "trained",
    "time": "trained for the time given",
    "early": "trained until it got no better",
    "interrupted": "stopped by Ctrl-C, best weights kept",
    "diverged": "stopped: the loss was no number any more; best weights kept, try a lower --learning-rate",
}


def _title(result: "Result") -> str:
    return _ENDINGS[result.outcome.stopped]


def _facts(result: "Result") -> "Facts":
    from chatbot.cli.display import say_perplexity
    from chatbot.cli.options import say_duration

    plan, outcome, parity, best = result.plan, result.outcome, result.parity, result.outcome.best
    facts = [
        ("pairs", f"{plan.training_pairs:,}, and {plan.validation_pairs:,} held out"),
        ("parameters", f"{plan.parameters:,}"),
        ("time", f"{say_duration(outcome.seconds)}, {len(outcome.history)} epochs"),
    ]
    if best.valid_perplexity is not None:
        facts.append(("perplexity", f"{say_perplexity(best.valid_perplexity)} held out, epoch {best.epoch}"))
    facts.append(("LiteRT", f"{parity.same_replies} of {parity.prompts} greedy replies as Keras gives them"))
    facts.append(("bundle", f"{result.bundle.path}, {result.bundle.size / 1e6:.1f} MB"))
    return facts


def _next(place: Path, checkpoint: Path | None) -> str:
    return "chatbot chat" if checkpoint is None else f"chatbot chat --checkpoint {shlex.quote(str(place))}"
