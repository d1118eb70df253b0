"""Screen of a conversation for screen readers and for terminals that cannot redraw."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console

from chatbot.cli.chat.base_terminal_screen import MORE, YOU, BaseTerminalScreen, Complete
from chatbot.cli.chat.screen import LineDropped, ScreenOptions

try:
    import readline
except ImportError:  # some Pythons are built without it; then lines are typed as the terminal has them
    readline = None  # type: ignore[assignment]  # what mypy takes for a module that is always there


#: Seconds after which a signal is seen at the latest.
_SOON = 0.5


class PlainScreen(BaseTerminalScreen):
    """Lines as in a shell: nothing is redrawn unless a key asks for it, and no escape sequence is written."""

    def __init__(self, console: Console, options: ScreenOptions, complete: Complete) -> None:
        """Open the history, which all conversations share.

        Args:
            console: Standard output.
            options: The options of the screen.
            complete: Completes a line at Tab.
        """
        super().__init__(console, isolates=False)
        self._history = self._open_history(options)
        self._complete = complete
        self._found: list[str] = []
        self._latest = ""  # of what was typed; what repeats is kept once
        if readline is not None:
            self._prepare()

    def read(self, in_block: bool = False) -> str | None:
        """See `Screen.read`."""
        self.waiting.end()
        text = self._input(MORE if in_block else YOU)
        if text:
            self.waiting.begin()
        if text and text.strip() and text != self._latest:
            self._latest = text
            if readline is not None:
                readline.add_history(text)
            if self._history is not None:
                self._history.store_string(text)
        return text

    def ask(self, question: str, draft: str) -> str | None:
        """See `Screen.ask`; the draft is there to be edited."""
        self.waiting.end()
        if readline is not None:
            readline.set_startup_hook(lambda: readline.insert_text(draft))
        try:
            return self._input(question)
        finally:
            if readline is not None:
                readline.set_startup_hook()

    def clear(self) -> None:
        """See `Screen.clear`; what was read out stays where it is."""

    def _input(self, prompt: str) -> str | None:
        try:
            with _signals_seen():
                return input(prompt)
        except KeyboardInterrupt:
            self.console.print()
            raise LineDropped from None
        except EOFError:
            self.console.print()
            return None

    def _prepare(self) -> None:
        readline.set_auto_history(False)  # answers to questions are no part of it
        readline.set_completer(self._candidate)
        readline.set_completer_delims("")
        # The editline library, which stands in for readline on macOS, has a language of its own.
        editline = "libedit" in (readline.__doc__ or "")
        readline.parse_and_bind("bind ^I rl_complete" if editline else "tab: complete")
        if not editline:
            readline.parse_and_bind("set enable-bracketed-paste off")  # it would steer the terminal
        for text in reversed([*self._history.load_history_strings()] if self._history is not None else []):
            readline.add_history(text)
            self._latest = text

    def _candidate(self, line: str, number: int) -> str | None:
        """The answer to readline, which asks until it gets None: the whole line with one candidate after the other."""
        if number == 0:
            self._found = [
                line[: len(line) - candidate.replaced] + candidate.text for candidate in self._complete(line)
            ]
        return self._found[number] if number < len(self._found) else None


@contextmanager
def _signals_seen() -> Iterator[None]:
    """Let no signal wait for the next key.

    One that comes just before `input` waits for a key is noted by Python, and its handler does not run until the
    wait is interrupted. So a timer interrupts it now and then. Windows has none.
    """
    if not hasattr(signal, "setitimer"):
        yield
        return
    before = signal.signal(signal.SIGALRM, lambda _number, _frame: None)
    signal.setitimer(signal.ITIMER_REAL, _SOON, _SOON)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
