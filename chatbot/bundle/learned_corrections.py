"""The corrections of a bundle: replies that its bot was taught after its training, and those that it must forget.

They lie over what was trained and change none of it, so that each can be taken out again.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from chatbot.bundle.layout import CORRECTIONS, TRAIN_AGAIN
from chatbot.bundle.reading import Bundle
from chatbot.config.base import check_types
from chatbot.errors import BundleError, ConfigError

#: Corrections that a bundle takes. Each reply looks through all of them, and so many are worth a training.
MOST_CORRECTIONS = 1000


@dataclass(frozen=True)
class Correction:
    """A reply that a bot was taught for a prompt.

    Attributes:
        prompt: As the encoder reads it, in lower case.
        reply: The reply.
        instead_of: What the bot said before.
        file: The name of the file that it comes from.
        line: Its line there, from 1.
        topic: What the reply is about; None where nobody said.
    """

    prompt: str
    reply: str
    instead_of: str
    file: str
    line: int
    topic: str | None = None


@dataclass(frozen=True)
class Corrections:
    """All corrections of a bot.

    Attributes:
        learned: One correction for each prompt.
        forgotten: Replies that are not said any more.
    """

    learned: tuple[Correction, ...] = ()
    forgotten: tuple[str, ...] = ()

    @property
    def files(self) -> tuple[str, ...]:
        """The names of the files that the learned ones come from, each once."""
        return tuple(dict.fromkeys(one.file for one in self.learned))

    @classmethod
    def of(cls, source: Bundle) -> "Corrections":
        """Read those of a bundle.

        Args:
            source: The bundle.

        Returns:
            The corrections; none where it has no file of them.

        Raises:
            BundleError: The file is damaged.
        """
        file = source.files.get(CORRECTIONS)
        if file is None:
            return cls()
        try:
            content = json.loads(file.read_bytes())
            check_types("corrections", content, {"forgotten": tuple[str, ...]})
            return cls(tuple(map(_correction, content["learned"])), tuple(content["forgotten"]))
        except (ValueError, RecursionError, LookupError, TypeError, AttributeError, ConfigError) as error:
            raise BundleError(f"{file}: not the corrections of a bot ({error}); {TRAIN_AGAIN}") from None

    def write(self, folder: Path) -> None:
        """Write the file that `of` reads; none where there is nothing to write.

        Args:
            folder: Of a bundle that is being written.
        """
        if not self.learned and not self.forgotten:
            return
        content = {"learned": [asdict(one) for one in self.learned], "forgotten": list(self.forgotten)}
        text = json.dumps(content, ensure_ascii=False, indent=1)
        (folder / CORRECTIONS).write_text(f"{text}\n", encoding="utf-8")


def _correction(entry: Mapping[str, Any]) -> Correction:
    texts = dict.fromkeys(("prompt", "reply", "instead_of", "file"), str)
    check_types("a correction", entry, {**texts, "line": int, "topic": str | None})
    found = Correction(**entry)
    if not found.prompt or not found.reply or found.line < 1:
        raise ValueError("one is empty, or has no line")
    return found
