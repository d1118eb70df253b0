"""The protocol of a decoding strategy: a way to choose the tokens of replies."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import ClassVar

from chatbot.config import DecodingConfig
from chatbot.inference.constraints import Constraints
from chatbot.inference.decoding.search_results import BeamObserver, Search
from chatbot.inference.step_model import Logits, StepModel


class Strategy(ABC):
    """A decoding strategy; a row of `chatbot.inference.decoding.strategies.STRATEGIES` puts it to use.

    A strategy that chooses a token at a time extends `TokenByToken` and has no loop of its own.
    This one draws from the two most probable tokens alike:

    >>> class CoinToss(TokenByToken):
    ...     name = "coin toss"
    ...     random = True
    ...
    ...     def applies(self, config):
    ...         return config.top_k == 2
    ...
    ...     def start(self, prompts, config):
    ...         coin = np.random.default_rng(config.seed)
    ...
    ...         def pick(logits, rows):
    ...             best = top_tokens(logits, 2)
    ...             return best[np.arange(len(best)), coin.integers(2, size=len(best))]
    ...
    ...         return pick

    Attributes:
        name: The field's name for it.
        random: Whether the same prompt may get another reply the next time.
        setting: The setting whose value describes the strategy by itself, as `beam 5` does; None
            where `describe` has to.
    """

    name: ClassVar[str]
    random: ClassVar[bool] = False
    setting: ClassVar[str | None] = None

    @abstractmethod
    def applies(self, config: DecodingConfig) -> bool:
        """Whether a configuration asks for this strategy.

        Args:
            config: The configuration.
        """

    @abstractmethod
    def search(
        self,
        model: StepModel,
        prompts: Sequence[Sequence[int]],
        config: DecodingConfig,
        constraints: Constraints,
        observer: BeamObserver | None = None,
    ) -> Search:
        """Answer prompts.

        Args:
            model: Gives the logits.
            prompts: Token ids of each prompt, at least one prompt; all are answered side by side.
            config: The settings.
            constraints: What a reply may say; every token must pass them.
            observer: Is shown the hypotheses of each step, where a strategy keeps several.

        Yields:
            The tokens that a step has settled, in the order of the prompts.

        Returns:
            The hypotheses of each prompt, the best first.
        """

    def describe(self, config: DecodingConfig) -> str:
        """The way in which replies are chosen, as the end of the sentence "Replies are …".

        Args:
            config: The settings.
        """
        del config
        return self.name

    def reshape(self, logits: Logits, config: DecodingConfig) -> Logits:
        """The logits that tokens are chosen by; those of the model where the strategy changes no probability.

        Args:
            logits: (rows, vocabulary) float32, after the constraints.
            config: The settings.

        Returns:
            (rows, vocabulary) float32.
        """
        del config
        return logits
