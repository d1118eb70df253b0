"""The two places a conversation can happen: a terminal and a pipe."""

import os
import sys
from pathlib import Path

from platformdirs import user_state_path
from prompt_toolkit import PromptSession
from prompt_toolkit.history import FileHistory, History, InMemoryHistory
from rich.console import Console
from rich.text import Text

from chatbot.bundle import Bundle
from chatbot.text import normalize

_STOPPED = " [stopped]"


def introduce(bundle: Bundle) -> str:
    """One line that says which bot this is, when and on what it was trained."""
    names = bundle.manifest.get("corpus")
    corpus = ", ".join(normalize(str(name)) for name in names) if isinstance(names, list) else "unknown pairs"
    day = normalize(str(bundle.manifest.get("created", "")))[:10]
    memory = f" It reads the {turns} before yours." if (turns := _turns(bundle.context_turns)) else ""
    return f"{bundle.path.resolve().name}, trained on {corpus} on {day}.{memory} /help for commands, Ctrl-D to leave."


def _turns(number: int) -> str:
    return "turn" if number == 1 else f"{number} turns" if number else ""


class TerminalScreen:
    """A conversation typed at a terminal, with line editing and a history that lasts."""

    def __init__(self) -> None:
        """Open the history; without a place to keep it, it lasts as long as the conversation."""
        self._console = Console(highlight=False)
        self._session: PromptSession[str] = PromptSession(history=_history())
        self._speaking = False

    def read(self) -> str | None:
        """See `Screen.read`; Ctrl-C drops the line, Ctrl-D ends the conversation."""
        try:
            return self._session.prompt("you> ")
        except KeyboardInterrupt:
            return ""
        except EOFError:
            return None

    def piece(self, text: str) -> None:
        """See `Screen.piece`."""
        if not self._speaking:
            self._console.print(Text("bot> ", style="bold cyan"), end="")
            self._speaking = True
        self._console.print(Text(text), end="", soft_wrap=True)
        self._console.file.flush()

    def end_reply(self, stopped: bool) -> None:
        """See `Screen.end_reply`."""
        self._console.print(Text(_STOPPED if stopped else "", style="dim"))
        self._speaking = False

    def notice(self, text: str) -> None:
        """See `Screen.notice`."""
        self._console.print(Text(text, style="dim"))

    def error(self, text: str) -> None:
        """See `Screen.error`."""
        self._console.print(Text(text, style="red"))

    def clear(self) -> None:
        """See `Screen.clear`."""
        self._console.clear()


class PipeScreen:
    """A conversation fed through a pipe: replies on stdout, everything else on stderr."""

    def read(self) -> str | None:
        """See `Screen.read`; bytes that are not UTF-8 are replaced."""
        line = sys.stdin.buffer.readline() if sys.stdin is not None else b""
        return line.decode("utf-8", errors="replace") if line else None

    def piece(self, text: str) -> None:
        """See `Screen.piece`."""
        sys.stdout.write(text)
        sys.stdout.flush()

    def end_reply(self, stopped: bool) -> None:
        """See `Screen.end_reply`; Ctrl-C ends the whole run, for nobody is here to type on."""
        self.piece("\n")
        if stopped:
            raise KeyboardInterrupt

    def notice(self, text: str) -> None:
        """See `Screen.notice`."""
        print(text, file=sys.stderr, flush=True)

    def error(self, text: str) -> None:
        """See `Screen.error`."""
        print(f"chatbot: {text}", file=sys.stderr, flush=True)

    def clear(self) -> None:
        """See `Screen.clear`; a pipe shows nothing to wipe."""


def _history() -> History:
    """The history file, which only its owner can read."""
    path = Path(user_state_path("chatbot")) / "history"
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        os.close(os.open(path, os.O_CREAT | os.O_APPEND | os.O_RDWR, 0o600))
        path.chmod(0o600)
    except OSError:
        return InMemoryHistory()
    return FileHistory(str(path))
