"""A process beside the server's that answers, since one interpreter of Python keeps one core busy.

It ends when the server does, however that comes about: then nobody holds the other end of its pipe.
"""

import contextlib
import multiprocessing
import signal
from collections.abc import Iterator, Sequence
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from chatbot.bot.batching import BatchRunner
from chatbot.bundle import Bundle
from chatbot.cli.server.answering.answering_bot import AnsweringBot
from chatbot.cli.server.answering.reply_stream import Answered, Question
from chatbot.config import DecodingConfig, FallbackOptions
from chatbot.errors import ChatbotError

#: Seconds that a process may take to load the bot, or for a batch: after so many it is taken for hung and ended.
_LONGEST = 120.0
#: Seconds that it may take to end by itself.
_PATIENCE = 5.0


class WorkerProcess:
    """Answers questions in a process of its own; but for `reload` and `kill`, one thread at a time may call it."""

    def __init__(self, place: Path, decoding: DecodingConfig, fallback: FallbackOptions) -> None:
        """Remember what to load.

        Args:
            place: The bundle's folder.
            decoding: The settings where a request has none.
            fallback: What is said where the bot is not sure.
        """
        self._load = (place, decoding, fallback)
        self._process: multiprocessing.process.BaseProcess | None = None
        self._pipe: Connection | None = None
        self._outdated = False

    def start(self) -> bool:
        """Start the process, and wait until it has loaded the bot.

        Returns:
            Whether it is ready; not where the system refuses another process, or the bundle cannot be loaded.
        """
        self.close()
        self._outdated = False
        context = multiprocessing.get_context("spawn")  # a fork would have the locks of threads that it lacks
        try:
            self._pipe, theirs = context.Pipe()
            with theirs, _interrupts_blocked():
                process = context.Process(target=_answer_all, args=(theirs, *self._load), name="worker", daemon=True)
                process.start()
            self._process = process
            return bool(self._receive())
        except (EOFError, OSError):
            self.close()
            return False

    @property
    def is_running(self) -> bool:
        """Whether it answers, with the bundle that is at its place by now."""
        return self._pipe is not None and not self._outdated

    def reload(self) -> None:
        """Answer nothing any more before a new start, as the bundle is another one; any thread may call this."""
        self._outdated = True

    def answer(self, questions: Sequence[Question]) -> Sequence[Answered] | None:
        """Answer questions together.

        Args:
            questions: With the same settings, at least one.

        Returns:
            The answer to each; None where it is not running, or the settings do not suit the bot.
        """
        if self._pipe is None or self._outdated:
            return None
        try:
            self._pipe.send(questions)
            found: Sequence[Answered] | None = self._receive()
        except (EOFError, OSError):  # somebody has ended it, or it hangs
            self.close()
            return None
        return found

    def kill(self) -> None:
        """End the process at once; any thread may call this, and whoever waits for an answer gets none."""
        if (process := self._process) is not None:
            process.kill()

    def close(self) -> None:
        """End the process, if there is one."""
        if self._pipe is not None:
            self._pipe.close()
        if self._process is not None:
            self._process.join(_PATIENCE)
            self._process.kill()
            self._process.join()
        self._process, self._pipe = None, None

    def _receive(self) -> Any:
        """The next answer, or news, of the process.

        Raises:
            EOFError: It has ended.
            TimeoutError: It hangs.
        """
        assert self._pipe is not None  # there is a process
        if not self._pipe.poll(_LONGEST):
            raise TimeoutError
        return self._pipe.recv()


@contextlib.contextmanager
def _interrupts_blocked() -> Iterator[None]:
    """Block Ctrl-C for the processes that are started meanwhile: it would reach them before they can ignore it."""
    if not hasattr(signal, "pthread_sigmask"):  # Windows
        yield
        return
    from multiprocessing import resource_tracker  # not on Windows

    resource_tracker.ensure_running()  # its start would let interrupts through again
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _answer_all(pipe: Connection, place: Path, decoding: DecodingConfig, fallback: FallbackOptions) -> None:
    """Load the bot, say that it is ready, and answer until the pipe is closed.

    Args:
        pipe: Gives questions, and takes their answers, or None for what the server has to answer itself.
        place: The bundle's folder.
        decoding: The settings where a request has none.
        fallback: What is said where the bot is not sure.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the server, which lets replies finish
    try:
        answering = AnsweringBot.open(Bundle.open(place), decoding, fallback)
        answering.bot.runner = BatchRunner(threads=1)  # the other cores have processes of their own
        pipe.send(True)
        while True:
            questions = pipe.recv()
            try:
                answers = answering.answer(questions)
            except ChatbotError:  # the server's own bot finds the same, and tells those who ask
                pipe.send(None)
            else:
                pipe.send(answers)
    except (ChatbotError, EOFError, OSError):
        return
