"""A bundle that the server answers with, read anew when it was trained anew."""

import os
import threading
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from chatbot import bundle
from chatbot.bundle import Bundle
from chatbot.cli.chat.conversation_bot import LoadedBot, introduce
from chatbot.cli.server.answering.answering_bot import AnsweringBot
from chatbot.cli.server.answering.batch_queue import BatchQueue
from chatbot.cli.server.answering.reply_stream import Answered, News, Question
from chatbot.cli.server.answering.worker_process import WorkerProcess
from chatbot.config import DecodingConfig, FallbackOptions
from chatbot.errors import ChatbotError

#: Seconds that the last answers of a worker may take, when nobody waits for them any more.
_PATIENCE = 5.0
#: Tells one bundle at a place from another.
_Signature = tuple[tuple[str, int, int, int], ...]


class ServedBot:
    """A bot under the name of its bundle, with a queue of the prompts that wait for it.

    Attributes:
        place: The bundle's folder.
        name: That of the bundle, by which clients ask for it.
        loaded: The bot as it is now.
        queue: Answers questions.
    """

    def __init__(
        self,
        place: Path,
        decoding: DecodingConfig,
        fallback: FallbackOptions,
        report_size: Callable[[int], None],
        workers: int = 0,
    ) -> None:
        """Load the bot and let it say a word.

        Args:
            place: The bundle's folder.
            decoding: The settings where a request has none.
            fallback: What is said where the bot is not sure.
            report_size: See `BatchQueue`.
            workers: Processes that answer where many ask.

        Raises:
            BundleError: The bundle is missing or damaged.
            ConfigError: The bot cannot answer with these settings.
        """
        self.place, self._decoding, self._chosen = place, decoding, fallback
        self._signature = _sign(place)
        self._reading = threading.Lock()
        self._answering, self.loaded = self._load()
        self.name = self.loaded.name
        self._workers = [WorkerProcess(place, decoding, fallback) for _ in range(workers)]
        self.queue = BatchQueue(self._answer, self._stream, report_size, workers=self._workers)

    def reload_if_new(self) -> bool:
        """Take the bundle at the place if it is another one by now; until it is read, the old one answers.

        Returns:
            Whether it was taken.

        Raises:
            ChatbotError: There is another one, and it cannot be used; the old one goes on answering. It is
                tried again when it has changed.
        """
        with self._reading:
            signature = _sign(self.place)
            if not signature or signature == self._signature:
                return False
            self._signature = signature
            self._answering, self.loaded = self._load()
            for worker in self._workers:
                worker.reload()
            return True

    def to_json(self) -> dict[str, Any]:
        """The bot as a model of the API, with what a page for people needs besides."""
        return {
            "id": self.name,
            "object": "model",
            "created": _seconds(str(self.loaded.manifest.get("created", ""))),
            "owned_by": "chatbot",
            "context_turns": self.loaded.bot.context_turns,
            "threshold": self.loaded.bot.fallback_threshold,
        }

    def _load(self) -> tuple[AnsweringBot, LoadedBot]:
        source = Bundle.open(self.place)
        answering = AnsweringBot.open(source, self._decoding, self._chosen)
        name = source.path.resolve().name
        return answering, LoadedBot(name, introduce(source), source.path, answering.bot, source.manifest)

    def grows(self, decoding: DecodingConfig) -> bool:
        """Whether replies are known piece by piece: not where one is drawn, or may give way, when all of it is known.

        Args:
            decoding: The choice of the reply.
        """
        return self._answering.fallback is None and not decoding.vary

    def close(self) -> None:
        """Answer what waits, and end; a worker that hangs is not waited for."""
        timers = [threading.Timer(_PATIENCE, worker.kill) for worker in self._workers]
        for timer in timers:
            timer.start()
        self.queue.close()
        for timer, worker in zip(timers, self._workers, strict=True):
            timer.cancel()
            worker.close()

    def _answer(self, questions: Sequence[Question]) -> Sequence[Answered]:
        return self._answering.answer(questions)

    def _stream(self, questions: Sequence[Question]) -> Iterator[Sequence[tuple[int, News]]]:
        return self._answering.stream(questions)


def _sign(place: Path) -> _Signature:
    """The signature of the bundle at a place; empty while there is none, as when one takes the place of another."""
    try:
        with os.scandir(place) as entries:
            files = [(entry.name, entry.stat()) for entry in entries]
    except OSError:
        return ()
    named = any(name == bundle.MANIFEST for name, _ in files)
    return tuple(sorted((name, one.st_ino, one.st_size, one.st_mtime_ns) for name, one in files)) if named else ()


def _seconds(day: str) -> int:
    """The seconds since 1970 of a date of a manifest; 0 of one that is unknown."""
    try:
        return int(datetime.fromisoformat(day).astimezone(UTC).timestamp())
    except (ValueError, OverflowError):
        return 0


def name_bots(bots: Sequence[ServedBot]) -> dict[str, ServedBot]:
    """The bots by their names.

    Args:
        bots: The bots.

    Raises:
        ChatbotError: Two have the same name.
    """
    named: dict[str, ServedBot] = {}
    for bot in bots:
        if bot.name in named:
            raise ChatbotError(
                f"{named[bot.name].place} and {bot.place} are both called {bot.name}; rename one of them"
            )
        named[bot.name] = bot
    return named
