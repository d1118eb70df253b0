"""The bundle: a trained chatbot as one folder, `checkpoints/<name>/`.

Its files are the manifest, which describes all others, and those of the table in `chatbot.bundle.layout`.
A bundle is written beside its place and moved there whole, and it is read only when every
file is the one the manifest describes. Nothing in it is unpickled or run as code.
"""

from chatbot.bundle.checked_file import CheckedFile
from chatbot.bundle.default_bundle import point_latest, set_default
from chatbot.bundle.finding import default_bundle, find, locate, suggest_corpus
from chatbot.bundle.folder_scan import ScannedBundle, bundles_in, is_bundle, runs_in
from chatbot.bundle.known_replies import KnownReply, read_known_replies, write_known_replies
from chatbot.bundle.layout import (
    BACKWARD,
    CONTEXT_TURNS,
    CORRECTIONS,
    CURVE,
    DECODER,
    ENCODER,
    FALLBACKS,
    FORMAT_VERSION,
    HISTORY,
    INDEX,
    KERAS_MODEL,
    MANIFEST,
    NGRAMS,
    OPTIONS,
    PAIRS,
    PROMPTS,
    RECALL,
    REPLIES,
    TOKENIZER,
    WORD_VECTORS,
    optional_files,
    required_files,
    step_files,
)
from chatbot.bundle.learned_corrections import MOST_CORRECTIONS, Correction, Corrections
from chatbot.bundle.locations import (
    CHECKPOINTS,
    absolute_path,
    folders,
    home,
    logs_folder,
    new_place,
    run_folder,
    temporary_parents,
)
from chatbot.bundle.moving import bot_folders, is_bot, move, remove
from chatbot.bundle.names import LATEST, LOCK_FILE, printable
from chatbot.bundle.reading import Bundle
from chatbot.bundle.writing import check_place, clean_up, correct, require_free, write

__all__ = [
    "BACKWARD",
    "CHECKPOINTS",
    "CONTEXT_TURNS",
    "CORRECTIONS",
    "CURVE",
    "DECODER",
    "ENCODER",
    "FALLBACKS",
    "FORMAT_VERSION",
    "HISTORY",
    "INDEX",
    "KERAS_MODEL",
    "LATEST",
    "LOCK_FILE",
    "MANIFEST",
    "MOST_CORRECTIONS",
    "NGRAMS",
    "OPTIONS",
    "PAIRS",
    "PROMPTS",
    "RECALL",
    "REPLIES",
    "TOKENIZER",
    "WORD_VECTORS",
    "Bundle",
    "CheckedFile",
    "Correction",
    "Corrections",
    "KnownReply",
    "ScannedBundle",
    "absolute_path",
    "bot_folders",
    "bundles_in",
    "check_place",
    "clean_up",
    "correct",
    "default_bundle",
    "find",
    "folders",
    "home",
    "is_bot",
    "is_bundle",
    "locate",
    "logs_folder",
    "move",
    "new_place",
    "optional_files",
    "point_latest",
    "printable",
    "read_known_replies",
    "remove",
    "require_free",
    "required_files",
    "run_folder",
    "runs_in",
    "set_default",
    "step_files",
    "suggest_corpus",
    "temporary_parents",
    "write",
    "write_known_replies",
]
