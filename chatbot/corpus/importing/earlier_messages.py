"""Earlier messages of a conversation, for those that say which one they answer."""

from collections import OrderedDict
from typing import NamedTuple

#: Characters of earlier messages that are remembered: those of about a hundred thousand.
_MOST = 32 << 20
#: Characters for which a message counts besides its text, about what Python takes for it.
_EACH = 256


class Message(NamedTuple):
    """A message that may be answered.

    Attributes:
        speaker: Who said it.
        text: What, normalized; empty where it was no text.
        thread: The texts before it that a prompt carries.
    """

    speaker: str
    text: str
    thread: tuple[str, ...]


class Earlier:
    """The last messages by their id, in bounded memory; the oldest are forgotten first."""

    def __init__(self, most: int = _MOST) -> None:
        """Begin with none.

        Args:
            most: Characters to remember.
        """
        self._most = most
        self._messages: OrderedDict[str, Message] = OrderedDict()
        self._size = 0

    def add(self, id_: str, message: Message) -> None:
        """Remember a message, in place of another of that id.

        Args:
            id_: The id by which later messages quote it.
            message: The message.
        """
        self._forget(self._messages.pop(id_, None))
        self._messages[id_] = message
        self._size += _size(message)
        while self._size > self._most and len(self._messages) > 1:
            self._forget(self._messages.popitem(last=False)[1])

    def get(self, id_: str | None) -> Message | None:
        """The message of an id, if it is remembered."""
        return None if id_ is None else self._messages.get(id_)

    def clear(self) -> None:
        """Forget all."""
        self._messages.clear()
        self._size = 0

    def _forget(self, message: Message | None) -> None:
        if message is not None:
            self._size -= _size(message)


def _size(message: Message) -> int:
    return _EACH + len(message.text) + 8 * len(message.thread)
