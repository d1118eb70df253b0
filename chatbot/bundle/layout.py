"""The table of the files of a bundle: their names, contents and conditions.

A new file is one row of `FILES`. Reading, checking, writing, listing, moving and removing a bundle walk this
table, and so do the tests and the reference page.
"""

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from chatbot.config import ModelConfig

FORMAT_VERSION = 4
#: The one file that describes all others, and is no row of the table.
MANIFEST = "manifest.json"
TOKENIZER = "tokenizer.model"
KERAS_MODEL = "model.keras"
ENCODER = "encoder.tflite"
DECODER = "decoder.tflite"
BACKWARD = "backward.tflite"
RECALL = "recall.tflite"
NGRAMS = "ngrams.npy"
WORD_VECTORS = "word_vectors.npy"
PROMPTS = "prompts.npy"
REPLIES = "replies.json"
HISTORY = "history.csv"
CURVE = "history.svg"
INDEX = "index.npz"
CORRECTIONS = "corrections.json"
#: Key of the manifest: turns that the prompts it was trained on carry before the one to answer.
CONTEXT_TURNS = "context_turns"
#: Key of the manifest: texts that the bot says by itself in place of a reply that it is not sure of.
FALLBACKS = "fallbacks"
#: Keys of the manifest: the options that its training was asked for, and the digest of the pairs.
OPTIONS, PAIRS = "options", "pairs"

TRAIN_AGAIN = "train it again with --overwrite, or copy the bundle again from where it came"


def _always(_model: ModelConfig) -> bool:
    return True


def _if_bidirectional(model: ModelConfig) -> bool:
    return model.bidirectional


def _if_replies_are_known(model: ModelConfig) -> bool:
    return model.known_replies > 0


def _if_ngrams_are_seen(model: ModelConfig) -> bool:
    return model.ngrams > 0


def _if_words_have_vectors(model: ModelConfig) -> bool:
    return model.word_vectors > 0


class BundleFile(NamedTuple):
    """A file that a bundle may contain beside its manifest.

    Attributes:
        name: Of the file.
        content: What is in it, for people.
        needed: Whether the bundle of a model must contain it; None where every bundle may or may not.
        is_step_model: Whether it is a part of the model that answers, which `LiteRTSteps` takes by the name's stem.
        answers: Whether a bot that answers may read it, so that its content is checked when a bundle is opened; that of
            another file is checked where it is read.
    """

    name: str
    content: str
    needed: Callable[[ModelConfig], bool] | None
    is_step_model: bool = False
    answers: bool = True


FILES = (
    BundleFile(TOKENIZER, "the SentencePiece tokenizer", _always),
    BundleFile(KERAS_MODEL, "the trained Keras model, for training it further", _always, answers=False),
    BundleFile(ENCODER, "the step model of the encoder", _always, is_step_model=True),
    BundleFile(DECODER, "the step model of the decoder", _always, is_step_model=True),
    BundleFile(BACKWARD, "the step model of the encoder's backward half", _if_bidirectional, is_step_model=True),
    BundleFile(RECALL, "the reply memory", _if_replies_are_known, is_step_model=True),
    BundleFile(NGRAMS, "the n-grams of prompts that it compares with replies", _if_ngrams_are_seen, is_step_model=True),
    BundleFile(WORD_VECTORS, "the vectors of words that it sees", _if_words_have_vectors, is_step_model=True),
    BundleFile(REPLIES, "the known replies with their topics", _if_replies_are_known),
    BundleFile(PROMPTS, "hashes of the training prompts, to find their recorded replies; older bundles lack it", None),
    BundleFile(HISTORY, "one row for each measurement", _always, answers=False),
    BundleFile(CURVE, "the measurements as a picture; older bundles lack it", None, answers=False),
    BundleFile(INDEX, "the training prompts, for the nearest one; not with --no-index", None),
    BundleFile(CORRECTIONS, "what the bot was taught after its training, and what it must forget", None),
)


def required_files(model: ModelConfig) -> tuple[str, ...]:
    """Names of the files that a bundle must contain beside its manifest.

    Args:
        model: The model of the bundle.

    Returns:
        The names, in the order of the table.
    """
    return tuple(file.name for file in FILES if file.needed is not None and file.needed(model))


def optional_files() -> tuple[str, ...]:
    """The names of the files that a bundle may lack; the manifest describes those that are there like all others."""
    return tuple(file.name for file in FILES if file.needed is None)


def files_to_answer() -> frozenset[str]:
    """The names of the files that a bot that answers may read."""
    return frozenset(file.name for file in FILES if file.answers)


def file_names() -> frozenset[str]:
    """Every name that a file of a bundle can have, the manifest's included."""
    return frozenset({MANIFEST, *(file.name for file in FILES)})


def step_names(model: ModelConfig) -> list[str]:
    """The names of the step models of a model.

    Args:
        model: The model of the bundle.
    """
    needed = required_files(model)
    return [file.name for file in FILES if file.is_step_model and file.name in needed]


def step_files(folder: Path, model: ModelConfig) -> dict[str, Path]:
    """The step models in a folder.

    Args:
        folder: A bundle, or the folder in which one is being written.
        model: Its model.

    Returns:
        The path of each, by the name by which `LiteRTSteps` takes it.
    """
    return {Path(name).stem: folder / name for name in step_names(model)}
