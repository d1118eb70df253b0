"""`chatbot train`: dialogue pairs in, a bundle out."""

import os
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from chatbot.cli.commands.train_request import TrainingRequest, training_options
from chatbot.cli.commands.train_run_options import CallOptions
from chatbot.cli.options.command import examples
from chatbot.cli.options.command_introspection import source_of
from chatbot.cli.output.exit_codes_and_messages import exit_codes, print_warning
from chatbot.errors import ConfigError

if TYPE_CHECKING:
    from chatbot.cli.commands.train_resume import InterruptedRun
    from chatbot.cli.output.interrupt import Interruption
    from chatbot.cli.training_display.display_choice import Display
    from chatbot.cli.training_display.summary import Summary
    from chatbot.corpus import Corpus
    from chatbot.corpus.reading.open_file import ReadObserver
    from chatbot.runs.run_folder import RunFolder
    from chatbot.training.distributed.cluster import Cluster
    from chatbot.training.run import TrainingResult
    from chatbot.training.setup.job import TrainingJob


@examples("""\
# write the bundle checkpoints/faq/
chatbot train faq.tsv

# twenty minutes for a large model, replacing the bundle
chatbot train faq.tsv --max-time 20m --preset large --overwrite

# two files as one corpus, measured on pairs of your own
chatbot train smalltalk.tsv faq.tsv --valid held-out.tsv --checkpoint bots/help-desk

# resume a run that was interrupted, or begin it
chatbot train faq.tsv --resume

# the same bot again
chatbot train faq.tsv --repeat checkpoints/faq --checkpoint checkpoints/faq-again

# begin with what the bot english knows of the language; the vocabulary is that of the FAQ
chatbot train faq.tsv --base english

# fine-tune a bot on new pairs, and on what it knows, which it would forget otherwise
chatbot train faq.tsv corrections.tsv --init-from faq --checkpoint checkpoints/faq-2
""")
@training_options()
def train(
    *,
    context: typer.Context,
    corpora: Annotated[
        list[Path], typer.Argument(metavar="CORPUS", help="Files of pairs: prompt, tab, reply; also .gz.")
    ],
    call: CallOptions,
    request: TrainingRequest,
) -> None:
    """Train a bot on files of dialogue pairs.

    Ctrl-C stops training and still writes a working bundle with the best weights so far; a
    second Ctrl-C leaves at once and writes no bundle. So do SIGTERM and SIGHUP. Either way, and
    also if the program is killed or the machine stops, --resume continues from the last save.

    Exit codes: 0 a bundle was written, 1 failure, 2 wrong usage, 130 interrupted by Ctrl-C,
    143 by SIGTERM, 129 by SIGHUP.
    """
    call.check_resuming(source_of(context, "overwrite") == "COMMANDLINE")
    with exit_codes():
        from chatbot.cli.commands.train_repeat import Repetition
        from chatbot.cli.commands.train_resume import hint_on_interrupt
        from chatbot.cli.output.interrupt import Interruption
        from chatbot.cli.training_display.display_choice import choose_display
        from chatbot.runs.cpu_features import check_for_tensorflow

        check_for_tensorflow()
        repetition = Repetition(call.repeat)
        request = repetition.request(request, context)
        with Interruption() as interruption, ExitStack() as opened:
            cluster = _read_cluster()
            chief = cluster is None or cluster.chief
            run = _Run(_place_of(corpora[0], call), request)
            if chief:
                run = _claim_run(opened, run, call, context)
            corpus = opened.enter_context(_open_corpus(corpora, run, call))
            job = _make_job(run, corpora, corpus, call)
            repetition.check_pairs(job.identity)
            opened.enter_context(hint_on_interrupt(run.folder, run.place, call.overwrite))
            opened.enter_context(interruption.order_first())
            display = opened.enter_context(
                choose_display(call.json_logs, call.log_interval, lambda: interruption.requested, chief)
            )
            done = _train(corpus, job, cluster, display, interruption)
        display.conclude(_summarize(done, run.place, call))
        repetition.compare(done.metrics)


@dataclass(frozen=True)
class _Run:
    """A run of this process.

    Attributes:
        place: Of the bundle.
        request: Options, those of an interrupted run among them.
        folder: Where the run is saved; None in a process of a cluster that is not its chief.
        interrupted: The run that is resumed, if one is.
    """

    place: Path
    request: TrainingRequest
    folder: "RunFolder | None" = None
    interrupted: "InterruptedRun | None" = None


