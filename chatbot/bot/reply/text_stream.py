"""The text of a reply while its tokens arrive: whole characters only."""

from chatbot.tokenizer import Tokenizer

_REPLACEMENT = "\ufffd"


class TextStream:
    """Turns tokens into pieces of text one at a time, never splitting a character.

    The pieces of a run join to `Tokenizer.decode` of its ids. Bytes of an unfinished
    character are held back until it is whole or the next token shows that it never will be.
    """

    def __init__(self, tokenizer: Tokenizer) -> None:
        """Start with no tokens.

        Args:
            tokenizer: Turns ids into text.
        """
        self._tokenizer = tokenizer
        self._pending: list[int] = []
        self._started = False

    def push(self, token: int) -> str:
        """Add a token and return the text that is now certain, often all of it.

        Returns:
            The text since the last call; empty while bytes of a character are missing.
        """
        self._pending.append(token)
        text = self._pending_text()
        if text.endswith(_REPLACEMENT) and self._tokenizer.is_byte(token):
            return ""
        return self._say(text)

    def finish(self) -> str:
        """Return what was held back."""
        return self._say(self._pending_text())

    def _pending_text(self) -> str:
        if not self._started:
            return self._tokenizer.decode(self._pending)
        # SentencePiece drops a leading space, so later tokens are decoded behind a letter.
        return self._tokenizer.decode([self._tokenizer.letter_id, *self._pending])[1:]

    def _say(self, text: str) -> str:
        self._pending.clear()
        self._started = self._started or bool(text)
        return text
