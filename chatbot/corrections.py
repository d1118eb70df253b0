"""What people wish a bot had said, kept as a corpus that it can be trained on."""

from pathlib import Path

from chatbot.errors import ConversationError
from chatbot.text import in_context, normalize

#: Where corrections go, from the folder that the program runs in.
FILE = Path("corpora") / "corrections.tsv"


def add_correction(path: Path, prompt: str, context: tuple[str, ...], reply: str) -> None:
    """Append a pair to a corpus file, which is made if need be.

    Args:
        path: The file.
        prompt: What was said to the bot.
        context: The turns before it that the bot read.
        reply: What it should have said.

    Raises:
        ConversationError: A side is empty, or the file cannot be written.
    """
    asked, wished = in_context(context, prompt), normalize(reply)
    if not asked or not wished:
        raise ConversationError("an empty prompt or reply cannot be learned")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("ab+") as file:
            if file.tell():
                file.seek(-1, 2)
                if file.read(1) not in b"\r\n":  # somebody edited it, and left the last line open
                    file.write(b"\n")
            file.write(f"{asked}\t{wished}\n".encode())
    except OSError as error:
        raise ConversationError(f"{path}: cannot be written: {error.strerror or error}") from None
