"""The chatbot as a Python object: text in, text out."""

import functools
import threading
import warnings
from collections.abc import Generator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from chatbot import bundle
from chatbot.bot.batching import BatchRunner, Stopped
from chatbot.bot.confidence import Answer, Confidence
from chatbot.bot.nearest_neighbour import NearestNeighbour
from chatbot.bot.prompt import Prompt, read_prompt
from chatbot.bot.scored_reply import LazyConfidence, Reply
from chatbot.bundle import Bundle, KnownReply
from chatbot.config import EOS, MOST_HYPOTHESES, DecodingConfig, FallbackConfig, ModelConfig
from chatbot.errors import BundleError, ConfigError, TokenizerError
from chatbot.files import parse_path
from chatbot.inference.constraints import Allows, Constraints
from chatbot.inference.litert_steps import LiteRTSteps
from chatbot.inference.scoring import LogProbabilities, score
from chatbot.inference.search import Hypothesis, Search, search, strip_eos
from chatbot.inference.step_model import EMPTY_PROMPT, StepModel
from chatbot.text import in_context, normalize
from chatbot.tokenizer import Tokenizer

if TYPE_CHECKING:
    from chatbot.bot.banned_words import BannedWords


class Chatbot:
    """A trained encoder-decoder that answers. Threads may share it.

    Attributes:
        tokenizer: Text to token ids and back.
        model: Its encoder and decoder, a step at a time.
        config: Their shape.
        context_turns: How many of the turns before a prompt it was trained to take into account.
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
        """Put a chatbot together from its parts; `load` does it from a bundle.

        Args:
            tokenizer: Text to token ids and back.
            model: Its encoder and decoder.
            config: Their shape.
            confidence: How sure it is of a reply; None without a calibration.
            context_turns: Turns before a prompt that it reads.
            known_replies: The file that names them, see `bundle.read_known_replies`.
        """
        self.tokenizer = tokenizer
        self.model = model
        self.config = config
        self.context_turns = context_turns
        self._confidence = confidence
        self._banned = tokenizer.suppressed_ids
        self._runner = BatchRunner()
        self._known_replies = known_replies

    @classmethod
    def load(cls, path: str | Path | None = None) -> Self:
        """Load a bundle.

        Args:
            path: The bundle's folder, or its bare name in `checkpoints/` or in the home (see `chatbot.bundle.find`);
                None takes the one that answers by default.

        Raises:
            BundleError: There is none, or it is damaged or of another format.
            PathError: No folder can have such a path.
        """
        return cls.open(Bundle.open(bundle.find(None if path is None else parse_path(path), warnings.warn)))

    @classmethod
    def open(cls, source: Bundle) -> Self:
        """Load the answering half of a checked bundle.

        Raises:
            BundleError: Its files do not fit each other.
        """
        try:
            tokenizer = Tokenizer.load(source.path / bundle.TOKENIZER)
        except TokenizerError as error:
            raise BundleError(f"{error}; train again with --overwrite") from None
        model = LiteRTSteps(**bundle.step_files(source.path, source.model))
        sizes = {tokenizer.vocabulary_size, model.vocabulary_size, source.model.vocabulary_size}
        if len(sizes) > 1:
            raise BundleError(
                f"{source.path / bundle.TOKENIZER}: has {tokenizer.vocabulary_size} pieces, but"
                f" {bundle.DECODER} has {model.vocabulary_size} and {bundle.MANIFEST} says"
                f" {source.model.vocabulary_size}; they belong to different bots, so train again with --overwrite"
            )
        known = source.path / bundle.REPLIES if source.model.known_replies else None
        return cls(tokenizer, model, source.model, Confidence.open(source), source.context_turns, known)

    @property
    def index(self) -> NearestNeighbour | None:
        """The index of the training prompts; None where the bundle has none."""
        return None if self._confidence is None else self._confidence.index

    @functools.cached_property
    def known_replies(self) -> tuple[KnownReply, ...]:
        """What the reply memory knows, in its order, read when first asked for; nothing without a reply memory.

        Raises:
            BundleError: The file that names them is damaged.
        """
        if self._known_replies is None:
            return ()
        return bundle.read_known_replies(self._known_replies, self.config.known_replies)

    @property
    def fallback_threshold(self) -> float | None:
        """Confidence below which a fallback is said, where nobody says otherwise; None without a calibration."""
        return None if self._confidence is None else self._confidence.calibration.threshold

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
            decoding: How the words are chosen.
            fallback: What to say where the bot is not sure, and when.
            context: What was said before by both sides in turn, the oldest first; the last
                `context_turns` of it are read.
            **options: Settings of `DecodingConfig` by their names, such as `beam=3`; they outrank `decoding`.

        Raises:
            ConfigError: An option is out of range or contradicts another; or there is a fallback, and
                the bot has no calibration to tell when to say it.
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

        Raises:
            ConfigError: See `reply`.
            TypeError: See `reply`.
        """
        if isinstance(texts, str):
            raise TypeError("reply_batch takes a list of prompts, not a single str; use reply for one")
        decoding = _choose_decoding(decoding, fallback, options)
        prompts = [self.read(text) for text in texts]
        asked = [row for row, prompt in enumerate(prompts) if prompt.ids]

        def answer(rows: Sequence[int], stop: threading.Event) -> list[list[Hypothesis]]:
            return _finish(self._search([prompts[row].ids for row in rows], decoding), stop)

        found = self._runner.run(asked, answer, lambda row: len(prompts[row].ids), hypotheses=decoding.beam)
        replies = [Reply("", _confidence=LazyConfidence(float)) for _ in prompts]
        for row, hypotheses in zip(asked, found, strict=True):
            replies[row] = self.build_reply(prompts[row], hypotheses, decoding)
        if fallback is None:
            return replies
        return [reply.or_fallback(fallback, self.fallback_threshold) for reply in replies]

    def alternatives(
        self,
        text: str,
        count: int = 5,
        decoding: DecodingConfig | None = None,
        context: Sequence[str] = (),
        **options: Any,
    ) -> list[Reply]:
        """The best replies to one prompt that a beam search finds, each of another text, by their scores.

        Args:
            text: The prompt.
            count: How many, 1 to 1,000; fewer come where the beam finds no more.
            decoding: How the words are chosen; chance has no part in it, and the beam is `count` wide at least.
            context: See `reply`.
            **options: See `reply`.

        Raises:
            ConfigError: See `reply`.
            TypeError: See `reply`.
        """
        if not isinstance(count, int) or not 1 <= count <= MOST_HYPOTHESES:
            raise ConfigError(f"count must be a whole number from 1 to {MOST_HYPOTHESES:,}, not {count!r}")
        beam = _choose_decoding(decoding, None, {}).for_alternatives(count)  # which some options need
        searching = beam.with_options({"n_best": 1, **options}).for_alternatives(count)
        best = self.reply(text, searching, context=context)
        found = [replace(best, alternatives=()), *best.alternatives]
        return sorted(found, key=lambda reply: reply.score, reverse=True)

    def score_batch(self, pairs: Sequence[tuple[str, str]]) -> list[LogProbabilities]:
        """How probable given replies are.

        Args:
            pairs: Prompts and replies, in any form that people write them in.

        Returns:
            For each pair, the natural log-probabilities of the reply's tokens and of EOS, float32.

        Raises:
            TypeError: It is not a list of pairs of str.
        """
        if isinstance(pairs, str) or any(isinstance(pair, str) for pair in pairs):
            raise TypeError("score_batch takes a list of pairs, each a prompt and a reply")
        prompts = [self.read(prompt).ids or EMPTY_PROMPT for prompt, _ in pairs]
        replies = [[*self.tokenizer.encode(normalize(_as_text(reply, "a reply"))), EOS] for _, reply in pairs]
        return score(self.model, prompts, replies)

    def stream(
        self,
        text: str,
        decoding: DecodingConfig | None = None,
        fallback: FallbackConfig | None = None,
        context: Sequence[str] = (),
        **options: Any,
    ) -> Generator[str, None, Reply]:
        """The reply to one prompt in pieces that join to `reply(text, context=context).text`.

        Greedy and sampled replies come token by token; of a beam, the beginning that all
        hypotheses share which may still be the reply. A character is never split over two pieces.
        With a fallback there is one piece, because only the whole reply shows how sure the bot is.

        Args:
            text: See `reply`, here and below.
            decoding: How the words are chosen.
            fallback: What to say where the bot is not sure.
            context: What was said before.
            **options: Settings of `DecodingConfig`.

        Returns:
            A generator of the pieces, which returns the whole reply as `reply` does.

        Raises:
            ConfigError: See `reply`.
            TypeError: See `reply`.
        """
        decoding = _choose_decoding(decoding, fallback, options)
        if fallback is not None:
            return self._stream_whole(self._in_context(text, context), decoding, fallback)
        return self._stream(self.read(text, context), decoding)

    def _stream_whole(
        self, text: str, decoding: DecodingConfig, fallback: FallbackConfig
    ) -> Generator[str, None, Reply]:
        whole = self.reply(text, decoding, fallback)
        yield whole.text
        return whole

    def _stream(self, prompt: Prompt, decoding: DecodingConfig) -> Generator[str, None, Reply]:
        if not prompt.ids:
            return Reply("", _confidence=LazyConfidence(float))
        (hypotheses,) = yield from self._spell(self._search([prompt.ids], decoding))
        return self.build_reply(prompt, hypotheses, decoding)

    def _spell(self, steps: Search) -> Generator[str, None, list[list[Hypothesis]]]:
        """Yield what a search for one reply settles, as text, and return what it has found."""
        stream = self.tokenizer.stream()
        while True:
            try:
                step = next(steps)
            except StopIteration as end:
                found: list[list[Hypothesis]] = end.value
                break
            for choice in step:
                if choice.token != EOS and (piece := stream.push(choice.token)):
                    yield piece
        if rest := stream.finish():
            yield rest
        return found

    def _in_context(self, text: str, context: Sequence[str]) -> str:
        _as_text(text, "a prompt")
        if isinstance(context, str):
            raise TypeError("context takes a list of turns, not a single str")
        turns = list(filter(normalize, context))[-self.context_turns :] if self.context_turns else []
        return in_context(turns, text) if turns else text

    def read(self, text: str, context: Sequence[str] = ()) -> Prompt:
        """What the encoder reads of a prompt, with the turns before it as `reply` takes them."""
        return read_prompt(self._in_context(text, context), self.tokenizer, self.config)

    def _search(self, prompts: Sequence[Sequence[int]], decoding: DecodingConfig) -> Search:
        return search(self.model, prompts, decoding, self._banned, self._allows(decoding.ban_words))

    def rules(self, decoding: DecodingConfig) -> Constraints:
        """What a reply may and may not say."""
        return Constraints(decoding, self._banned, self._allows(decoding.ban_words))

    def _allows(self, words: tuple[str, ...]) -> Allows | None:
        if not words:
            return None
        banned, decode = _banned_words(words), self.tokenizer.decode
        return lambda history, token: not banned.completed(decode(history), decode([*history, token]))

    def build_reply(self, prompt: Prompt, hypotheses: Sequence[Hypothesis], decoding: DecodingConfig) -> Reply:
        """What a search has found, as a reply: the best, and with `n_best` the others as its alternatives.

        The others are in the order of their scores; after a reranking, in the order that it gave them.

        Args:
            prompt: What was asked.
            hypotheses: The best first, at least one.
            decoding: How it was searched.
        """
        read = self.tokenizer.decode(prompt.ids) if self._confidence is not None else ""
        by_text: dict[str, Reply] = {}
        for hypothesis in hypotheses:
            ids = strip_eos(hypothesis)
            text, log_probability = self.tokenizer.decode(ids), sum(hypothesis.log_probabilities)
            if text not in by_text:
                answer = Answer(read, len(prompt.ids), text, log_probability)
                by_text[text] = Reply(
                    text=text,
                    tokens=self.tokenizer.pieces(ids),
                    score=log_probability,
                    truncated=not hypothesis.ended,
                    prompt_truncated=prompt.truncated,
                    log_probabilities=hypothesis.log_probabilities,
                    _confidence=LazyConfidence(functools.partial(self._confidence.of, answer))
                    if self._confidence is not None
                    else None,
                )
            if len(by_text) == decoding.n_best:
                break
        best, *others = by_text.values()
        if not decoding.diversity:
            others.sort(key=lambda reply: reply.score, reverse=True)
        return replace(best, alternatives=tuple(others)) if others else best


