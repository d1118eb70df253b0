"""The start of a training run: anew, or resumed where one was interrupted."""

import shlex
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import typer

from chatbot import bundle
from chatbot.cli.commands.train_request import TrainingRequest
from chatbot.cli.output.exit_codes_and_messages import print_note
from chatbot.config import TrainingConfig
from chatbot.config.training import extend_limits
from chatbot.corpus import Corpus
from chatbot.errors import BundleError, ConfigError, RunError
from chatbot.runs.library_versions import versions
from chatbot.runs.run_folder import RunFolder
from chatbot.runs.run_identity import Identity, digest


def find(folder: RunFolder, place: Path) -> "InterruptedRun | None":
    """The run that `--resume` is to resume; None, with a note, where there is none yet.

    Args:
        folder: Of the run.
        place: Of the bundle.

    Raises:
        RunError: The training has ended and its bundle is written, or what was saved cannot be read.
    """
    began = folder.read()
    if began is None:
        if bundle.is_bundle(place):
            raise RunError(
                f"{place}: nothing to resume, the training has finished and its bundle is there;"
                " train again with --overwrite"
            )
        print_note(f"{place}: no interrupted run to resume; starting a new one")
        return None
    saved = folder.load_values() if folder.has_state else None
    if saved is None:
        print_note(f"{place}: the run was interrupted before anything was saved; starting it anew")
    return InterruptedRun(folder, place, began, saved)


def check_new(folder: RunFolder, place: Path, overwrite: bool) -> None:
    """Check that a new run loses neither a bundle nor the progress of an interrupted run, unless that is asked for.

    Args:
        folder: Of the run.
        place: Of the bundle.
        overwrite: Whether both may be lost.

    Raises:
        RunError: An interrupted run would be lost.
        BundleError: A bundle would be lost.
    """
    if _has_learned(folder):
        if not overwrite:
            raise RunError(
                f"{place}: found an interrupted run; continue it with --resume or discard it with --overwrite"
            )
        print_note(f"{place}: discarding the interrupted run; --resume would have continued it")
    if not overwrite:
        bundle.require_free(place)


def note_corrections(place: Path, source: Path | None) -> None:
    """Say that a bot which is overwritten takes its corrections with it, and how the new one learns them again.

    Args:
        place: Of the bundle that is overwritten, if there is one.
        source: The bundle to fine-tune, which keeps its own; None without one.
    """
    kept = source is not None and bundle.absolute_path(source) == bundle.absolute_path(place)
    if kept or not bundle.is_bundle(place):
        return
    try:
        lost = bundle.Corrections.of(bundle.Bundle.open(place))
    except BundleError:
        return  # what cannot be read teaches nobody anything
    counts = [(len(lost.learned), "correction"), (len(lost.forgotten), "forgotten reply")]
    said = " and ".join(f"{count:,} {name}{'' if count == 1 else 's'}" for count, name in counts if count)
    again = [f"chatbot learn {shlex.quote(name)}" for name in lost.files]
    if said:
        how = f"; teach it again when it is trained: {', '.join(again)}" if again else ""
        print_note(f"{place}: the new bot will not know {said} of this one{how}")


def begin(folder: RunFolder, request: TrainingRequest, corpus: Corpus) -> Identity:
    """Note the options and the corpus of a new run in its folder.

    Args:
        folder: Of the run.
        request: Its options.
        corpus: Its pairs.

    Returns:
        The identity that was noted.

    Raises:
        RunError: The folder cannot be written.
    """
    identity = _identify(request, corpus)
    folder.begin(identity)
    return identity


def resume_hint(overwrite: bool) -> str:
    """The words to type to resume a run, as advice.

    Args:
        overwrite: Whether the run began with --overwrite, which would start it anew.
    """
    return f"the same command with --resume{' in place of --overwrite' if overwrite else ''}"


@contextmanager
def hint_on_interrupt(folder: RunFolder | None, place: Path, overwrite: bool) -> Iterator[None]:
    """Say how to resume a run that has been saved, if a signal ends it.

    Args:
        folder: Of the run, or None where another process keeps it.
        place: Of the bundle.
        overwrite: See `resume_hint`.
    """
    try:
        yield
    except KeyboardInterrupt:
        if folder is not None and folder.has_state:
            print_note(f"{place}: {resume_hint(overwrite)} continues from the last save")
        raise


class InterruptedRun:
    """An interrupted run that `--resume` found."""

    def __init__(self, folder: RunFolder, place: Path, began: Identity, saved: Mapping[str, Any] | None) -> None:
        """Keep the parts of the run.

        Args:
            folder: Of the run.
            place: Of the bundle that will come of it.
            began: Its options and corpus when it began.
            saved: The values of its state; None if it was interrupted before there was any.
        """
        self._folder, self._place, self._began, self._saved = folder, place, began, saved

    def request(self, asked: TrainingRequest, context: typer.Context) -> TrainingRequest:
        """The options of the run from now on: those not given now are as they were when it began.

        Limits are compared with those that were saved, before TensorFlow is loaded. A run of which nothing was
        saved may be asked for anything.

        Raises:
            RunError: An option may not be what it is now, or what was saved is damaged.
        """
        try:
            if self._saved is None:
                return asked.over(self._began.options, context)
            request = asked.resuming(self._began.options, context)
        except ConfigError as error:
            raise self._folder.damaged_note(error) from None
        try:
            began = TrainingConfig.from_json(self._saved["recipe"])
        except (KeyError, ConfigError) as error:
            raise self._folder.damaged(error) from None
        extend_limits(began, request.recipe)
        return request

    def identity(self, request: TrainingRequest, corpus: Corpus) -> Identity:
        """The options and corpus of the run from now on.

        Args:
            request: Its options.
            corpus: Its pairs.

        Raises:
            RunError: The pairs are other ones than when it began.
        """
        if self._saved is None:
            return begin(self._folder, request, corpus)
        identity = _identify(request, corpus)
        if identity.corpus != self._began.corpus:
            raise RunError(
                f"{self._place}: the interrupted run began with other pairs in its CORPUS or --valid files;"
                " bring those back to resume it, or discard it with --overwrite"
            )
        before = self._began.versions
        changed = [f"{name} {before.get(name)}" for name, now in identity.versions.items() if before.get(name) != now]
        if changed:
            print_note(f"{self._place}: the run began with {', '.join(changed)}; it may end a little differently")
        return identity


def _identify(request: TrainingRequest, corpus: Corpus) -> Identity:
    return Identity(request.values, digest(corpus.sides), versions())


def _has_learned(folder: RunFolder) -> bool:
    """Whether a run that has taken a step was saved in a folder; one that cannot be read may have."""
    if not folder.has_state:
        return False
    try:
        saved = folder.load_values() or {}
        return bool(saved["run"]["step"])
    except (RunError, KeyError, TypeError):
        return True
