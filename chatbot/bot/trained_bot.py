"""The parts of a trained bot at work together: prompts read, replies searched and built."""

import functools
import threading
from collections.abc import Sequence
from dataclasses import replace

from chatbot import bundle
from chatbot.bot.arguments import join_context
from chatbot.bot.batching import BatchRunner
from chatbot.bot.index.nearest_neighbour import NearestNeighbour
from chatbot.bot.reply.confidence import Confidence
from chatbot.bot.reply.prompt import Prompt, read_prompt
from chatbot.bot.reply.reply_building import ReplyBuilder
from chatbot.bot.reply.reply_object import Reply
from chatbot.bot.reply.reply_restriction import RecordedReplies, rules_of
from chatbot.bot.reply.search_plan import SearchPlan, plan_search
from chatbot.bot.reply.suggestions import HYPOTHESES, Suggester
from chatbot.bot.reply.taught_prompts import TaughtPrompts
from chatbot.bot.reply.variation import Variation
from chatbot.bundle import Corrections, KnownReply
from chatbot.config import DecodingConfig, ModelConfig
from chatbot.files import Readable
from chatbot.inference.decoding.run_generator import drain
from chatbot.inference.decoding.search_results import Hypothesis
from chatbot.inference.recorded_prompts import RecordedPrompts
from chatbot.inference.step_model import StepModel
from chatbot.tokenizer import Tokenizer

#: Sequences of varied replies that a bot remembers the state of.
_SEQUENCES = 64


