"""A loaded bot that answers questions, in the server's process or in a worker's."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Self

from chatbot.bot.arguments import join_context
from chatbot.bot.chatbot import Chatbot
from chatbot.bot.reply.reply_object import Reply
from chatbot.bundle import Bundle
from chatbot.cli.server.answering.reply_stream import Answered, News, Question
from chatbot.config import DecodingConfig, FallbackConfig, FallbackOptions
from chatbot.config.options import respell, spell
from chatbot.errors import ConfigError


@dataclass(frozen=True)
class AnsweringBot:
    """A bot, and what it says where it is not sure.

    Attributes:
        bot: The bot.
        fallback: What it says instead; None for nothing.
    """

    bot: Chatbot
    fallback: FallbackConfig | None

    @classmethod
    def open(cls, source: Bundle, decoding: DecodingConfig, fallback: FallbackOptions) -> Self:
        """Load a bot and let it say a word.

        Args:
            source: Its bundle.
            decoding: The settings where a request has none.
            fallback: What is said where the bot is not sure.

        Returns:
            The bot.

        Raises:
            BundleError: The bundle is damaged.
            ConfigError: The bot cannot answer with these settings.
        """
        bot = Chatbot.open(source)
        try:
            settled = fallback.settle(bot.fallbacks)
        except ConfigError as error:
            raise ConfigError(respell(str(error), FallbackOptions, lambda name: f"--{spell(name)}")) from None
        _ = bot.reply("hello", decoding, settled).confidence  # reads all that the first reply needs
        return cls(bot, settled)

    def answer(self, questions: Sequence[Question]) -> list[Answered]:
        """Answer questions together.

        Args:
            questions: With the same settings, at least one.

        Returns:
            The answer to each.

        Raises:
            ChatbotError: The settings do not suit the bot.
        """
        prompts = self._join(questions)
        replies = self.bot.reply_batch(prompts, questions[0].decoding, self.fallback)
        return [self._answered(reply, prompt) for reply, prompt in zip(replies, prompts, strict=True)]

    def stream(self, questions: Sequence[Question]) -> Iterator[Sequence[tuple[int, News]]]:
        """Answer questions together, piece by piece.

        Args:
            questions: With the same settings, at least one.

        Yields:
            The news of each step, by the numbers of the questions.
        """
        prompts = self._join(questions)
        for events in self.bot.stream_batch(prompts, questions[0].decoding):
            news: list[tuple[int, News]] = []
            for row, piece, reply in events:
                news += [(row, piece)] if piece else []
                news += [(row, self._answered(reply, prompts[row]))] if reply is not None else []
            yield news

    def _join(self, questions: Sequence[Question]) -> list[str]:
        return [join_context(one.prompt, one.context, self.bot.context_turns) for one in questions]

    def _answered(self, reply: Reply, prompt: str) -> Answered:
        _ = reply.confidence  # computed here, where it holds up nobody else
        return Answered(reply, len(self.bot.read(prompt).ids))
