"""The chatbot as a Python object: text in, text out."""

import warnings
from collections.abc import Generator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Self

from chatbot import bundle
from chatbot.bot.arguments import check_count, check_text, choose_decoding
from chatbot.bot.loading import load_tokenizer_and_model
from chatbot.bot.reply.confidence import Confidence
from chatbot.bot.reply.prompt import Prompt
from chatbot.bot.reply.reply_object import Reply
from chatbot.bot.reply.reply_streaming import Streaming, join_stream, stream_replies
from chatbot.bot.trained_bot import TrainedBot
from chatbot.bundle import Bundle, Corrections
from chatbot.config import EOS, DecodingConfig, FallbackConfig
from chatbot.files import parse_path
from chatbot.inference.decoding.search_results import Hypothesis
from chatbot.inference.scoring import LogProbabilities, score
from chatbot.inference.step_model import EMPTY_PROMPT
from chatbot.text import normalize


class Chatbot(TrainedBot):
    """A trained encoder-decoder that answers. Threads may share it; see `TrainedBot` for its parts."""

    @classmethod
    def load(cls, path: str | Path | None = None) -> Self:
        """Load a bundle.

        Args:
            path: The bundle's folder, or its bare name in `checkpoints/` or in the home (see `chatbot.bundle.find`);
                None takes the one that answers by default.

        Returns:
            The bot.

        Raises:
            BundleError: There is none, or it is damaged or of another format.
            PathError: No folder can have such a path.
        """
        return cls.open(Bundle.open(bundle.find(None if path is None else parse_path(path), warnings.warn)))

    @classmethod
    def open(cls, source: Bundle, corrections: Corrections | None = None) -> Self:
        """Load the answering half of a checked bundle.

        Args:
            source: The bundle.
            corrections: What the bot was taught after its training; None for what the bundle says.

        Returns:
            The bot.

        Raises:
            BundleError: Its files do not fit each other.
        """
        tokenizer, model = load_tokenizer_and_model(source)
        corrections = Corrections.of(source) if corrections is None else corrections
        bot = cls(
            tokenizer,
            model,
            source.model,
            Confidence.open(source, corrections),
            source.context_turns,
            known_replies=source.files.get(bundle.REPLIES),
            recorded_prompts=source.files.get(bundle.PROMPTS),
            corrections=corrections,
        )
        bot.corpus_names = (*source.corpus_names, *corrections.files)
        bot.fallbacks = tuple(filter(None, map(normalize, source.fallbacks)))
        return bot

    def reply(
        self,
        text: str,
        decoding: DecodingConfig | None = None,
        fallback: FallbackConfig | None = None,
        context: Sequence[str] = (),
        **options: Any,
    ) -> Reply:
        """Answer one prompt. A prompt of nothing but white space gets an empty reply, or the fallback.

        Args:
            text: The prompt.
            decoding: How the tokens are chosen.
            fallback: What to say where the bot is not sure, and when; an urgent reply is kept however unsure it is.
            context: What was said before by both sides in turn, the oldest first; the last
                `context_turns` of it are read.
            **options: Settings of `DecodingConfig` by their names, such as `beam=3`; they outrank `decoding`.

        Returns:
            The reply, with its scores and its alternatives.

        Raises:
            ConfigError: An option is out of range or contradicts another; or there is a fallback, and
                the bot has no calibration to tell when to say it; or suggestions, and it has nothing to suggest.
            TypeError: An option is unknown, or an argument is of another type.
        """
        return self.reply_batch([self._in_context(text, context)], decoding, fallback, **options)[0]

    def reply_batch(
        self,
        texts: Sequence[str],
        decoding: DecodingConfig | None = None,
        fallback: FallbackConfig | None = None,
        **options: Any,
    ) -> list[Reply]:
        """Answer several prompts, each as `reply` would; many of them on all cores.

        Memory grows with the texts and the replies alone: prompts are answered in batches.

        Args:
            texts: The prompts.
            decoding: See `reply`, here and below.
            fallback: What to say where the bot is not sure.
            **options: Settings of `DecodingConfig`.

        Returns:
            The replies, in the order of the prompts.

        Raises:
            ConfigError: See `reply`.
            TypeError: See `reply`.
        """
        if isinstance(texts, str):
            raise TypeError("reply_batch takes a list of prompts, not a single str; use reply for one")
        decoding = choose_decoding(decoding, fallback, options)
        prompts = [self.read(text) for text in texts]
        found = [self.vary(hypotheses, decoding) for hypotheses in self.search(prompts, decoding)]
        replies = self.build_replies(prompts, found, decoding)
        replies = self.with_suggestions(prompts, replies, decoding)
        if fallback is None:
            return replies
        threshold, urgent = self.fallback_threshold, self.urgent_replies
        return [
            reply.or_fallback(fallback, threshold, text, urgent) for reply, text in zip(replies, texts, strict=True)
        ]

    def alternatives(
        self,
        text: str,
        count: int = 5,
        decoding: DecodingConfig | None = None,
        context: Sequence[str] = (),
        **options: Any,
    ) -> list[Reply]:
        """Find the best replies to one prompt by a beam search.

        Args:
            text: The prompt.
            count: How many, 1 to 1,000; fewer come where the beam finds no more.
            decoding: How the tokens are chosen; its sampling settings do not count, and the beam is
                `count` wide at least.
            context: See `reply`.
            **options: See `reply`.

        Returns:
            The replies, each of another text, by their scores, the best first.

        Raises:
            ConfigError: See `reply`; or the count is out of range.
            TypeError: See `reply`.
        """
        check_count(count)
        beam = choose_decoding(decoding, None, {}).for_alternatives(count)  # which some options need
        searching = beam.with_options({"n_best": 1, **options}).for_alternatives(count)
        best = self.reply(text, searching, context=context)
        found = [replace(best, alternatives=()), *best.alternatives]
        return sorted(found, key=lambda reply: reply.score, reverse=True)

    def score_batch(self, pairs: Sequence[tuple[str, str]]) -> list[LogProbabilities]:
        """Score given replies.

        Args:
            pairs: Prompts and replies, in any form that people write them in.

        Returns:
            For each pair an array (tokens + 1,) float32: the natural log-probabilities of the reply's
            tokens and of EOS.

        Raises:
            TypeError: It is not a list of pairs of str.
        """
        if isinstance(pairs, str) or any(isinstance(pair, str) for pair in pairs):
            raise TypeError("score_batch takes a list of pairs, each a prompt and a reply")
        prompts = [self.read(prompt).ids or EMPTY_PROMPT for prompt, _ in pairs]
        replies = [[*self.tokenizer.encode(normalize(check_text(reply, "a reply"))), EOS] for _, reply in pairs]
        return score(self.model, prompts, replies)

    def stream(
        self,
        text: str,
        decoding: DecodingConfig | None = None,
        fallback: FallbackConfig | None = None,
        context: Sequence[str] = (),
        **options: Any,
    ) -> Generator[str, None, Reply]:
        """Answer one prompt in pieces that join to `reply(text, context=context).text`.

        Greedy and sampled replies come token by token; of a beam, the prefix that all
        hypotheses share which may still be the reply. A character is never split over two pieces.
        With a fallback there is one piece, because only the whole reply shows how sure the bot is; and where
        replies vary, because they are drawn when all are found.

        Args:
            text: See `reply`, here and below.
            decoding: How the tokens are chosen.
            fallback: What to say where the bot is not sure.
            context: What was said before.
            **options: Settings of `DecodingConfig`.

        Returns:
            A generator of the pieces, which returns the whole reply as `reply` does.

        Raises:
            ConfigError: See `reply`.
            TypeError: See `reply`.
        """
        decoding = choose_decoding(decoding, fallback, options)
        text = self._in_context(text, context)
        if fallback is not None or decoding.vary:
            return self._stream_whole(text, decoding, fallback)
        return join_stream(self.stream_batch([text], decoding))

    def stream_batch(self, texts: Sequence[str], decoding: DecodingConfig) -> Streaming:
        """Answer several prompts in pieces, side by side: each step of the search goes on with all of them.

        Args:
            texts: The prompts.
            decoding: How the tokens are chosen; replies that vary have no pieces.

        Returns:
            A generator of the events of each step. The last one of each prompt has what `reply` says.
        """

        def build(prompt: Prompt, found: Sequence[Hypothesis]) -> Reply:
            return self.with_suggestions([prompt], [self.build_reply(prompt, found, decoding)], decoding)[0]

        return stream_replies([self.read(text) for text in texts], self.plan(decoding), self.tokenizer, build)

    def _stream_whole(
        self, text: str, decoding: DecodingConfig, fallback: FallbackConfig | None
    ) -> Generator[str, None, Reply]:
        whole = self.reply(text, decoding, fallback)
        yield whole.text
        return whole
