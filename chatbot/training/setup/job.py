"""What a training run is to do, apart from the pairs."""

from dataclasses import dataclass
from pathlib import Path

from chatbot.config import Architecture, TrainingConfig
from chatbot.runs.run_folder import Identity, RunFolder


@dataclass(frozen=True)
class Job:
    """What to do.

    Attributes:
        checkpoint: Where the bundle goes.
        folder: Where the run is saved, and if a state of it is there, the run goes on from that;
            None in a process of a cluster that is not its chief.
        identity: What the folder says of the run from now on; None without a folder.
        corpus_names: File names to remember in the manifest.
        architecture: Of a new model; of no use with `init_from`.
        training: The recipe.
        init_from: A bundle to go on from, with its model and its tokenizer.
        tensorboard: A folder for TensorBoard's logs, or None for none.
        index: Whether the bundle keeps the training prompts, to find the nearest of them.
        int8: Whether the step models get weights of 8 bits if those are nearly as good.
    """

    checkpoint: Path
    folder: RunFolder | None
    identity: Identity | None
    corpus_names: tuple[str, ...]
    architecture: Architecture
    training: TrainingConfig
    init_from: Path | None = None
    tensorboard: Path | None = None
    index: bool = True
    int8: bool = True