class TrainedBot:
    """A tokenizer, an encoder-decoder and what belongs to them.

    Attributes:
        tokenizer: Text to token ids and back.
        model: The encoder and the decoder, a step at a time.
        config: Their shape.
        context_turns: How many of the turns before a prompt the bot was trained to take into account.
        corpus_names: Names of the files that it was trained on, in the order of the numbers in its index.
        fallbacks: Texts that `chat` and `reply` say by themselves in place of a reply that it is not sure of.
        corrections: What it was taught after its training.
        runner: Searches for the replies to many prompts.
    """

    corpus_names: tuple[str, ...] = ()
    fallbacks: tuple[str, ...] = ()

    def __init__(
        self,
        tokenizer: Tokenizer,
        model: StepModel,
        config: ModelConfig,
        confidence: Confidence | None = None,
        context_turns: int = 0,
        known_replies: Readable | None = None,
        recorded_prompts: Readable | None = None,
        corrections: Corrections | None = None,
    ) -> None:
        """Put a bot together; `Chatbot.load` does it from a bundle.

        Args:
            tokenizer: Text to token ids and back.
            model: Its encoder and decoder.
            config: Their shape.
            confidence: Scores replies; None without a calibration.
            context_turns: Turns before a prompt that it reads.
            known_replies: The file of its candidate replies, see `bundle.read_known_replies`.
            recorded_prompts: The file of the prompts that it has learned, see `RecordedPrompts`.
            corrections: What it was taught after its training.
        """
        self.tokenizer = tokenizer
        self.model = model
        self.config = config
        self.context_turns = context_turns
        self._confidence = confidence
        self._builder = ReplyBuilder(tokenizer, confidence)
        self.runner = BatchRunner()
        self._variation = functools.lru_cache(_SEQUENCES)(Variation)
        self._known_replies, self._recorded_prompts = known_replies, recorded_prompts
        self.corrections = corrections or Corrections()

    @property
    def index(self) -> NearestNeighbour | None:
        """The index of the training prompts; None where the bundle has none."""
        return None if self._confidence is None else self._confidence.index

    @functools.cached_property
    def known_replies(self) -> tuple[KnownReply, ...]:
        """The candidate replies of the reply memory, in its order, and behind them those that were taught.

        They are read on first use; there are none without a reply memory.

        Raises:
            BundleError: The file that names them is damaged.
        """
        if self._known_replies is None:
            return ()
        known = bundle.read_known_replies(self._known_replies, self.config.known_replies)
        texts = {reply.text for reply in known}
        taught = {one.reply: KnownReply(one.reply, one.topic) for one in self.corrections.learned}
        return (*known, *(reply for text, reply in taught.items() if text not in texts))

    @functools.cached_property
    def urgent_replies(self) -> frozenset[str]:
        """The recorded replies of urgent topics, which give way to no fallback.

        Raises:
            BundleError: See `known_replies`.
        """
        return frozenset(reply.text for reply in self.known_replies if reply.is_urgent)

    @property
    def fallback_threshold(self) -> float | None:
        """The confidence below which a fallback is said by default; None without a calibration."""
        return None if self._confidence is None else self._confidence.calibration.threshold

    def read(self, text: str, context: Sequence[str] = ()) -> Prompt:
        """Read a prompt as the encoder does, with the turns before it.

        Args:
            text: The prompt.
            context: See `reply`.

        Returns:
            Its tokens.

        Raises:
            TypeError: An argument is of another type.
        """
        return read_prompt(self._in_context(text, context), self.tokenizer, self.config)

    @functools.cached_property
    def recorded(self) -> RecordedReplies | None:
        """The replies that the bot says unless it is free to say others; None without a reply memory.

        Raises:
            BundleError: The file that names them, or that of the prompts, is damaged.
        """
        replies = self.known_replies
        if not replies:
            return None
        file = self._recorded_prompts
        learned = None if file is None else RecordedPrompts.load(file, self.config.known_replies)
        taught = [(self.read(one.prompt).ids, one) for one in self.corrections.learned]
        texts = [reply.text for reply in replies]
        prompts = TaughtPrompts(learned, taught, texts, self.tokenizer, lambda: self.index)
        return RecordedReplies(self.tokenizer, replies, prompts, self.corrections.forgotten)

    def plan(self, decoding: DecodingConfig, always_steps: bool = False) -> SearchPlan:
        """Plan a search.

        Args:
            decoding: The settings.
            always_steps: See `RecordedSteps`.

        Returns:
            The plan.

        Raises:
            BundleError: See `recorded`.
            ConfigError: The settings refuse every recorded reply.
        """
        recorded = None if decoding.free else self.recorded
        return plan_search(self.model, self.tokenizer, recorded, decoding, always_steps)

    def search(self, prompts: Sequence[Prompt], decoding: DecodingConfig) -> list[Sequence[Hypothesis]]:
        """Search for the replies to prompts, to many of them on all cores.

        Args:
            prompts: The prompts.
            decoding: The settings.

        Returns:
            The hypotheses of each prompt, the best first; none for a prompt without tokens.

        Raises:
            BundleError: See `recorded`.
            ConfigError: See `plan`.
        """
        asked = [row for row, prompt in enumerate(prompts) if prompt.ids]
        plan = self.plan(decoding)

        def answer(rows: Sequence[int], stop: threading.Event) -> list[list[Hypothesis]]:
            return drain(plan.search([prompts[row].ids for row in rows]), should_stop=stop.is_set)

        found = self.runner.run(asked, answer, lambda row: len(prompts[row].ids), hypotheses=plan.decoding.beam)
        by_row = dict(zip(asked, found, strict=True))
        return [by_row.get(row, ()) for row in range(len(prompts))]

    def with_suggestions(
        self, prompts: Sequence[Prompt], replies: Sequence[Reply], decoding: DecodingConfig
    ) -> list[Reply]:
        """Add the questions that may have been meant, if the settings ask for them.

        Args:
            prompts: What was asked.
            replies: The reply to each.
            decoding: The settings.

        Returns:
            The replies with their suggestions.

        Raises:
            BundleError: See `recorded`.
            ConfigError: The bot has no recorded replies, or no index of its prompts.
        """
        if decoding.suggest is None:
            return list(replies)
        suggester, width = self._suggester, HYPOTHESES * decoding.suggest
        found = self.search(prompts, replace(rules_of(decoding), beam=width, n_best=width))
        return [
            replace(reply, suggestions=suggester.suggest(prompt, those, decoding.suggest))
            for prompt, reply, those in zip(prompts, replies, found, strict=True)
        ]

    @functools.cached_property
    def _suggester(self) -> Suggester:
        return Suggester.of(self.tokenizer, self._confidence, self.known_replies, self.fallbacks)

    def vary(self, hypotheses: Sequence[Hypothesis], decoding: DecodingConfig) -> Sequence[Hypothesis]:
        """Draw the reply to a prompt, where the settings ask for it.

        The draws with one seed are one sequence, and go on from one call to the next.

        Args:
            hypotheses: What a search has found, the best first.
            decoding: The settings.

        Returns:
            The same, the one that was drawn first.
        """
        return self._variation(decoding.seed).draw(hypotheses) if decoding.vary and hypotheses else hypotheses

    def build_reply(self, prompt: Prompt, hypotheses: Sequence[Hypothesis], decoding: DecodingConfig) -> Reply:
        """See `ReplyBuilder.build`."""
        return self._builder.build(prompt, hypotheses, decoding)

    def build_replies(
        self, prompts: Sequence[Prompt], found: Sequence[Sequence[Hypothesis]], decoding: DecodingConfig
    ) -> list[Reply]:
        """See `ReplyBuilder.build_all`."""
        return self._builder.build_all(prompts, found, decoding)

    def _in_context(self, text: str, context: Sequence[str]) -> str:
        """Put a prompt behind the turns before it; see `chatbot.bot.arguments.join_context`."""
        return join_context(text, context, self.context_turns)
