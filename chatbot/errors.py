"""Errors of the program, each with a message that a person can act on.

Everything the package raises on purpose is a `ChatbotError`. The message says what is
wrong, where (`file:line` when there is one) and what to do. The command line prints it
without a traceback and exits with 1.
"""

import errno

_REMEDIES = {
    **dict.fromkeys((errno.ENOSPC, errno.EDQUOT), "free some space"),
    errno.EFBIG: "raise the limit on the size of files",
    **dict.fromkeys((errno.EACCES, errno.EPERM, errno.EROFS), "make the folder writable"),
}


class ChatbotError(Exception):
    """Base of every error that a user can correct; its text is the message."""


class CorpusError(ChatbotError):
    """A corpus cannot be read, or contains nothing to train on."""


class PathError(ChatbotError):
    """A text that a person typed cannot be the path of a file."""


class InputError(ChatbotError):
    """Standard input cannot be read."""


class OutputError(ChatbotError):
    """A file to be written is in the way, or cannot be written."""


class TokenizerError(ChatbotError):
    """A tokenizer cannot be fitted or loaded."""


class MachineError(ChatbotError):
    """This computer lacks what the program needs."""


class BundleError(ChatbotError):
    """A bundle is missing, damaged, of another format, or in the way."""


class ConfigError(ChatbotError):
    """A setting has a value outside its range, or JSON that is not a configuration."""


class TrainingError(ChatbotError):
    """Training or export cannot continue."""


class RunError(ChatbotError):
    """A training run cannot be resumed, saved or locked."""


class ConversationError(ChatbotError):
    """A command of a conversation cannot be carried out."""


def remedy(error: OSError) -> str:
    """The remedy for an error of writing, as advice to a person."""
    return _REMEDIES.get(error.errno or 0, "see to that")
