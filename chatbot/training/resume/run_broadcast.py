"""Broadcast of the run from the chief of a cluster to its other processes.

Only the chief fits the tokenizer, chooses the options that were left open, and reads the saved run
or the bundle to fine-tune. The other processes need the same pairs and nothing else.
"""

from io import BytesIO

from chatbot.corpus import Corpus
from chatbot.errors import TrainingError
from chatbot.runs.library_versions import versions
from chatbot.runs.run_identity import digest
from chatbot.runs.saved_state_file import SavedState
from chatbot.training.distributed.replicas import Devices
from chatbot.training.optimizer.training_step import TrainingStep
from chatbot.training.resume.run_state import RunState
from chatbot.training.resume.saved_run import RunSetup, SavedRun, capture

_PAIRS, _VERSIONS = "pairs", "versions"
#: Packages that decide which batches a process makes and what a step does.
_DECISIVE = ("chatbot", "tensorflow", "tensorflow-text", "keras", "numpy")


def broadcast_run(devices: Devices, corpus: Corpus, setup: RunSetup) -> None:
    """Send the setup of the run, as the chief; without a cluster, do nothing.

    Args:
        devices: The devices of the cluster.
        corpus: The pairs of the chief; the workers must have the same.
        setup: The setup.
    """
    if devices.workers == 1:
        return
    state = setup.to_state()
    known = {_PAIRS: digest(corpus.sides), _VERSIONS: versions()}
    _exchange(devices, SavedState({**state.values, **known}, state.arrays))


def receive_run(devices: Devices, corpus: Corpus) -> RunSetup:
    """Receive the setup of the run from the chief.

    Args:
        devices: The devices of the cluster.
        corpus: The pairs of this process.

    Returns:
        The setup.

    Raises:
        TrainingError: This process has other pairs, or other versions of the libraries.
    """
    state = _exchange(devices)
    if state.values[_PAIRS] != digest(corpus.sides):
        raise TrainingError(
            "this machine has other pairs than the chief; give it the same files, in the same order, and the same"
            " --valid, --valid-share and --seed"
        )
    ours, theirs = versions(), state.values[_VERSIONS]
    other = [f"{name} {theirs.get(name)}" for name in _DECISIVE if theirs.get(name) != ours[name]]
    if other:
        raise TrainingError(f"the chief has {', '.join(other)}; install the same versions on every machine")
    return RunSetup.of(state)


def share_state(devices: Devices, setup: RunSetup, step: TrainingStep, run: RunState) -> RunState:
    """Give every process the variables of the chief.

    Args:
        devices: Of the run.
        setup: Its setup.
        step: Of this process; its variables are overwritten unless it is the chief.
        run: The progress of the run in this process.

    Returns:
        The progress of the run in the chief.
    """
    if devices.workers == 1:
        return run
    if devices.chief:
        _exchange(devices, capture(setup, step, run))
        return run
    received = SavedRun.of(_exchange(devices))
    received.set_variables(step)
    return received.state


def _exchange(devices: Devices, sent: SavedState | None = None) -> SavedState:
    """The state that the chief sends, on every process."""
    message = BytesIO()
    if sent is not None:
        sent.write(message)
    return SavedState.read(BytesIO(devices.broadcast(message.getvalue())))