def _choose_decoding(
    decoding: DecodingConfig | None, fallback: FallbackConfig | None, options: Mapping[str, Any]
) -> DecodingConfig:
    """How a call wants its replies chosen.

    Raises:
        ConfigError: See `Chatbot.reply`.
        TypeError: See `Chatbot.reply`.
    """
    if not isinstance(decoding, DecodingConfig | None):
        raise TypeError(f"decoding is a DecodingConfig, not {type(decoding).__name__}; options go by name, as beam=3")
    if not isinstance(fallback, FallbackConfig | None):
        raise TypeError(f"fallback is a FallbackConfig, not {type(fallback).__name__}")
    return (decoding or DecodingConfig()).with_options(options)


def _as_text(text: object, what: str) -> str:
    if not isinstance(text, str):
        raise TypeError(f"{what} is a str, not {type(text).__name__}")
    return text


@functools.lru_cache(maxsize=4)
def _banned_words(words: tuple[str, ...]) -> "BannedWords":
    from chatbot.bot.banned_words import BannedWords  # noqa: PLC0415  # few replies need it, and each would wait for it

    return BannedWords(words)


def _finish(steps: Search, stop: threading.Event) -> list[list[Hypothesis]]:
    """Run a search to its end, or to the next step after somebody says stop."""
    while not stop.is_set():
        try:
            next(steps)
        except StopIteration as end:
            found: list[list[Hypothesis]] = end.value
            return found
    raise Stopped
