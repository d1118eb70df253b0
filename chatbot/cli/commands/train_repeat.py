"""The repetition of a training: the options in the manifest of its bundle, its pairs checked, its weights compared."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import typer

from chatbot import bundle
from chatbot.bundle import Bundle
from chatbot.cli.commands.train_request import TrainingRequest
from chatbot.cli.options.bundle_on_command_line import find_bundle
from chatbot.cli.options.declared_options import as_option
from chatbot.cli.output.exit_codes_and_messages import print_note
from chatbot.errors import BundleError, ConfigError, RunError
from chatbot.runs.library_versions import versions
from chatbot.runs.run_identity import Identity


class Repetition:
    """A run that takes its options from a bundle, and is to end with the same weights; without a bundle any run."""

    def __init__(self, source: Path | None) -> None:
        """Read the manifest of the bundle, now, because the run may replace it.

        Args:
            source: The bundle, by its path or its name; None where nothing is repeated.

        Raises:
            BundleError: There is none, or it does not say how it was trained.
        """
        self._manifest: Mapping[str, Any] | None = None
        if source is None:
            return
        self._place = find_bundle(source)
        self._manifest = Bundle.open(self._place).manifest
        if bundle.OPTIONS not in self._manifest or bundle.PAIRS not in self._manifest:
            raise BundleError(
                f"{self._place}: an earlier version trained it and did not keep its options; repeat them by hand, see"
                f" “training” in {self._place / bundle.MANIFEST}"
            )

    def request(self, asked: TrainingRequest, context: typer.Context) -> TrainingRequest:
        """The options of the bundle's run, but for those that are given now.

        Args:
            asked: The options given now, with defaults.
            context: Of the command.

        Raises:
            RunError: A file that the run needed is not given; the message names its option.
            BundleError: The options in the manifest are damaged.
        """
        if self._manifest is None:
            return asked
        try:
            request = asked.over(self._manifest[bundle.OPTIONS], context)
        except ConfigError as error:
            raise BundleError(f"{self._place / bundle.MANIFEST}: {error}") from None
        for name in TrainingRequest.paths():
            if request.values[name] is not None and asked.values[name] is None:
                option = as_option(name)
                raise RunError(f"{self._place}: trained with {option} {request.values[name]}; give {option} again")
        self._note_differences(self._manifest)
        return request

    def check_pairs(self, identity: Identity | None) -> None:
        """Check that the pairs are those of the bundle.

        Args:
            identity: Of the new run; None in a process of a cluster that is not its chief.

        Raises:
            RunError: They are not.
        """
        if self._manifest is not None and identity is not None and identity.corpus != self._manifest[bundle.PAIRS]:
            raise RunError(
                f"{self._place}: trained on other pairs than those of CORPUS and --valid now, or in another order;"
                " bring those back to repeat it, or leave --repeat out"
            )

    def compare(self, metrics: Mapping[str, Any]) -> None:
        """Say whether the new weights are those of the bundle.

        Args:
            metrics: Of the finished run.
        """
        if self._manifest is None:
            return
        before = (self._manifest.get("metrics") or {}).get("weights_digest")
        same = before == metrics["weights_digest"]
        print_note(f"{self._place}: the new bot has {'the same' if same else 'other'} weights")

    def _note_differences(self, manifest: Mapping[str, Any]) -> None:
        """Say what keeps a repetition from being exact, before the time is spent."""
        before, metrics = (manifest.get(name) or {} for name in ("versions", "metrics"))
        changed = [f"{name} {before.get(name)}" for name, now in versions().items() if before.get(name) != now]
        if changed:
            print_note(f"{self._place}: trained with {', '.join(changed)}; the weights may differ a little")
        if metrics.get("stopped") not in {"epochs", "early"}:
            print_note(
                f"{self._place}: the clock or a signal ended its training, so the weights will differ; --epochs with"
                " --max-time none can be repeated exactly"
            )
