"""The chatbot as a Python object: text in, text out."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property, partial
from pathlib import Path
from typing import Self

from chatbot import bundle
from chatbot.bundle import Bundle
from chatbot.confidence import Answer, Calibration, Confidence
from chatbot.config import EOS, DecodingConfig, FallbackConfig, ModelConfig
from chatbot.errors import BundleError, ConfigError, TokenizerError
from chatbot.inference.litert import LiteRTSteps
from chatbot.inference.scoring import LogProbabilities, score
from chatbot.inference.search import Choice, complete, greedy, spoken
from chatbot.inference.steps import EMPTY_PROMPT, StepModel
from chatbot.nearest_neighbour import NearestNeighbour
from chatbot.text import fold, normalize
from chatbot.tokenizer import Tokenizer


@dataclass(frozen=True)
class Reply:
    """What the bot said.

    Attributes:
        text: The reply.
        tokens: Its pieces as the tokenizer knows them, `▁` for a space, EOS left out.
        score: Sum of the natural log-probabilities of the tokens and of EOS; 0.0 at best.
        truncated: Whether the reply was cut at `max_tokens` before it ended by itself.
        prompt_truncated: Whether the prompt was longer than the model reads and was cut.
        fallback: Whether the text is the fallback, for want of confidence in the bot's own reply.
    """

    text: str
    tokens: tuple[str, ...] = ()
    score: float = 0.0
    truncated: bool = False
    prompt_truncated: bool = False
    fallback: bool = False
    #: What `confidence` asks; it takes a look at the index, which not everybody wants to wait for.
    _weigh: Callable[[], float] | None = field(default=None, repr=False, compare=False, kw_only=True)

    @cached_property
    def confidence(self) -> float | None:
        """How sure the bot is of its own reply, in 0..1: the chance that it is the recorded one.

        Computed when first asked for. Fitted to greedy replies; 0.0 where nothing was said, None
        where the bot was put together without a calibration.
        """
        return None if self._weigh is None else self._weigh()


class Chatbot:
    """A trained encoder-decoder that answers. Use one per thread."""

    def __init__(
        self, tokenizer: Tokenizer, model: StepModel, config: ModelConfig, confidence: Confidence | None = None
    ) -> None:
        """Put a chatbot together from its parts; `load` does it from a bundle."""
        self._tokenizer = tokenizer
        self._model = model
        self._config = config
        self._confidence = confidence
        self._banned = tokenizer.unspeakable_ids

    @classmethod
    def load(cls, path: str | Path | None = None) -> Self:
        """Load a bundle.

        Args:
            path: The bundle's folder; None takes the newest under `checkpoints/`.

        Raises:
            BundleError: There is none, or it is damaged or of another format.
        """
        return cls.open(Bundle.open(bundle.find(None if path is None else Path(path))))

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
        model = LiteRTSteps(*bundle.step_files(source.path, source.model))
        sizes = {tokenizer.vocabulary_size, model.vocabulary_size, source.model.vocabulary_size}
        if len(sizes) > 1:
            raise BundleError(
                f"{source.path / bundle.TOKENIZER}: has {tokenizer.vocabulary_size} pieces, but"
                f" {bundle.DECODER} has {model.vocabulary_size} and {bundle.MANIFEST} says"
                f" {source.model.vocabulary_size}; they belong to different bots, so train again with --overwrite"
            )
        return cls(tokenizer, model, source.model, _confidence(source))

    @property
    def index(self) -> NearestNeighbour | None:
        """The index of the training prompts; None where the bundle has none."""
        return None if self._confidence is None else self._confidence.index

    @property
    def fallback_threshold(self) -> float | None:
        """Confidence below which a fallback is said, where nobody says otherwise; None without a calibration."""
        return None if self._confidence is None else self._confidence.calibration.threshold

    def reply(self, text: str, decoding: DecodingConfig | None = None, fallback: FallbackConfig | None = None) -> Reply:
        """Answer one prompt. A prompt of nothing but white space gets an empty reply, or the fallback.

        Args:
            text: The prompt.
            decoding: How the words are chosen.
            fallback: What to say where the bot is not sure, and when.

        Raises:
            ConfigError: There is a fallback, and the bot has no calibration to tell when to say it.
        """
        return self.reply_batch([text], decoding, fallback)[0]

    def reply_batch(
        self, texts: Sequence[str], decoding: DecodingConfig | None = None, fallback: FallbackConfig | None = None
    ) -> list[Reply]:
        """Answer several prompts side by side, each as `reply` would."""
        prompts = [self._encode(text) for text in texts]
        asked = [prompt for prompt in prompts if prompt]
        answers = iter(complete(self._model, self._cut(asked), decoding or DecodingConfig(), self._banned))
        replies = [self._build(prompt, next(answers)) if prompt else Reply("", _weigh=float) for prompt in prompts]
        return replies if fallback is None else [self._unless_sure(reply, fallback) for reply in replies]

    def score_batch(self, pairs: Sequence[tuple[str, str]]) -> list[LogProbabilities]:
        """How probable given replies are.

        Args:
            pairs: Prompts and replies, in any form that people write them in.

        Returns:
            For each pair, the natural log-probabilities of the reply's tokens and of EOS, float32.
        """
        prompts = [self._encode(prompt) or list(EMPTY_PROMPT) for prompt, _ in pairs]
        replies = [[*self._tokenizer.encode(normalize(reply)), EOS] for _, reply in pairs]
        return score(self._model, self._cut(prompts), replies)

    def stream(
        self, text: str, decoding: DecodingConfig | None = None, fallback: FallbackConfig | None = None
    ) -> Iterator[str]:
        """Yield the reply to one prompt in pieces that join to `reply(text).text`.

        A character is never split over two pieces. With a fallback there is one piece, because only
        the whole reply shows how sure the bot is.
        """
        if fallback is not None:
            yield self.reply(text, decoding, fallback).text
            return
        prompt = self._encode(text)
        stream = self._tokenizer.stream()
        asked = self._cut([prompt] if prompt else [])
        for step in greedy(self._model, asked, decoding or DecodingConfig(), self._banned):
            for token in spoken(step):
                if piece := stream.push(token):
                    yield piece
        if rest := stream.finish():
            yield rest

    def _encode(self, text: str) -> list[int]:
        return self._tokenizer.encode(fold(normalize(text)))

    def _cut(self, prompts: Sequence[Sequence[int]]) -> list[Sequence[int]]:
        return [prompt[: self._config.max_prompt_tokens] for prompt in prompts]

    def _build(self, prompt: Sequence[int], choices: Sequence[Choice]) -> Reply:
        ids = spoken(choices)
        text, log_probability = self._tokenizer.decode(ids), sum(choice.log_probability for choice in choices)
        weigh = None
        if self._confidence is not None:
            read = self._tokenizer.decode(self._cut([prompt])[0])
            weigh = partial(self._confidence.of, Answer(read, len(prompt), text, log_probability))
        return Reply(
            text=text,
            tokens=self._tokenizer.pieces(ids),
            score=log_probability,
            truncated=len(ids) == len(choices),
            prompt_truncated=len(prompt) > self._config.max_prompt_tokens,
            _weigh=weigh,
        )

    def _unless_sure(self, reply: Reply, fallback: FallbackConfig) -> Reply:
        """The reply, or the fallback where the confidence in it is too low."""
        least = fallback.min_confidence if fallback.min_confidence is not None else self.fallback_threshold
        confidence = reply.confidence
        if least is None or confidence is None:
            raise ConfigError("this bot has no calibrated confidence to choose a fallback by; train it again")
        if confidence >= least:
            return reply
        weigh = partial(float, confidence)  # not again
        return replace(reply, text=fallback.text, tokens=(), truncated=False, fallback=True, _weigh=weigh)


def _confidence(source: Bundle) -> Confidence | None:
    """What a bundle says of its confidence, if anything."""
    described = source.manifest.get("confidence")
    if described is None:
        return None
    try:
        calibration = Calibration.from_json(described)
    except ConfigError as error:
        raise BundleError(f"{source.path / bundle.MANIFEST}: {error}; train again with --overwrite") from None
    if (calibration.similarity is None) != (source.index is None):
        raise BundleError(
            f"{source.path / bundle.MANIFEST}: the confidence and {bundle.INDEX} do not fit;"
            " train again with --overwrite"
        )
    return Confidence(calibration, source.index)
