"""The prompts that a bot was taught after its training, beside those that it has learned."""

import functools
from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt

from chatbot.bot.index.near_phrasings import NearPhrasings
from chatbot.bot.index.nearest_neighbour import NearestNeighbour
from chatbot.bundle import Correction
from chatbot.inference.recorded_prompts import RecordedPrompts
from chatbot.tokenizer import Tokenizer


class TaughtPrompts:
    """Shares of replies for prompts: those of the reply memory, but for prompts that are known; threads may share it.

    A taught prompt, or a near phrasing of one, gets the reply that was taught and no other.
    """

    def __init__(
        self,
        learned: RecordedPrompts | None,
        corrections: Sequence[tuple[Sequence[int], Correction]],
        replies: Sequence[str],
        tokenizer: Tokenizer,
        index: Callable[[], NearestNeighbour | None],
    ) -> None:
        """Take the parts.

        Args:
            learned: The prompts of the training, or None.
            corrections: The token ids of each taught prompt, with its correction.
            replies: All of the bot, those of the reply memory before the new ones.
            tokenizer: Token ids to text.
            index: Gives the index of the training prompts and the taught ones; without one a taught prompt is known
                word for word alone.
        """
        self._learned, self._decode, self._count = learned, tokenizer.decode, len(replies)
        self._numbers = {reply: number for number, reply in enumerate(replies)}
        self._by_tokens = {tuple(tokens): correction for tokens, correction in corrections}
        self._index = index

    @functools.cached_property
    def _near(self) -> NearPhrasings | None:
        index = self._index()
        return None if index is None else NearPhrasings(index, [*self._by_tokens.values()])

    def recall(self, prompts: Sequence[Sequence[int]], shares: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
        """Give the replies of known prompts their shares.

        Args:
            prompts: Token ids of each.
            shares: (prompts, replies of the reply memory) float32.

        Returns:
            (prompts, all replies) float32.
        """
        known = shares if self._learned is None else self._learned.recall(prompts, shares)
        known = np.pad(known, ((0, 0), (0, self._count - known.shape[1])))
        for row, prompt in enumerate(prompts):
            correction = self.find(prompt)
            if correction is not None:
                known[row] = 0.0
                known[row, self._numbers[correction.reply]] = 1.0
        return known

    def find(self, prompt: Sequence[int]) -> Correction | None:
        """The correction of a prompt.

        Args:
            prompt: Token ids.

        Returns:
            The correction whose prompt it is, or a near phrasing of it; None where there is none.
        """
        if not self._by_tokens:
            return None
        exact = self._by_tokens.get(tuple(prompt))
        if exact is not None or self._near is None:
            return exact
        return self._near.find(self._decode(prompt))
