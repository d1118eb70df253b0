"""How the processes of a cluster come to have one and the same run, the chief's.

The chief alone fits the tokenizer, makes the choices that a person left open, and reads what was
saved or is to be gone on from. The others need the same pairs and nothing else.
"""

from io import BytesIO

from chatbot.corpus import Corpus
from chatbot.errors import TrainingError
from chatbot.runs.library_versions import versions
from chatbot.runs.run_folder import SavedState, digest
from chatbot.training.distributed.devices import Devices
from chatbot.training.optimizer.training_step import TrainingStep
from chatbot.training.resume.run_state import RunState
from chatbot.training.resume.saving import Foundation, SavedRun, capture

_PAIRS, _VERSIONS = "pairs", "versions"
#: What decides which batches a process makes and what a step does.
_DECISIVE = ("chatbot", "tensorflow", "tensorflow-text", "keras", "numpy")


def tell_foundation(devices: Devices, corpus: Corpus, foundation: Foundation) -> None:
    """Say, as the chief, what the run stands on."""
    if devices.workers == 1:
        return
    state = foundation.to_state()
    known = {_PAIRS: digest(corpus.sides), _VERSIONS: versions()}
    _exchange(devices, SavedState({**state.values, **known}, state.arrays))


def hear_foundation(devices: Devices, corpus: Corpus) -> Foundation:
    """Hear from the chief what the run stands on.

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
    return Foundation.of(state)


def share_state(devices: Devices, foundation: Foundation, step: TrainingStep, run: RunState) -> RunState:
    """Give every process the chief's variables; returns where the chief's run is."""
    if devices.workers == 1:
        return run
    if devices.chief:
        _exchange(devices, capture(foundation, step, run))
        return run
    heard = SavedRun.of(_exchange(devices))
    heard.set_variables(step)
    return heard.state


def _exchange(devices: Devices, said: SavedState | None = None) -> SavedState:
    """What the chief says."""
    message = BytesIO()
    if said is not None:
        said.write(message)
    return SavedState.read(BytesIO(devices.from_chief(message.getvalue())))