def _claim_run(opened: ExitStack, run: _Run, call: CallOptions, context: typer.Context) -> _Run:
    """Take the place of the bundle, new or with an interrupted run.

    Args:
        opened: Keeps the place until it is closed.
        run: The run of a process that is not the chief, which alone keeps the run and writes the bundle.
        call: Options of this call.
        context: Of the command.

    Raises:
        ChatbotError: The place cannot be had, or there is nothing to resume or to fine-tune.
    """
    from chatbot import bundle
    from chatbot.cli.commands import train_resume
    from chatbot.runs.run_lock import claim

    place, request = run.place, run.request
    bundle.check_place(place)
    folder = opened.enter_context(claim(place, print_warning))
    bundle.clean_up(place)
    interrupted = train_resume.find(folder, place) if call.resume else None
    if interrupted is None:
        train_resume.check_new(folder, place, call.overwrite)
        train_resume.note_corrections(place, request.run.source)
    else:
        request = interrupted.request(request, context)
    if interrupted is None or not folder.has_state:
        for known in filter(None, (request.run.source, request.run.base_source)):
            bundle.Bundle.open(known).verify()
        request.choose_shape(0)
    return _Run(place, request, folder, interrupted)


def _place_of(corpus: Path, call: CallOptions) -> Path:
    from chatbot import bundle

    return call.checkpoint if call.checkpoint is not None else bundle.new_place(corpus)


@contextmanager
def _open_corpus(corpora: Sequence[Path], run: _Run, call: CallOptions) -> Iterator["Corpus"]:
    from chatbot.cli.output.progress_bars import reading_bar
    from chatbot.cli.output.unusable_lines import ProblemReport
    from chatbot.corpus import Sources, open_corpus

    recipe = run.request.recipe
    sources = Sources(corpora, run.request.run.valid, recipe.valid_share, recipe.seed, run.place.parent)
    problems = ProblemReport(call.strict)
    bar: AbstractContextManager[ReadObserver | None] = (
        nullcontext() if call.json_logs else reading_bar("reading the corpus")
    )
    with ExitStack() as opened:
        try:
            with bar as watch:
                corpus = opened.enter_context(open_corpus(sources, problems, watch))
        finally:
            problems.finish()
        yield corpus


def _make_job(run: _Run, corpora: Sequence[Path], corpus: "Corpus", call: CallOptions) -> "TrainingJob":
    """Note in its folder which run it is, and say what it is to do."""
    from chatbot import bundle
    from chatbot.cli.commands import train_resume
    from chatbot.text import normalize
    from chatbot.training.setup.job import TrainingJob

    identity = None
    if run.folder is not None and run.interrupted is None:
        identity = train_resume.begin(run.folder, run.request, corpus)
    elif run.interrupted is not None:
        identity = run.interrupted.identity(run.request, corpus)
    options = run.request.run
    return TrainingJob(
        run.place,
        run.folder,
        identity,
        tuple(normalize(path.name) for path in corpora),
        run.request.choose_shape(corpus.count),
        run.request.recipe,
        init_from=options.source,
        base=options.base_source,
        vectors=options.vectors_source,
        shipped_vectors=options.vectors is None,
        tensorboard=bundle.logs_folder(run.place) if call.tensorboard and run.folder is not None else None,
        index=options.index,
        fallbacks=run.request.choose_fallbacks(corpus.fallbacks),
        wrong_cost=options.wrong_cost,
        options=run.request.without_folders(),
        int8=not options.keep_float,
    )


def _train(
    corpus: "Corpus", job: "TrainingJob", cluster: "Cluster | None", display: "Display", stop: "Interruption"
) -> "TrainingResult":
    """Load TensorFlow and train."""
    display.stage("loading TensorFlow")
    from chatbot.training.backend import setup_backend

    setup_backend()
    from chatbot.training.distributed.replicas import Devices
    from chatbot.training.run import train

    if cluster is not None:
        display.stage(f"waiting for {' and '.join(cluster.others)}")
    return train(corpus, job, Devices.find(cluster), display, stop.should_stop)


def _summarize(done: "TrainingResult", place: Path, call: CallOptions) -> "Summary":
    """The last words of a run; those of a process that writes no bundle are shorter."""
    from chatbot.cli.commands.train_resume import resume_hint
    from chatbot.cli.options.bundle_on_command_line import command_line
    from chatbot.cli.training_display.summary import summarize, summarize_part

    if done.bundle is None:
        return summarize_part(done.metrics)
    again = resume_hint(call.overwrite)
    return summarize(done.bundle, done.graded, done.chooses, command_line("chat", place), again)


def _read_cluster() -> "Cluster | None":
    from chatbot.training.distributed.cluster import VARIABLE, read_cluster

    try:
        return read_cluster(os.environ)
    except ConfigError as error:
        raise typer.BadParameter(str(error), param_hint=VARIABLE) from None
