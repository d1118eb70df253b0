from collections.abc import Iterator, Sequence

from chatbot.repl import converse


class Paper:
    """A screen that writes the whole conversation down."""

    def __init__(self, *lines: str) -> None:
        self.lines = list(lines)
        self.transcript = ""

    def read(self) -> str | None:
        if not self.lines:
            self.transcript += "(end)\n"
            return None
        line = self.lines.pop(0)
        self.transcript += f"you: {line}\n"
        return line

    def piece(self, text: str) -> None:
        self.transcript += f"<{text}>"

    def end_reply(self, stopped: bool) -> None:
        self.transcript += " stopped\n" if stopped else "\n"

    def notice(self, text: str) -> None:
        self.transcript += f"note: {text}\n"

    def error(self, text: str) -> None:
        self.transcript += f"error: {text}\n"

    def clear(self) -> None:
        self.transcript += "(clear)\n"


def echo(line: str, _: Sequence[str]) -> Iterator[str]:
    yield from line.upper().split()


def test_a_whole_conversation():
    paper = Paper(
        "hello there", "", "   ", "/frobnicate now", "how are you", "/reset", "/reset now", "bye", "/exit", "unread"
    )
    converse(paper, echo)
    assert paper.transcript == (
        "you: hello there\n"
        "<HELLO><THERE>\n"
        "you: \n"
        "you:    \n"
        "you: /frobnicate now\n"
        "error: unknown command /frobnicate; /help lists the commands\n"
        "you: how are you\n"
        "<HOW><ARE><YOU>\n"
        "you: /reset\n"
        "(clear)\n"
        "note: new conversation; 2 turns forgotten\n"
        "you: /reset now\n"
        "error: /reset takes nothing after it\n"
        "you: bye\n"
        "<BYE>\n"
        "you: /exit\n"
    )


def test_the_end_of_the_input_and_quit_leave_too():
    paper = Paper("hi")
    converse(paper, echo)
    assert paper.transcript == "you: hi\n<HI>\n(end)\n"
    paper = Paper("/quit", "hi")
    converse(paper, echo)
    assert paper.transcript == "you: /quit\n"


def test_help_names_every_command_and_key():
    paper = Paper("/help")
    converse(paper, echo)
    for name in ("/help", "/reset", "/exit", "/quit", "Ctrl-C", "Ctrl-D"):
        assert name in paper.transcript


def test_ctrl_c_stops_the_reply_and_the_conversation_goes_on():
    def interrupted(line: str, _: Sequence[str]) -> Iterator[str]:
        yield "one"
        if line == "count":
            raise KeyboardInterrupt
        yield "two"

    paper = Paper("count", "again")
    converse(paper, interrupted)
    assert paper.transcript == "you: count\n<one> stopped\nyou: again\n<one><two>\n(end)\n"


def test_the_last_turns_of_both_sides_are_remembered_until_they_are_reset():
    paper = Paper("one", "/help", "", "two", "three", "/reset", "four", "five")

    def recall(line: str, before: Sequence[str]) -> Iterator[str]:
        yield f"{line}!"
        yield f" after {' '.join(before) or 'nothing'}" if line in ("three", "four") else ""

    converse(paper, recall, memory=3)
    assert "you: three\n<three!>< after one! two two!>\n" in paper.transcript
    assert "you: four\n<four!>< after nothing>\n" in paper.transcript


def test_what_was_said_of_a_stopped_reply_is_remembered_and_nothing_without_a_memory():
    seen = []

    def stopped(_: str, before: Sequence[str]) -> Iterator[str]:
        seen.append(tuple(before))
        yield "half"
        raise KeyboardInterrupt

    converse(Paper("one", "two"), stopped, memory=2)
    converse(Paper("one", "two"), stopped)
    assert seen == [(), ("one", "half"), (), ()]
