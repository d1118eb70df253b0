"""What files a bundle has."""

from pathlib import Path

from chatbot.config import ModelConfig

FORMAT_VERSION = 3
MANIFEST = "manifest.json"
TOKENIZER = "tokenizer.model"
KERAS_MODEL = "model.keras"
ENCODER = "encoder.tflite"
DECODER = "decoder.tflite"
BACKWARD = "backward.tflite"
RECALL = "recall.tflite"
REPLIES = "replies.json"
HISTORY = "history.csv"
CURVE = "history.svg"
INDEX = "index.npz"
#: Files that a bundle may lack; those it has are described in its manifest as all are.
OPTIONAL = (CURVE, INDEX)
#: Every name that a file of a bundle can have.
ALL = frozenset({MANIFEST, TOKENIZER, KERAS_MODEL, ENCODER, DECODER, BACKWARD, RECALL, REPLIES, HISTORY, CURVE, INDEX})
#: Key of the manifest: turns that the prompts it was trained on carry before the one to answer.
CONTEXT_TURNS = "context_turns"

TRAIN_AGAIN = "train it again with --overwrite, or copy the bundle again from where it came"


def files(model: ModelConfig) -> tuple[str, ...]:
    """Names of the files of a bundle beside its manifest and those of `OPTIONAL`."""
    backward = (BACKWARD,) if model.bidirectional else ()
    recall = (RECALL, REPLIES) if model.known_replies else ()
    return (TOKENIZER, KERAS_MODEL, ENCODER, DECODER, *backward, *recall, HISTORY)


def step_files(folder: Path, model: ModelConfig) -> dict[str, Path]:
    """The step models in a folder, by the names by which `LiteRTSteps` takes them."""
    return {Path(name).stem: folder / name for name in files(model) if name.endswith(".tflite")}
