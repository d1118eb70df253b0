"""`chatbot train`: dialogue pairs in, a bundle out."""

import os
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from chatbot.cli.commands.train_options import TrainingRequest
from chatbot.cli.options.command import examples
from chatbot.cli.options.shared_options import complete_bundle, parse_duration
from chatbot.cli.output.exits import exit_codes, print_warning
from chatbot.config import Architecture, TrainingConfig
from chatbot.errors import ConfigError

if TYPE_CHECKING:
    from chatbot.corpus import Corpus
    from chatbot.corpus.reading.open_file import ReadObserver
    from chatbot.training.distributed.cluster import Cluster

_RECIPE = TrainingConfig()
_DATA, _BUDGET, _MODEL, _FITTING, _PROGRESS = "Data", "How long", "Model", "Fitting", "Progress"


class Attention(StrEnum):
    """`chatbot.config.ATTENTIONS`, as Typer wants choices."""

    none = "none"
    dot = "dot"
    additive = "additive"


class Preset(StrEnum):
    """The names of `chatbot.config.PRESETS`, as Typer wants choices."""

    tiny = "tiny"
    small = "small"
    base = "base"
    large = "large"


class Precision(StrEnum):
    """`chatbot.config.PRECISIONS`, as Typer wants choices."""

    auto = "auto"
    float32 = "float32"
    bfloat16 = "bfloat16"


