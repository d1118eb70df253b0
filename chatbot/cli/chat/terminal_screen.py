"""Screen of a conversation on a terminal, with line editing, completion and history."""

import os
from collections.abc import Iterator
from typing import Any, Self

from prompt_toolkit import PromptSession
from prompt_toolkit.auto_suggest import AutoSuggestFromHistory
from prompt_toolkit.completion import CompleteEvent, Completer, Completion
from prompt_toolkit.document import Document
from prompt_toolkit.enums import DEFAULT_BUFFER
from prompt_toolkit.filters import has_focus
from prompt_toolkit.history import InMemoryHistory
from prompt_toolkit.key_binding import KeyBindings, KeyPressEvent
from prompt_toolkit.output import ColorDepth
from prompt_toolkit.styles import Style
from rich.console import Console
from wcwidth import iter_graphemes_reverse

from chatbot.cli.chat.base_terminal_screen import MORE, YOU, BaseTerminalScreen, Complete
from chatbot.cli.chat.screen import LineDropped, ScreenOptions, in_block
from chatbot.cli.chat.terminal_echo import EchoOff
from chatbot.cli.output.interrupt import ending_after

# The sixteen colours of the terminal's own theme.
_STYLE = Style.from_dict(
    {
        "you": "bold ansigreen",
        "auto-suggestion": "ansibrightblack italic",
        "completion-menu": "bg:default",
        "completion-menu.completion": "bg:default fg:default",
        "completion-menu.completion.current": "bg:default fg:default reverse",
        "completion-menu.meta.completion": "bg:default fg:ansibrightblack",
        "completion-menu.meta.completion.current": "bg:default fg:default reverse",
        "scrollbar.background": "bg:default",
        "scrollbar.button": "bg:default reverse",
    }
)


#: Code points that may look like one character.
_LONGEST_CHARACTER = 64


class TerminalScreen(BaseTerminalScreen):
    """Line editing, completion, several lines, an editor, suggestions, and a history that lasts.

    Enter sends, Alt-Enter begins a new line, and so does Enter in a block between triple quotes.
    """

    def __init__(self, console: Console, options: ScreenOptions, complete: Complete) -> None:
        """Open the history; without a place to keep it, it lasts as long as the conversation.

        Args:
            console: Standard output.
            options: The options of the screen.
            complete: Completes a line at Tab.
        """
        super().__init__(console, isolates=True)
        without_color = options.no_color or bool(os.environ.get("NO_COLOR"))
        shared: dict[str, Any] = {
            "style": _STYLE,
            "color_depth": ColorDepth.DEPTH_1_BIT if without_color else None,
            "multiline": True,
            "prompt_continuation": MORE,
            "key_bindings": _keys(),
            "enable_open_in_editor": True,
            "tempfile_suffix": ".txt",
            "enable_suspend": True,
        }
        self._session: PromptSession[str] = PromptSession(
            **shared,
            history=self._open_history(options) or InMemoryHistory(),
            auto_suggest=AutoSuggestFromHistory(),
            completer=_Tab(complete),
            complete_while_typing=False,
        )
        self._answers: PromptSession[str] = PromptSession(**shared)

    def __enter__(self) -> Self:
        """Let no key that is pressed while the bot speaks be seen in its reply."""
        self._echo_off = EchoOff().__enter__()
        return self

    def __exit__(self, *error: object) -> None:
        """Leave the terminal as it was."""
        self.waiting.end()
        self._echo_off.__exit__(*error)

    def read(self, in_block: bool = False) -> str | None:
        """See `Screen.read`; Ctrl-C drops the line, Ctrl-D ends the conversation."""
        self.waiting.end()
        text = self._prompt(self._session, MORE if in_block else YOU)
        if text:
            self.waiting.begin()
        return text

    def ask(self, question: str, draft: str) -> str | None:
        """See `Screen.ask`."""
        self.waiting.end()
        return self._prompt(self._answers, question, draft)

    @staticmethod
    def _prompt(session: PromptSession[str], prompt: str, draft: str = "") -> str | None:
        stop = _Stop(session)
        with ending_after(stop.request):
            try:
                return session.prompt([("class:you", prompt)], default=draft, pre_run=stop.act)
            except KeyboardInterrupt:
                raise LineDropped from None
            except EOFError:
                return None


class _Stop:
    """Ends the reading of a line from the handler of a signal."""

    def __init__(self, session: PromptSession[str]) -> None:
        self._app = session.app
        self._requested = False

    def request(self) -> None:
        """Let the event loop end the reading when it is between two tasks, or has begun."""
        self._requested = True
        if self._app.loop is not None:
            self._app.loop.call_soon_threadsafe(self.act)

    def act(self) -> None:
        """End the reading if that is requested, as the end of the input would."""
        if self._requested and self._app.is_running and not self._app.is_done:
            self._app.exit(exception=EOFError)


class _Tab(Completer):
    """Puts the candidates of a conversation into prompt-toolkit's form."""

    def __init__(self, complete: Complete) -> None:
        self._complete = complete

    def get_completions(self, document: Document, _: CompleteEvent) -> Iterator[Completion]:
        for candidate in self._complete(document.text_before_cursor):
            yield Completion(candidate.text, -candidate.replaced, display_meta=candidate.meaning)


def _keys() -> KeyBindings:
    keys = KeyBindings()
    typing = has_focus(DEFAULT_BUFFER)  # and not in the search of Ctrl-R

    @keys.add("enter", filter=typing)
    def _send(event: KeyPressEvent) -> None:
        if in_block(event.current_buffer.text):
            event.current_buffer.insert_text("\n")
        else:
            event.current_buffer.validate_and_handle()

    @keys.add("escape", "enter", filter=typing)
    def _new_line(event: KeyPressEvent) -> None:
        event.current_buffer.insert_text("\n")

    @keys.add("backspace", filter=typing)
    def _rub_out(event: KeyPressEvent) -> None:
        """Take off what a person sees as one character, such as an emoji of several or a letter with its accents."""
        for _ in range(event.arg):
            before = event.current_buffer.document.text_before_cursor[-_LONGEST_CHARACTER:]
            event.current_buffer.delete_before_cursor(len(next(iter_graphemes_reverse(before), "")))

    return keys
