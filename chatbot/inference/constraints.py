"""What a reply may and may not say: the functions on logits that a configuration asks for."""

from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt

from chatbot.config import EOS, DecodingConfig
from chatbot.inference.logits import (
    Histories,
    allow_end,
    ban,
    block_ngrams,
    delay_end,
    penalize_repetition,
    top_tokens,
)
from chatbot.inference.step_model import Logits, Tokens

#: Whether a token may follow a reply so far. EOS is never asked about.
Allows = Callable[[Sequence[int], int], bool]
#: Chooses a token for each row of logits; the second argument says which rows these are.
Pick = Callable[[Logits, Sequence[int]], Tokens]


class Constraints:
    """The rules of one search."""

    def __init__(self, config: DecodingConfig, banned: Sequence[int] = (), allows: Allows | None = None) -> None:
        """Put them together.

        Args:
            config: Of which the penalties and `min_tokens` are rules.
            banned: Ids that are never chosen; EOS must not be among them.
            allows: Refuses further tokens by what the reply would say with them.
        """
        self._config = config
        self._banned = frozenset(banned)
        self._allows = allows

    @property
    def reshape(self) -> bool:
        """Whether they change probabilities, beyond making some zero."""
        config = self._config
        return config.repetition_penalty != 1 or config.no_repeat_ngram > 0 or config.min_tokens > 0

    def adjust(self, logits: Logits, histories: Histories) -> Logits:
        """Logits after the penalties and bans; what `allows` refuses is still there."""
        config = self._config
        if config.repetition_penalty != 1:
            logits = penalize_repetition(logits, histories, config.repetition_penalty)
        if config.no_repeat_ngram:
            logits = block_ngrams(logits, histories, config.no_repeat_ngram)
        logits = ban(logits, sorted(self._banned))
        if config.min_tokens:
            logits = allow_end(delay_end(logits, histories, config.min_tokens))
        return logits

    def most_probable(self, logits: Logits, histories: Histories) -> Tokens:
        """The most probable token of each row that the rules leave, (rows,)."""
        tokens: Tokens = logits.argmax(axis=-1).astype(np.int32)
        # Nearly always it is one that may be said, and the vocabulary need not be copied.
        if not self.reshape and self._allows is None and self._banned.isdisjoint(tokens.tolist()):
            return tokens
        return self.choose(logits, histories, lambda rest, _rows: rest.argmax(axis=-1))

    def choose(self, logits: Logits, histories: Histories, pick: Pick) -> Tokens:
        """A token for each row, (rows,), picked again from what is left as long as it is refused.

        For a random pick that is the distribution over the tokens that are allowed.
        """
        adjusted = self.adjust(logits, histories)
        tokens = pick(adjusted, range(len(adjusted))).astype(np.int32)
        for row, history in enumerate(histories):
            left = adjusted[row : row + 1]
            while not self.may_follow(history, int(tokens[row])):
                left = allow_end(ban(left, [int(tokens[row])]))
                tokens[row] = pick(left, [row])[0]
        return tokens

    def candidates(self, logits: Logits, histories: Histories, count: int) -> tuple[Logits, Tokens]:
        """The adjusted logits and the `count` most probable tokens of each row that the rules leave.

        Where fewer are left, the others among the tokens have the logit -inf.
        """
        adjusted = self.adjust(logits, histories)
        while True:
            tokens = top_tokens(adjusted, count)
            refused = self._refused(adjusted, tokens, histories)
            if not len(refused):
                return adjusted, tokens
            adjusted[refused[:, 0], refused[:, 1]] = -np.inf
            adjusted = allow_end(adjusted)

    def _refused(self, adjusted: Logits, tokens: Tokens, histories: Histories) -> npt.NDArray[np.intp]:
        """Which (row, token) are refused, (count, 2)."""
        if self._allows is None:
            return np.empty((0, 2), np.intp)
        refused = [
            (row, token)
            for row, history in enumerate(histories)
            for token in tokens[row].tolist()
            if adjusted[row, token] > -np.inf and not self.may_follow(history, token)
        ]
        return np.array(refused, np.intp).reshape(-1, 2)

    def may_follow(self, history: Sequence[int], token: int) -> bool:
        """Whether a token may follow by what the reply would say with it; EOS always may."""
        return token == EOS or self._allows is None or self._allows(history, token)
