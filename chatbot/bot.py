"""The chatbot as a Python object: text in, text out."""

import functools
import threading
from collections.abc import Generator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Self

from chatbot import bundle
from chatbot.batches import Batches, Stopped
from chatbot.bundle import Bundle
from chatbot.confidence import Answer, Confidence
from chatbot.config import EOS, DecodingConfig, FallbackConfig, ModelConfig
from chatbot.errors import BundleError, TokenizerError
from chatbot.inference.litert import LiteRTSteps
from chatbot.inference.rules import Allows, Rules
from chatbot.inference.scoring import LogProbabilities, score
from chatbot.inference.search import Hypothesis, Search, search, spoken
from chatbot.inference.steps import EMPTY_PROMPT, StepModel
from chatbot.nearest_neighbour import NearestNeighbour
from chatbot.paths import parse_path
from chatbot.prompts import Prompt, read_prompt
from chatbot.replies import Reply
from chatbot.text import in_context, normalize
from chatbot.tokenizer import Tokenizer

if TYPE_CHECKING:
    from chatbot.words import BannedWords


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
    ) -> None:
        """Put a chatbot together from its parts; `load` does it from a bundle."""
        self.tokenizer = tokenizer
        self.model = model
        self.config = config
        self.context_turns = context_turns
        self._confidence = confidence
        self._banned = tokenizer.unspeakable_ids
        self._batches = Batches()

    @classmethod
    def load(cls, path: str | Path | None = None) -> Self:
        """Load a bundle.

        Args:
            path: The bundle's folder; None takes the newest under `checkpoints/`.

        Raises:
            BundleError: There is none, or it is damaged or of another format.
            PathError: No folder can have such a path.
        """
        return cls.open(Bundle.open(bundle.find(None if path is None else parse_path(path))))

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
        return cls(tokenizer, model, source.model, Confidence.open(source), source.context_turns)

    @property
    def index(self) -> NearestNeighbour | None:
        """The index of the training prompts; None where the bundle has none."""
        return None if self._confidence is None else self._confidence.index

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
    ) -> Reply:
        """Answer one prompt. A prompt of nothing but white space gets an empty reply, or the fallback.

        Args:
            text: The prompt.
            decoding: How the words are chosen.
            fallback: What to say where the bot is not sure, and when.
            context: What was said before by both sides in turn, the oldest first; the last
                `context_turns` of it are read.

        Raises:
            ConfigError: There is a fallback, and the bot has no calibration to tell when to say it.
        """
        return self.reply_batch([self._in_context(text, context)], decoding, fallback)[0]

    def reply_batch(
        self, texts: Sequence[str], decoding: DecodingConfig | None = None, fallback: FallbackConfig | None = None
    ) -> list[Reply]:
        """Answer several prompts, each as `reply` would; many of them on all cores.

        Memory grows with the texts and the replies alone: prompts are answered in batches.
        """
        decoding = decoding or DecodingConfig()
        prompts = [self.read(text) for text in texts]
        asked = [row for row, prompt in enumerate(prompts) if prompt.ids]

        def answer(rows: Sequence[int], stop: threading.Event) -> list[list[Hypothesis]]:
            return _finish(self._search([prompts[row].ids for row in rows], decoding), stop)

        found = self._batches.run(asked, answer, lambda row: len(prompts[row].ids), hypotheses=decoding.beam)
        replies = [Reply("", _weigh=float) for _ in prompts]
        for row, hypotheses in zip(asked, found, strict=True):
            replies[row] = self.build_reply(prompts[row], hypotheses, decoding.n_best)
        if fallback is None:
            return replies
        return [reply.unless_unsure(fallback, self.fallback_threshold) for reply in replies]

    def score_batch(self, pairs: Sequence[tuple[str, str]]) -> list[LogProbabilities]:
        """How probable given replies are.

        Args:
            pairs: Prompts and replies, in any form that people write them in.

        Returns:
            For each pair, the natural log-probabilities of the reply's tokens and of EOS, float32.
        """
        prompts = [self.read(prompt).ids or EMPTY_PROMPT for prompt, _ in pairs]
        replies = [[*self.tokenizer.encode(normalize(reply)), EOS] for _, reply in pairs]
        return score(self.model, prompts, replies)

    def stream(
        self,
        text: str,
        decoding: DecodingConfig | None = None,
        fallback: FallbackConfig | None = None,
        context: Sequence[str] = (),
    ) -> Generator[str, None, Reply]:
        """Yield the reply to one prompt in pieces that join to `reply(text, context=context).text`.

        Greedy and sampled replies come token by token; of a beam, the beginning that all
        hypotheses share which may still be the reply. A character is never split over two pieces.
        With a fallback there is one piece, because only the whole reply shows how sure the bot is.

        Returns:
            The whole reply, as `reply` returns it.
        """
        decoding = decoding or DecodingConfig()
        if fallback is not None:
            whole = self.reply(text, decoding, fallback, context)
            yield whole.text
            return whole
        prompt = self.read(text, context)
        if not prompt.ids:
            return Reply("", _weigh=float)
        (hypotheses,) = yield from self._spell(self._search([prompt.ids], decoding))
        return self.build_reply(prompt, hypotheses, decoding.n_best)

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
        turns = list(filter(normalize, context))[-self.context_turns :] if self.context_turns else []
        return in_context(turns, text) if turns else text

    def read(self, text: str, context: Sequence[str] = ()) -> Prompt:
        """What the encoder reads of a prompt, with the turns before it as `reply` takes them."""
        return read_prompt(self._in_context(text, context), self.tokenizer, self.config)

    def _search(self, prompts: Sequence[Sequence[int]], decoding: DecodingConfig) -> Search:
        return search(self.model, prompts, decoding, self._banned, self._allows(decoding.ban_words))

    def rules(self, decoding: DecodingConfig) -> Rules:
        """What a reply may and may not say."""
        return Rules(decoding, self._banned, self._allows(decoding.ban_words))

    def _allows(self, words: tuple[str, ...]) -> Allows | None:
        if not words:
            return None
        banned, decode = _banned_words(words), self.tokenizer.decode
        return lambda history, token: not banned.completed(decode(history), decode([*history, token]))

    def build_reply(self, prompt: Prompt, hypotheses: Sequence[Hypothesis], count: int = 1) -> Reply:
        """What a search has found, as a reply.

        Args:
            prompt: What was asked.
            hypotheses: The best first, at least one.
            count: How many with different texts to give, the best with the others as its alternatives.
        """
        read = self.tokenizer.decode(prompt.ids) if self._confidence is not None else ""
        by_text: dict[str, Reply] = {}
        for hypothesis in hypotheses:
            ids = spoken(hypothesis)
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
                    _weigh=functools.partial(self._confidence.of, answer) if self._confidence is not None else None,
                )
            if len(by_text) == count:
                break
        best, *others = by_text.values()
        return replace(best, alternatives=tuple(others)) if others else best


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
