"""The bundle: a trained chatbot as one folder.

    checkpoints/<name>/
        manifest.json     format version, configurations, metrics, SHA-256 of every other file
        tokenizer.model   SentencePiece
        model.keras       the trained Keras model, for training it further
        encoder.tflite    step models, for answering
        decoder.tflite
        backward.tflite   the backward half of a bidirectional encoder
        recall.tflite     the reply memory, if replies are known
        replies.json      those replies with their topics, to name them and for training it further
        history.csv       one row for each measurement
        history.svg       the same as a picture; bundles of before have none
        index.npz         the training prompts, for the nearest one, if wanted

A bundle is written beside its place and moved there whole, and it is read only when every
file is the one the manifest describes. Nothing in it is unpickled or run as code.
"""

from chatbot.bundle.finding import choose, default, find, locate, suggest_corpus
from chatbot.bundle.known_replies import KnownReply, read_known_replies, write_known_replies
from chatbot.bundle.layout import (
    BACKWARD,
    CONTEXT_TURNS,
    CURVE,
    DECODER,
    ENCODER,
    FORMAT_VERSION,
    HISTORY,
    INDEX,
    KERAS_MODEL,
    MANIFEST,
    OPTIONAL,
    RECALL,
    REPLIES,
    TOKENIZER,
    files,
    step_files,
)
from chatbot.bundle.moving import belongings, is_bot, move, remove
from chatbot.bundle.names import LATEST, show
from chatbot.bundle.paths import (
    CHECKPOINTS,
    folders,
    home,
    logs_folder,
    named,
    new_place,
    point_latest,
    run_folder,
)
from chatbot.bundle.reading import Bundle, read_manifest
from chatbot.bundle.shelf import Glance, bundles_in, is_bundle, runs_in
from chatbot.bundle.writing import check_free, check_place, tidy, write

__all__ = [
    "BACKWARD",
    "CHECKPOINTS",
    "CONTEXT_TURNS",
    "CURVE",
    "DECODER",
    "ENCODER",
    "FORMAT_VERSION",
    "HISTORY",
    "INDEX",
    "KERAS_MODEL",
    "LATEST",
    "MANIFEST",
    "OPTIONAL",
    "RECALL",
    "REPLIES",
    "TOKENIZER",
    "Bundle",
    "Glance",
    "KnownReply",
    "belongings",
    "bundles_in",
    "check_free",
    "check_place",
    "choose",
    "default",
    "files",
    "find",
    "folders",
    "home",
    "is_bot",
    "is_bundle",
    "locate",
    "logs_folder",
    "move",
    "named",
    "new_place",
    "point_latest",
    "read_known_replies",
    "read_manifest",
    "remove",
    "run_folder",
    "runs_in",
    "show",
    "step_files",
    "suggest_corpus",
    "tidy",
    "write",
    "write_known_replies",
]
