"""Whether a training run begins anew or goes on where one was interrupted."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import typer

from chatbot.cli.exits import tell
from chatbot.cli.training_request import TrainingRequest
from chatbot.config import TrainingConfig
from chatbot.corpus import Corpus
from chatbot.errors import ConfigError, RunError
from chatbot.limits import raise_limits
from chatbot.run_folder import Identity, RunFolder, digest
from chatbot.versions import versions


def allow_anew(folder: RunFolder, place: Path, overwrite: bool) -> None:
    """Let a run begin anew, unless what an interrupted one has learned would be lost unasked.

    Raises:
        RunError: That would be so.
    """
    if not folder.has_state:
        return
    if not overwrite:
        raise RunError(
            f"{place}: an interrupted run is there; go on with it with --resume, or start anew with --overwrite"
        )
    tell(f"{place}: starting anew, without the interrupted run that was there; --resume would have gone on with it")


def begin(folder: RunFolder, request: TrainingRequest, corpus: Corpus) -> Identity:
    """Note what run begins.

    Raises:
        RunError: The folder cannot be written.
    """
    identity = Identity(request.to_json(), digest(corpus.sides), versions())
    folder.begin(identity)
    return identity


def say_again(overwrite: bool) -> str:
    """What goes on with a run, in words.

    Args:
        overwrite: Whether it began with --overwrite, which would begin it anew.
    """
    return f"the same command with --resume{' in place of --overwrite' if overwrite else ''}"


@contextmanager
def telling_how(folder: RunFolder | None, place: Path, overwrite: bool) -> Iterator[None]:
    """Where Ctrl-C ends a run that has been saved, say how to go on with it.

    Args:
        folder: Of the run, or None where another process keeps it.
        place: Of the bundle.
        overwrite: See `say_again`.
    """
    try:
        yield
    except KeyboardInterrupt:
        if folder is not None and folder.has_state:
            tell(f"{place}: {say_again(overwrite)} goes on from the last save")
        raise


class GoingOn:
    """An interrupted run that is to go on."""

    def __init__(self, folder: RunFolder, place: Path) -> None:
        """Find it.

        Raises:
            RunError: There is none.
        """
        began = folder.read()
        if began is None:
            raise RunError(f"{place}: no interrupted run to go on with; train without --resume")
        self._folder, self._place, self._began = folder, place, began

    def request(self, asked: TrainingRequest, context: typer.Context) -> TrainingRequest:
        """See `TrainingRequest.going_on`; limits are compared with those that were saved, before TensorFlow is loaded.

        Raises:
            RunError: An option may not be what it is now, or what was saved is damaged.
        """
        request = asked.going_on(self._began.options, context)
        saved = self._folder.load_values()
        if saved is not None:
            try:
                began = TrainingConfig.from_json(saved["recipe"])
            except (KeyError, ConfigError) as error:
                raise self._folder.damaged(error) from None
            raise_limits(began, request.recipe)
        return request

    def identity(self, request: TrainingRequest, corpus: Corpus) -> Identity:
        """What it is from now on.

        Raises:
            RunError: The pairs are other ones than when it began.
        """
        identity = Identity(request.to_json(), digest(corpus.sides), versions())
        if identity.corpus != self._began.corpus:
            raise RunError(
                f"{self._place}: the interrupted run began with other pairs in its CORPUS or --valid files;"
                " bring those back to go on, or start anew with --overwrite"
            )
        before = self._began.versions
        changed = [f"{name} {before.get(name)}" for name, now in identity.versions.items() if before.get(name) != now]
        if changed:
            tell(f"{self._place}: the run began with {', '.join(changed)}; it may end a little differently")
        return identity
