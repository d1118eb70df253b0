"""Corrections of replies, kept as a corpus that the bot can be trained on."""

from pathlib import Path

from chatbot.errors import ConversationError
from chatbot.files import make_folder, open_private
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
        with open(path, "ab+", opener=open_private) as file:
            if file.tell():
                file.seek(-1, 2)
                if file.read(1) not in b"\r\n":  # edited by hand, without a line end
                    file.write(b"\n")
            file.write(f"{asked}\t{wished}\n".encode())
    except OSError as error:
        raise ConversationError(f"{path}: cannot be written: {error.strerror or error}") from None
