"""The parts of a trained bot at work together: prompts read, replies searched and built."""

import functools
from collections.abc import Sequence
from pathlib import Path

from chatbot import bundle
from chatbot.bot.arguments import join_context
from chatbot.bot.batching import BatchRunner
from chatbot.bot.confidence import Confidence
from chatbot.bot.nearest_neighbour import NearestNeighbour
from chatbot.bot.prompt import Prompt, read_prompt
from chatbot.bot.reply_building import ReplyBuilder
from chatbot.bot.reply_object import Reply
from chatbot.bot.text_constraints import build_text_constraints
from chatbot.bundle import KnownReply
from chatbot.config import DecodingConfig, ModelConfig
from chatbot.inference.constraints import Constraints
from chatbot.inference.hypothesis import Hypothesis, Search
from chatbot.inference.search import search
from chatbot.inference.step_model import StepModel
from chatbot.tokenizer import Tokenizer


class TrainedBot:
    """A tokenizer, an encoder-decoder and what belongs to them.

    Attributes:
        tokenizer: Text to token ids and back.
        model: The encoder and the decoder, a step at a time.
        config: Their shape.
        context_turns: How many of the turns before a prompt the bot was trained to take into account.
    """

    def __init__(
        self,
        tokenizer: Tokenizer,
        model: StepModel,
        config: ModelConfig,
        confidence: Confidence | None = None,
        context_turns: int = 0,
        known_replies: Path | None = None,
    ) -> None:
        """Put a bot together; `Chatbot.load` does it from a bundle.

        Args:
            tokenizer: Text to token ids and back.
            model: Its encoder and decoder.
            config: Their shape.
            confidence: Scores replies; None without a calibration.
            context_turns: Turns before a prompt that it reads.
            known_replies: The file of its candidate replies, see `bundle.read_known_replies`.
        """
        self.tokenizer = tokenizer
        self.model = model
        self.config = config
        self.context_turns = context_turns
        self._confidence = confidence
        self._builder = ReplyBuilder(tokenizer, confidence)
        self._suppressed = tokenizer.suppressed_ids
        self._runner = BatchRunner()
        self._known_replies = known_replies

    @property
    def index(self) -> NearestNeighbour | None:
        """The index of the training prompts; None where the bundle has none."""
        return None if self._confidence is None else self._confidence.index

    @functools.cached_property
    def known_replies(self) -> tuple[KnownReply, ...]:
        """The candidate replies of the reply memory, in its order, read on first use; none without a reply memory.

        Raises:
            BundleError: The file that names them is damaged.
        """
        if self._known_replies is None:
            return ()
        return bundle.read_known_replies(self._known_replies, self.config.known_replies)

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

    def constraints(self, decoding: DecodingConfig) -> Constraints:
        """The constraints on replies with some settings.

        Args:
            decoding: The settings.
        """
        return Constraints(decoding, self._suppressed, build_text_constraints(decoding, self.tokenizer.decode))

    def build_reply(self, prompt: Prompt, hypotheses: Sequence[Hypothesis], decoding: DecodingConfig) -> Reply:
        """See `ReplyBuilder.build`."""
        return self._builder.build(prompt, hypotheses, decoding)

    def _in_context(self, text: str, context: Sequence[str]) -> str:
        """Put a prompt behind the turns before it; see `chatbot.bot.arguments.join_context`."""
        return join_context(text, context, self.context_turns)

    def _search(self, prompts: Sequence[Sequence[int]], decoding: DecodingConfig) -> Search:
        """Search for the replies to prompts; see `chatbot.inference.search.search`.

        Args:
            prompts: Token ids of each prompt.
            decoding: The settings.
        """
        allows = build_text_constraints(decoding, self.tokenizer.decode)
        return search(self.model, prompts, decoding, self._suppressed, allows)
