"""What signals do to work that is worth finishing."""

import os
import signal
import sys
import time
import weakref

import pexpect
import pytest
import typer
from prompt_toolkit.application import create_app_session
from prompt_toolkit.input import create_pipe_input
from prompt_toolkit.output import DummyOutput
from rich.console import Console

from chatbot.cli.chat.screen import ScreenOptions
from chatbot.cli.chat.terminal_screen import TerminalScreen
from chatbot.cli.output import interrupt
from chatbot.cli.output.exit_codes_and_messages import Interrupted, exit_codes
from chatbot.cli.output.interrupt import SIGNALS, Interruption, end_on_signals

#: The plain screen of a program whose main thread is not interrupted by the signal, as if that had come just before.
_READING = """
import signal, threading
from rich.console import Console
from chatbot.cli.chat.plain_screen import PlainScreen
from chatbot.cli.chat.screen import ScreenOptions
from chatbot.cli.output.interrupt import end_on_signals

def take_signals():
    signal.pthread_sigmask(signal.SIG_UNBLOCK, [{number}])
    threading.Event().wait()

end_on_signals()
signal.pthread_sigmask(signal.SIG_BLOCK, [{number}])
threading.Thread(target=take_signals, daemon=True).start()
PlainScreen(Console(), ScreenOptions(no_history=True), lambda line: []).read()
"""


@pytest.fixture(autouse=True)
def signals():
    """The handlers of Python, whoever started the tests, and those of before at the end."""
    before = {number: signal.getsignal(number) for number in SIGNALS}
    for number in SIGNALS:
        signal.signal(number, signal.default_int_handler if number == signal.SIGINT else signal.SIG_DFL)
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


def send(number):
    os.kill(os.getpid(), number)


@pytest.mark.parametrize("number", SIGNALS)
def test_the_first_signal_is_a_request_and_a_later_one_an_order_that_gives_128_and_its_number(number, monkeypatch):
    monkeypatch.setattr(interrupt, "_SAME_REQUEST", 0.0)
    with Interruption() as interrupted:
        assert not interrupted.should_stop()
        send(number)
        assert interrupted.should_stop()
        with pytest.raises(KeyboardInterrupt) as order:
            send(number)
        assert order.value.exit_code == 128 + number
        # Whoever caught it, asking raises it again.
        with pytest.raises(Interrupted):
            interrupted.should_stop()


@pytest.mark.parametrize("number", SIGNALS)
def test_before_anybody_listens_the_first_signal_is_an_order(number):
    with pytest.raises(Interrupted), Interruption():
        send(number)


def test_signals_that_come_together_are_one_request():
    with Interruption() as interrupted:
        interrupted.should_stop()
        for number in (signal.SIGTERM, signal.SIGTERM, signal.SIGHUP, signal.SIGINT):
            send(number)
        assert interrupted.should_stop()
        time.sleep(0.6)
        with pytest.raises(Interrupted):
            send(signal.SIGTERM)


@pytest.mark.parametrize("number", SIGNALS)
def test_what_was_ignored_stays_ignored_and_all_is_as_before_at_the_end(number):
    signal.signal(number, signal.SIG_IGN)
    before = [signal.getsignal(each) for each in SIGNALS]
    with Interruption() as interrupted:
        send(number)
        assert not interrupted.should_stop()
    assert [signal.getsignal(each) for each in SIGNALS] == before


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGHUP, 129)])
def test_a_command_that_a_signal_ends_has_the_exit_code_that_shells_know(number, code):
    with pytest.raises(typer.Exit) as ended, exit_codes(), Interruption():
        send(number)
    assert ended.value.exit_code == code


def test_an_order_stands_for_the_error_that_compiled_code_made_of_it():
    def compiled_code():
        try:
            send(signal.SIGTERM)
        except Interrupted:
            raise SystemError("bad argument to internal function") from None

    with pytest.raises(Interrupted) as ended, Interruption() as interrupted, interrupted.order_first():
        compiled_code()
    assert ended.value.exit_code == 143


def test_an_error_without_an_order_stays_what_it_is():
    def work_on_a_full_disk():
        with Interruption() as interrupted, interrupted.order_first():
            interrupted.should_stop()
            send(signal.SIGTERM)
            raise OSError("disk")

    with pytest.raises(OSError, match="disk"):
        work_on_a_full_disk()


class _Thing:
    """Something that has finalizers."""


def finalize(function):
    """Run a function where Python prints and drops exceptions."""
    thing = _Thing()
    finalizer = weakref.ref(thing, lambda _: function())
    del thing
    assert finalizer() is None


@pytest.fixture
def ends_on_signals(monkeypatch):
    """The program as it begins, which is undone."""
    monkeypatch.setattr(sys, "unraisablehook", sys.unraisablehook)
    monkeypatch.setattr(interrupt, "_received", [])
    end_on_signals()


@pytest.mark.usefixtures("ends_on_signals")
@pytest.mark.parametrize("number", SIGNALS)
def test_an_order_that_a_finalizer_dropped_is_given_again(number, capfd):
    def work():
        for _ in range(3):  # a finalizer after the other takes all the time
            finalize(lambda: (send(number), time.sleep(0.05)))
        time.sleep(5)

    with pytest.raises(Interrupted) as ended, Interruption():
        work()
    assert ended.value.exit_code == 128 + number
    assert capfd.readouterr().err == ""


@pytest.mark.usefixtures("ends_on_signals")
def test_an_order_that_was_dropped_is_given_once_where_a_loop_asks():
    cleaned = []

    def work(interrupted):
        finalize(lambda: send(signal.SIGTERM))
        try:
            interrupted.should_stop()
            time.sleep(5)
        finally:
            time.sleep(0.1)  # cleaning up, which no second order breaks off
            cleaned.append(True)

    with pytest.raises(Interrupted), Interruption() as interrupted:
        work(interrupted)
    assert cleaned == [True]


@pytest.mark.usefixtures("ends_on_signals")
def test_other_errors_of_finalizers_are_told_as_they_were(monkeypatch):
    told = []
    monkeypatch.setattr(sys, "unraisablehook", told.append)
    end_on_signals()
    finalize(lambda: 1 / 0)
    assert [type(one.exc_value) for one in told] == [ZeroDivisionError]


@pytest.mark.usefixtures("ends_on_signals")
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_signal_while_a_line_is_completed_ends_the_program_without_a_word(number, capfd):
    """An exception in an event loop would be told there, and Enter asked for."""

    def complete(line):
        asked.append(line)
        send(number)
        return []

    asked = []
    with create_pipe_input() as keys, create_app_session(input=keys, output=DummyOutput()):
        screen = TerminalScreen(Console(), ScreenOptions(no_history=True), complete)
        keys.send_text("half a line\t")
        with pytest.raises(SystemExit) as ended:
            screen.read()
    assert asked == ["half a line"]
    assert ended.value.exit_code == 128 + number
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_signal_just_before_the_wait_for_a_key_ends_the_program(number):
    child = pexpect.spawn(sys.executable, ["-c", _READING.format(number=int(number))], encoding="utf-8", timeout=60)
    child.expect_exact("you> ")
    child.kill(number)
    child.expect(pexpect.EOF)
    child.close()
    assert child.exitstatus == 128 + number
