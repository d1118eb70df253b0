"""The task of a training run, apart from its pairs."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from chatbot.config import ModelShape, TrainingConfig
from chatbot.runs.run_folder import RunFolder
from chatbot.runs.run_identity import Identity


@dataclass(frozen=True)
class TrainingJob:
    """The settings and the places of one training run.

    Attributes:
        checkpoint: The bundle to write.
        folder: Where the run is saved; if it holds a saved state, the run resumes from it. None in a
            process of a cluster that is not its chief.
        identity: What the folder is to record about the run; None without a folder.
        corpus_names: File names for the manifest.
        shape: Of a new model, that of `base` with one; unused with `init_from`.
        training: The training configuration.
        init_from: A bundle to fine-tune, with its model and its tokenizer.
        base: A bundle whose language a new model begins with; None for none.
        vectors: A file of word vectors, or the folder of a bundle that has learned some; None for those of `init_from`
            or `base`, if it has any.
        shipped_vectors: Whether a new bot of few phrasings takes those of the program where there are no others.
        tensorboard: A folder for TensorBoard's logs, or None for none.
        index: Whether the bundle keeps the training prompts, to find the nearest of them.
        fallbacks: What the bot says by itself in place of a reply that it is not sure of; perhaps nothing.
        wrong_cost: How many needless fallbacks a wrong reply is as bad as; None where nobody said.
        options: What the run was asked for, for the manifest; see `Identity.options`, without the folders of its paths.
        int8: Whether the step models get 8-bit weights if those are nearly as good.
    """

    checkpoint: Path
    folder: RunFolder | None
    identity: Identity | None
    corpus_names: tuple[str, ...]
    shape: ModelShape
    training: TrainingConfig
    init_from: Path | None = None
    base: Path | None = None
    vectors: Path | None = None
    shipped_vectors: bool = True
    tensorboard: Path | None = None
    index: bool = True
    fallbacks: tuple[str, ...] = ()
    wrong_cost: float | None = None
    options: Mapping[str, object] = field(default_factory=dict)
    int8: bool = True
