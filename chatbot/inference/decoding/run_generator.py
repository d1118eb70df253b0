"""`drain`: a generator run to its end, for the value that it returns."""

from collections.abc import Callable, Generator, Iterator
from typing import Generic, TypeVar

Step = TypeVar("Step")
Result = TypeVar("Result")


class Stopped(Exception):  # noqa: N818  # no error: the caller asked for it
    """A generator was given up before its end."""


class Running(Generic[Step, Result]):
    """Iterates over what a generator yields and keeps what it returns.

    Attributes:
        result: What the generator returned; there is none before its end.
    """

    result: Result

    def __init__(self, steps: Generator[Step, None, Result]) -> None:
        """Start nothing yet.

        Args:
            steps: The generator, which is iterated over once.
        """
        self._steps = steps

    def __iter__(self) -> Iterator[Step]:
        """Run the generator."""
        self.result = yield from self._steps


def drain(
    steps: Generator[Step, None, Result],
    on_step: Callable[[Step], None] | None = None,
    should_stop: Callable[[], bool] = lambda: False,
) -> Result:
    """Run a generator to its end.

    Args:
        steps: The generator: a search, or the pieces of a reply.
        on_step: Called with everything it yields.
        should_stop: Asked before the first step and after each.

    Returns:
        What the generator returns.

    Raises:
        Stopped: `should_stop` said so; the generator is left where it is.
    """
    running = Running(steps)
    if should_stop():
        raise Stopped
    for step in running:
        if on_step is not None:
            on_step(step)
        if should_stop():
            raise Stopped
    return running.result
