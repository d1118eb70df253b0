"""The chatbot as a Python object: text in, text out."""

import functools
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Self

from chatbot import bundle
from chatbot.batches import Batches, Stopped
from chatbot.bundle import Bundle
from chatbot.config import EOS, DecodingConfig, ModelConfig
from chatbot.errors import BundleError, TokenizerError
from chatbot.inference.litert import LiteRTSteps
from chatbot.inference.search import Allows, Hypothesis, Search, search, spoken
from chatbot.inference.steps import StepModel
from chatbot.text import fold, normalize
from chatbot.tokenizer import LONGEST_PIECE, Tokenizer

if TYPE_CHECKING:
    from chatbot.words import BannedWords


@dataclass(frozen=True)
class Reply:
    """What the bot said.

    Log-probabilities are natural logarithms of what the model gave each token, before any
    temperature, penalty or ban.

    Attributes:
        text: The reply.
        tokens: Its pieces as the tokenizer knows them, `▁` for a space, EOS left out.
        score: Sum of `log_probabilities`; 0.0 at best.
        truncated: Whether the reply was cut at `max_tokens` before it ended by itself.
        prompt_truncated: Whether the prompt was longer than the model reads and was cut.
        log_probabilities: Of each token, and of EOS behind them unless the reply was cut.
        alternatives: With `n_best`, the next best replies with other texts, the best first;
            fewer than asked where the beam found no more. They have no alternatives.
    """

    text: str
    tokens: tuple[str, ...] = ()
    score: float = 0.0
    truncated: bool = False
    prompt_truncated: bool = False
    log_probabilities: tuple[float, ...] = ()
    alternatives: tuple["Reply", ...] = ()

    @property
    def mean_log_probability(self) -> float:
        """Mean of `log_probabilities`, which short and long replies have alike; 0.0 where there are none."""
        return self.score / max(len(self.log_probabilities), 1)


class Chatbot:
    """A trained encoder-decoder that answers. Threads may share it."""

    def __init__(self, tokenizer: Tokenizer, model: StepModel, config: ModelConfig) -> None:
        """Put a chatbot together from its parts; `load` does it from a bundle."""
        self._tokenizer = tokenizer
        self._model = model
        self._config = config
        self._banned = tokenizer.unspeakable_ids
        self._batches = Batches()

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
        return cls(tokenizer, model, source.model)

    def reply(self, text: str, decoding: DecodingConfig | None = None) -> Reply:
        """Answer one prompt. A prompt of nothing but white space gets an empty reply."""
        return self.reply_batch([text], decoding)[0]

    def reply_batch(self, texts: Sequence[str], decoding: DecodingConfig | None = None) -> list[Reply]:
        """Answer several prompts, each as `reply` would; many of them on all cores.

        Memory grows with the texts and the replies alone: prompts are answered in batches.
        """
        decoding = decoding or DecodingConfig()
        prompts = [self._read(text) for text in texts]
        asked = [row for row, prompt in enumerate(prompts) if prompt.ids]

        def answer(rows: Sequence[int], stop: threading.Event) -> list[list[Hypothesis]]:
            return _finish(self._search([prompts[row].ids for row in rows], decoding), stop)

        found = self._batches.run(asked, answer, lambda row: len(prompts[row].ids), hypotheses=decoding.beam)
        replies = [Reply("") for _ in prompts]
        for row, hypotheses in zip(asked, found, strict=True):
            replies[row] = self._build(prompts[row], hypotheses, decoding.n_best)
        return replies

    def stream(self, text: str, decoding: DecodingConfig | None = None) -> Iterator[str]:
        """Yield the reply to one prompt in pieces that join to `reply(text).text`.

        Greedy and sampled replies come token by token; of a beam, the beginning that all
        hypotheses share which may still be the reply. A character is never split over two pieces.
        """
        prompt = self._read(text)
        stream = self._tokenizer.stream()
        for step in self._search([prompt.ids] if prompt.ids else [], decoding or DecodingConfig()):
            for choice in step:
                if choice.token != EOS and (piece := stream.push(choice.token)):
                    yield piece
        if rest := stream.finish():
            yield rest

    def _read(self, text: str) -> "_Prompt":
        most = self._config.max_prompt_tokens
        ids = self._tokenizer.encode_beginning(fold(_beginning(text, (most + 1) * LONGEST_PIECE)), most + 1)
        return _Prompt(ids[:most], len(ids) > most)

    def _search(self, prompts: Sequence[Sequence[int]], decoding: DecodingConfig) -> Search:
        allows = self._allows(decoding.ban_words) if decoding.ban_words else None
        return search(self._model, prompts, decoding, self._banned, allows)

    def _allows(self, words: tuple[str, ...]) -> Allows:
        banned, decode = _banned_words(words), self._tokenizer.decode
        return lambda history, token: not banned.completed(decode(history), decode([*history, token]))

    def _build(self, prompt: "_Prompt", hypotheses: Sequence[Hypothesis], count: int) -> Reply:
        """The best reply, with the others of the `count` best that differ in their texts."""
        by_text: dict[str, Reply] = {}
        for hypothesis in hypotheses:
            ids = spoken(hypothesis)
            text = self._tokenizer.decode(ids)
            if text not in by_text:
                by_text[text] = Reply(
                    text=text,
                    tokens=self._tokenizer.pieces(ids),
                    score=sum(hypothesis.log_probabilities),
                    truncated=not hypothesis.ended,
                    prompt_truncated=prompt.truncated,
                    log_probabilities=hypothesis.log_probabilities,
                )
            if len(by_text) == count:
                break
        best, *others = by_text.values()
        return replace(best, alternatives=tuple(others)) if others else best


@dataclass(frozen=True)
class _Prompt:
    """A prompt as the model reads it, and whether it was longer."""

    ids: Sequence[int]
    truncated: bool


def _beginning(text: str, enough: int) -> str:
    """A normalized text, or only its beginning of twice as many characters as are needed, or more."""
    size = 4 * enough
    while size < len(text):
        beginning = normalize(text[:size])
        if len(beginning) >= 2 * enough:
            return beginning
        size *= 2
    return normalize(text)


@functools.lru_cache(maxsize=4)
def _banned_words(words: tuple[str, ...]) -> "BannedWords":
    from chatbot.words import BannedWords  # noqa: PLC0415  # few replies need it, and each would wait for it

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
