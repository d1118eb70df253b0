import os
import threading

import pytest

from chatbot.inference.fork_safe_lock import ForkSafeLock
from chatbot.inference.litert.native_stderr import quiet_native_stderr

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork")


def _fork(work) -> int:
    """The exit code of a process that is forked and does `work`: 0 if it returned true."""
    child = os.fork()
    if child == 0:
        code = 2
        try:
            code = 0 if work() else 1
        finally:
            os._exit(code)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def test_a_fork_waits_until_what_a_lock_guards_is_whole():
    lock, half_done, seen = ForkSafeLock(), threading.Event(), []

    def change():
        with lock:
            seen.append("first")
            half_done.set()
            threading.Event().wait(0.2)
            seen.append("second")

    thread = threading.Thread(target=change)
    thread.start()
    half_done.wait()
    assert _fork(lambda: seen == ["first", "second"] and _free(lock)) == 0
    thread.join()
    assert _free(lock)


def test_a_thread_that_holds_a_lock_may_fork():
    outer = ForkSafeLock()
    with outer:
        assert _fork(lambda: _free(outer, held=True)) == 0
    assert _free(outer)


def test_a_thread_that_holds_a_lock_and_takes_an_older_one_does_not_stop_a_fork():
    older, younger = ForkSafeLock(), ForkSafeLock()
    holds_one = threading.Event()

    def take_both():
        with younger:
            holds_one.set()
            threading.Event().wait(0.2)
            with older:
                pass

    thread = threading.Thread(target=take_both)
    thread.start()
    holds_one.wait()
    assert _fork(lambda: _free(older) and _free(younger)) == 0
    thread.join()


def test_a_process_that_is_forked_while_native_code_is_silenced_has_its_errors_shown(capfd):
    silent = threading.Event()

    def be_silent():
        with quiet_native_stderr():
            silent.set()
            threading.Event().wait(0.2)

    thread = threading.Thread(target=be_silent)
    thread.start()
    silent.wait()
    assert _fork(lambda: os.write(2, b"shown") == len(b"shown")) == 0
    thread.join()
    assert capfd.readouterr().err == "shown"


def _free(lock: ForkSafeLock, *, held: bool = False) -> bool:
    """Whether another thread can take the lock at once; or cannot, if it is held."""
    taken = threading.Event()

    def take():
        with lock:
            taken.set()

    threading.Thread(target=take, daemon=True).start()
    return taken.wait(0.1 if held else 5) != held
