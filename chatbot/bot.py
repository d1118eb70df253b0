"""The chatbot as a Python object: text in, text out."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from chatbot import bundle
from chatbot.bundle import Bundle
from chatbot.config import DecodingConfig, ModelConfig
from chatbot.errors import BundleError, TokenizerError
from chatbot.inference.litert import LiteRTSteps
from chatbot.inference.search import Choice, complete, greedy, spoken
from chatbot.inference.steps import StepModel
from chatbot.text import fold, in_context, normalize
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
    """

    text: str
    tokens: tuple[str, ...] = ()
    score: float = 0.0
    truncated: bool = False
    prompt_truncated: bool = False


class Chatbot:
    """A trained encoder-decoder that answers. Use one per thread.

    Attributes:
        context_turns: How many of the turns before a prompt it was trained to take into account.
    """

    def __init__(self, tokenizer: Tokenizer, model: StepModel, config: ModelConfig, context_turns: int = 0) -> None:
        """Put a chatbot together from its parts; `load` does it from a bundle."""
        self.context_turns = context_turns
        self._tokenizer = tokenizer
        self._model = model
        self._config = config
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
        return cls(tokenizer, model, source.model, source.context_turns)

    def reply(self, text: str, decoding: DecodingConfig | None = None, context: Sequence[str] = ()) -> Reply:
        """Answer one prompt. A prompt of nothing but white space gets an empty reply.

        Args:
            text: The prompt.
            decoding: How to choose the words.
            context: What was said before by both sides in turn, the oldest first; the last
                `context_turns` of it are read.
        """
        return self.reply_batch([self._in_context(text, context)], decoding)[0]

    def reply_batch(self, texts: Sequence[str], decoding: DecodingConfig | None = None) -> list[Reply]:
        """Answer several prompts side by side, each as `reply` would."""
        prompts = [self._encode(text) for text in texts]
        asked = [prompt for prompt in prompts if prompt]
        answers = iter(complete(self._model, self._cut(asked), decoding or DecodingConfig(), self._banned))
        return [self._build(prompt, next(answers)) if prompt else Reply("") for prompt in prompts]

    def stream(self, text: str, decoding: DecodingConfig | None = None, context: Sequence[str] = ()) -> Iterator[str]:
        """Yield the reply to one prompt in pieces that join to `reply(text, context=context).text`.

        A character is never split over two pieces.
        """
        prompt = self._encode(self._in_context(text, context))
        stream = self._tokenizer.stream()
        asked = self._cut([prompt] if prompt else [])
        for step in greedy(self._model, asked, decoding or DecodingConfig(), self._banned):
            for token in spoken(step):
                if piece := stream.push(token):
                    yield piece
        if rest := stream.finish():
            yield rest

    def _in_context(self, text: str, context: Sequence[str]) -> str:
        turns = list(filter(normalize, context))[-self.context_turns :] if self.context_turns else []
        return in_context(turns, text) if turns else text

    def _encode(self, text: str) -> list[int]:
        return self._tokenizer.encode(fold(normalize(text)))

    def _cut(self, prompts: Sequence[Sequence[int]]) -> list[Sequence[int]]:
        return [prompt[self._config.prompt_window] for prompt in prompts]

    def _build(self, prompt: Sequence[int], choices: Sequence[Choice]) -> Reply:
        ids = spoken(choices)
        return Reply(
            text=self._tokenizer.decode(ids),
            tokens=self._tokenizer.pieces(ids),
            score=sum(choice.log_probability for choice in choices),
            truncated=len(ids) == len(choices),
            prompt_truncated=len(prompt) > self._config.max_prompt_tokens,
        )
