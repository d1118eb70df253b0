"""The questions that wait for a bot, and how many of them a thread takes at once."""

import asyncio
import contextlib
import threading
from collections import deque
from collections.abc import Callable, Iterator, Sequence

from chatbot.cli.server.answering.reply_stream import Answered, Question

#: Questions that one batch takes: enough for all cores; more would only let the first of them wait for the last.
_MOST = 256
#: A batch is waited for as long as this share of the time that the last one took, until it is as large as that was:
#: clients that ask again when they have their answers come one by one, and a batch of many costs each of them less.
PATIENCE = 0.25
#: Questions that wait before workers are started, and that each of two workers gets at least.
_MANY = 8


#: A question, and what its asker waits for.
Waiting = tuple[Question, "asyncio.Future[Answered]"]


class Pace:
    """The last batch of a thread.

    Attributes:
        size: Its questions.
        seconds: That it took.
    """

    def __init__(self) -> None:
        """Begin with none."""
        self.size, self.seconds = 0, 0.0


class WaitingQuestions:
    """Questions that wait, for the server's own thread and for those of workers.

    Until a worker is ready the own thread takes all of them. From then on it takes those whose replies vary, which
    follow upon one another, and the workers share the rest.

    Attributes:
        changed: To be held by whoever looks at what waits, and to wait for a change of it.
        closed: Whether no more questions will come.
    """

    def __init__(self, patience: float) -> None:
        """Begin with none.

        Args:
            patience: Share of the time of a batch that the next one is waited for.
        """
        self.changed, self.closed = threading.Condition(), False
        self._patience = patience
        self._waiting: deque[Waiting] = deque()
        self._idle: list[Pace] = []
        self._ready = 0

    async def ask(self, question: Question) -> Answered:
        """Let a question wait.

        Args:
            question: The question.

        Returns:
            The answer.
        """
        future: asyncio.Future[Answered] = asyncio.get_running_loop().create_future()
        with self.changed:
            self._waiting.append((question, future))
            self.changed.notify_all()
        return await future

    def close(self) -> None:
        """Let the threads end when nothing waits any more."""
        with self.changed:
            self.closed = True
            self.changed.notify_all()

    @property
    def is_over(self) -> bool:
        """Whether no more questions will come for the own thread, from a worker that ends neither."""
        return self.closed and not self._ready

    def own(self) -> Sequence[Waiting]:
        """The questions for the own thread."""
        return [one for one in self._waiting if one[0].decoding.vary or not self._ready]

    def take_own(self, pace: Pace, at_once: bool) -> Sequence[Waiting]:
        """Take questions for the own thread.

        Args:
            pace: Of the thread.
            at_once: Whether it has other things to do, too, and waits for nothing.

        Returns:
            The questions; there may be none.
        """
        with self.changed:
            if self.own() and not at_once:
                self._wait_for(lambda: len(self.own()) >= min(pace.size, _MOST), pace)
            return self._take(self.own()[:_MOST])

    def take_share(self, pace: Pace) -> Sequence[Waiting]:
        """Take questions for a worker, as soon as there are some.

        Args:
            pace: Of its thread.

        Returns:
            The questions; none when the queue is closed and there are none left.
        """
        with self.changed:
            self._idle.append(pace)
            shared: Sequence[Waiting] = ()
            while not (shared or self.closed):
                self.changed.wait_for(lambda: self._shared() or self.closed)
                if not self._wait_for(self._are_many, pace):
                    for idle in self._idle:  # what there was to do before is over
                        idle.size = 0
                shared = self._shared()  # another worker may have taken them
            shared = shared or self._shared()
            parts = len(self._idle) if len(shared) >= 2 * _MANY else 1
            self._idle.remove(pace)
            return self._take(shared[: min(_MOST, -(-len(shared) // parts))])

    def wait_for_many(self) -> bool:
        """Wait until it is worth while to start a worker.

        Returns:
            Whether it is; False when the queue is closed.
        """
        with self.changed:
            self.changed.wait_for(lambda: self.closed or len(self._shared()) >= _MANY)
            return not self.closed

    def pause(self, seconds: float) -> None:
        """Wait for some time, or until the queue is closed.

        Args:
            seconds: The time.
        """
        with self.changed:
            self.changed.wait_for(lambda: self.closed, seconds)

    @contextlib.contextmanager
    def worker_ready(self) -> Iterator[None]:
        """Leave what does not vary to the workers, of which there is one more, meanwhile."""
        with self.changed:
            self._ready += 1
        try:
            yield
        finally:
            with self.changed:
                self._ready -= 1
                self.changed.notify_all()

    def _shared(self) -> Sequence[Waiting]:
        """The questions that a worker may answer."""
        return [one for one in self._waiting if not one[0].decoding.vary]

    def _are_many(self) -> bool:
        """Whether as many questions wait as the idle workers took before."""
        return len(self._shared()) >= min(sum(one.size for one in self._idle), _MOST)

    def _wait_for(self, condition: Callable[[], bool], pace: Pace) -> bool:
        """Wait for more questions, but not long; whether they came."""
        return self.changed.wait_for(lambda: self.closed or condition(), self._patience * pace.seconds)

    def _take(self, taken: Sequence[Waiting]) -> Sequence[Waiting]:
        """Take questions out of those that wait."""
        numbers = set(map(id, taken))
        self._waiting = deque(one for one in self._waiting if id(one) not in numbers)
        return taken