@examples("""\
# write the bundle checkpoints/faq/
chatbot train faq.tsv

# twenty minutes for a large model, replacing the bundle
chatbot train faq.tsv --max-time 20m --preset large --overwrite

# two files as one corpus, measured on pairs of your own
chatbot train smalltalk.tsv faq.tsv --valid held-out.tsv --checkpoint bots/help-desk

# resume a run that was interrupted, or begin it
chatbot train faq.tsv --resume

# fine-tune a bot on new pairs, and on what it knows, which it would forget otherwise
chatbot train faq.tsv corrections.tsv --init-from faq --checkpoint checkpoints/faq-2
""")
def train(
    context: typer.Context,
    corpora: Annotated[
        list[Path], typer.Argument(metavar="CORPUS", help="Files of pairs: prompt, tab, reply; also .gz.")
    ],
    checkpoint: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR",
            help="Where to write the bundle. Default: checkpoints/<name of the first corpus>.",
            show_default=False,
        ),
    ] = None,
    overwrite: Annotated[
        bool, typer.Option("--overwrite", help="Overwrite an existing bundle, and discard an interrupted run.")
    ] = False,
    resume: Annotated[
        bool,
        typer.Option(
            "--resume",
            help="Resume an interrupted run, or begin where there is none yet; options you leave out keep their"
            " original values.",
        ),
    ] = False,
    init_from: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR",
            help="Fine-tune this bundle (a folder, or a name under checkpoints/); its model and tokenizer are kept.",
            show_default=False,
            autocompletion=complete_bundle,
        ),
    ] = None,
    keep_float: Annotated[
        bool,
        typer.Option("--float", help="Keep float32 weights (four times larger) even where int8 is as accurate."),
    ] = False,
    index: Annotated[
        bool,
        typer.Option(
            "--index/--no-index",
            help="Keep the training prompts in the bundle, to find the nearest of them to a prompt.",
        ),
    ] = True,
    valid: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE", help="Validate on the pairs in this file.", rich_help_panel=_DATA, show_default=False
        ),
    ] = None,
    valid_share: Annotated[
        float | None,
        typer.Option(
            min=0,
            max=0.9,
            help="Fraction of the prompts held out for validation (ignored with --valid). [default: 0.1, at most 500"
            " prompts]",
            rich_help_panel=_DATA,
            show_default=False,
        ),
    ] = None,
    strict: Annotated[
        bool, typer.Option("--strict", help="Stop at the first line that cannot be used.", rich_help_panel=_DATA)
    ] = False,
    max_time: Annotated[
        str,
        typer.Option(metavar="TIME", help="Maximum training time: 90s, 4m, 1h30m or none.", rich_help_panel=_BUDGET),
    ] = "4m",
    epochs: Annotated[
        int | None,
        typer.Option(
            min=1,
            help="Maximum number of epochs. Default: depends on the size of the corpus.",
            rich_help_panel=_BUDGET,
            show_default=False,
        ),
    ] = None,
    patience: Annotated[
        int, typer.Option(min=1, help="Stop after this many validations without improvement.", rich_help_panel=_BUDGET)
    ] = _RECIPE.patience,
    preset: Annotated[
        Preset | None,
        typer.Option(
            help="Size of the model. Default: depends on the size of the corpus.",
            rich_help_panel=_MODEL,
            show_default=False,
        ),
    ] = None,
    units: Annotated[
        int | None, typer.Option(min=2, max=8192, help="Units per LSTM.", rich_help_panel=_MODEL, show_default=False)
    ] = None,
    layers: Annotated[
        int | None,
        typer.Option(min=1, max=16, help="Number of stacked LSTM layers.", rich_help_panel=_MODEL, show_default=False),
    ] = None,
    embedding_size: Annotated[
        int | None,
        typer.Option(min=1, max=8192, help="Size of the token embeddings.", rich_help_panel=_MODEL, show_default=False),
    ] = None,
    bidirectional: Annotated[
        bool | None,
        typer.Option(help="Read prompts in both directions.", rich_help_panel=_MODEL, show_default=False),
    ] = None,
    attention: Annotated[
        Attention | None,
        typer.Option(
            help="Attention over the prompt: none, dot (Luong) or additive (Bahdanau).",
            rich_help_panel=_MODEL,
            show_default=False,
        ),
    ] = None,
    known_replies: Annotated[
        int,
        typer.Option(
            min=0,
            help="Use the reply memory if the corpus has at most N different replies; 0 trains a plain"
            " encoder-decoder.",
            rich_help_panel=_MODEL,
        ),
    ] = _RECIPE.known_replies,
    max_length: Annotated[
        int | None,
        typer.Option(
            min=1,
            max=4096,
            help=f"Truncate prompts and replies to this many tokens. Default: {Architecture().max_reply_tokens}.",
            rich_help_panel=_MODEL,
            show_default=False,
        ),
    ] = None,
    vocabulary_size: Annotated[
        int | None,
        typer.Option(
            min=1,
            max=1_000_000,
            help="Size of the vocabulary, in tokens. Default: depends on the size of the corpus.",
            rich_help_panel=_MODEL,
            show_default=False,
        ),
    ] = None,
    seed: Annotated[
        int, typer.Option(min=0, max=2**32 - 1, help="Random seed.", rich_help_panel=_FITTING)
    ] = _RECIPE.seed,
    batch_tokens: Annotated[
        int | None,
        typer.Option(
            min=1,
            max=1_000_000,
            help="Tokens per batch. Default: depends on the size of the corpus.",
            rich_help_panel=_FITTING,
            show_default=False,
        ),
    ] = None,
    learning_rate: Annotated[
        float, typer.Option(min=1e-6, max=1.0, help="Peak learning rate (Adam).", rich_help_panel=_FITTING)
    ] = _RECIPE.learning_rate,
    dropout: Annotated[
        float | None,
        typer.Option(
            min=0,
            max=0.9,
            help="Dropout rate. Default: 0.2, or 0 where there is time for one or two epochs only.",
            rich_help_panel=_FITTING,
            show_default=False,
        ),
    ] = None,
    precision: Annotated[
        Precision,
        typer.Option(
            help="Precision of the largest matrix products; auto takes bfloat16 where the hardware has matrix units for"
            " it (AMX, GPUs since Ampere).",
            rich_help_panel=_FITTING,
        ),
    ] = Precision.auto,
    tensorboard: Annotated[
        bool,
        typer.Option("--tensorboard", help="Also log to DIR.tensorboard/.", rich_help_panel=_PROGRESS),
    ] = False,
    json_logs: Annotated[
        bool,
        typer.Option(
            "--json-logs",
            help="Print a log for programs, one JSON object per line.",
            rich_help_panel=_PROGRESS,
        ),
    ] = False,
    log_interval: Annotated[
        str,
        typer.Option(
            metavar="TIME",
            help="Time between progress lines, off a terminal and with --json-logs: 10s, 5m or none.",
            rich_help_panel=_PROGRESS,
        ),
    ] = "10s",
) -> None:
    """Train a bot on files of dialogue pairs.

    Ctrl-C stops training and still writes a working bundle with the best weights so far; a
    second Ctrl-C leaves at once and writes no bundle. So do SIGTERM and SIGHUP. Either way, and
    also if the program is killed or the machine stops, --resume continues from the last save.

    Exit codes: 0 a bundle was written, 1 failure, 2 wrong usage, 130 interrupted by Ctrl-C,
    143 by SIGTERM, 129 by SIGHUP.
    """
    interval = parse_duration(log_interval, "--log-interval")
    request = TrainingRequest.of(context)
    with exit_codes():
        from chatbot import bundle
        from chatbot.cli.commands import train_resume
        from chatbot.cli.options import bundle_argument
        from chatbot.cli.output.interrupt import Interruption
        from chatbot.cli.training_display.choose import choose_display
        from chatbot.cli.training_display.summary import summarize, summarize_part
        from chatbot.runs.processor import check_for_tensorflow
        from chatbot.runs.run_folder import claim
        from chatbot.text import normalize

        check_for_tensorflow()
        with Interruption() as interruption, ExitStack() as opened:
            cluster = _cluster()
            chief = cluster is None or cluster.chief
            place = checkpoint if checkpoint is not None else bundle.new_place(corpora[0])
            folder = identity = run = None
            if chief:  # which alone keeps the run and writes the bundle
                bundle.check_place(place)
                folder = opened.enter_context(claim(place, print_warning))
                bundle.tidy(place)
                run = train_resume.find(folder, place) if resume else None
                if run is None:
                    train_resume.check_new(folder, place, overwrite)
                else:
                    request = run.request(request, context)
                if request.source is not None and (run is None or not folder.has_state):
                    bundle.Bundle.open(request.source)
            corpus = opened.enter_context(_open(corpora, request, strict, place.parent, json_logs))
            if folder is not None:
                identity = train_resume.begin(folder, request, corpus) if run is None else run.identity(request, corpus)
            opened.enter_context(train_resume.hint_on_interrupt(folder, place, overwrite))
            display = opened.enter_context(choose_display(json_logs, interval, lambda: interruption.requested, chief))
            display.stage("loading TensorFlow")
            from chatbot.training.distributed.devices import Devices
            from chatbot.training.run import train
            from chatbot.training.setup.job import TrainingJob

            job = TrainingJob(
                place,
                folder,
                identity,
                tuple(normalize(path.name) for path in corpora),
                request.choose_architecture(corpus.count),
                request.recipe,
                request.source,
                bundle.logs_folder(place) if tensorboard and chief else None,
                request.index,
                int8=not request.keep_float,
            )
            if cluster is not None:
                display.stage(f"waiting for {' and '.join(cluster.others)}")
            done = train(corpus, job, Devices.find(cluster), display, interruption.should_stop)
        if done.bundle is None:
            display.conclude(summarize_part(done.metrics))
        else:
            again = train_resume.resume_hint(overwrite)
            display.conclude(
                summarize(done.bundle, done.graded, done.phrasings, bundle_argument.call("chat", place), again)
            )


@contextmanager
def _open(
    corpora: Sequence[Path], request: TrainingRequest, strict: bool, scratch: Path, json_logs: bool
) -> Iterator["Corpus"]:
    from chatbot.cli.output.problem_report import ProblemReport
    from chatbot.cli.output.progress_bars import reading_bar
    from chatbot.corpus import Sources, open_corpus

    sources = Sources(corpora, request.valid, request.valid_share, request.seed, scratch)
    problems = ProblemReport(strict)
    bar: AbstractContextManager[ReadObserver | None] = nullcontext() if json_logs else reading_bar("reading the corpus")
    with ExitStack() as opened:
        try:
            with bar as watch:
                corpus = opened.enter_context(open_corpus(sources, problems, watch))
        finally:
            problems.finish()
        yield corpus


def _cluster() -> "Cluster | None":
    from chatbot.training.distributed.cluster import VARIABLE, read_cluster

    try:
        return read_cluster(os.environ)
    except ConfigError as error:
        raise typer.BadParameter(str(error), param_hint=VARIABLE) from None
