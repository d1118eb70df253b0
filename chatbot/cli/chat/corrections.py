"""Corrections of replies, kept as a corpus that the bot can be trained on."""

import os
from pathlib import Path

from chatbot.cli.chat.transcript import append_whole, open_to_append
from chatbot.errors import ConversationError
from chatbot.files import make_folder
from chatbot.text import in_context, normalize

#: Where corrections go, from the folder that the program runs in.
FILE = Path("corpora") / "corrections.tsv"


def add_correction(path: Path, prompt: str, context: tuple[str, ...], reply: str) -> None:
    """Append a pair to a corpus file, which is made if need be.

    Args:
        path: The file.
        prompt: The prompt.
        context: The earlier turns that the bot read.
        reply: The wished reply.

    Raises:
        ConversationError: A side is empty, or the file cannot be written.
    """
    asked, wished = in_context(context, prompt), normalize(reply)
    if not asked or not wished:
        raise ConversationError("an empty prompt or reply cannot be learned")
    try:
        make_folder(path.parent)
        file = open_to_append(path)
        try:
            os.lseek(file, max(os.fstat(file).st_size - 1, 0), os.SEEK_SET)
            last = os.read(file, 1)
            begin = b"" if last in b"\r\n" else b"\n"  # edited by hand, without a line end
            append_whole(file, begin + f"{asked}\t{wished}\n".encode())
        finally:
            os.close(file)
    except OSError as error:
        raise ConversationError(f"{path}: cannot be written: {error.strerror or error}") from None
