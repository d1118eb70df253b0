"""Constraints on replies: the table of rules on logits, and the rules that a configuration switches on."""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from chatbot.config import EOS, DecodingConfig
from chatbot.inference.logits import Histories, allow_end, ban, block_ngrams, delay_end, penalize_repetition
from chatbot.inference.probabilities import top_tokens
from chatbot.inference.step_model import Logits, Tokens

#: Whether a token may follow a reply so far. EOS is never asked about.
Allows = Callable[[Sequence[int], int], bool]
#: Picks a token, (rows,) int, from logits, (rows, vocabulary) float32; the second argument has their row numbers.
Pick = Callable[[Logits, Sequence[int]], Tokens]


class Constraint(NamedTuple):
    """A rule on logits: a row of `CONSTRAINTS`.

    The rule that no reply begins with "I", say, whose id is 42:

    >>> def block_opening(logits, histories, token):
    ...     blocked = logits.copy()
    ...     blocked[[not history for history in histories], token] = -np.inf
    ...     return blocked
    >>> row = Constraint("block_opening", block_opening, off=None)
    >>> row.apply(np.zeros((2, 50), np.float32), [[], [7]], 42)[:, 42].tolist()
    [-inf, 0.0]

    Attributes:
        setting: The field of `DecodingConfig` that asks for it.
        apply: Returns new logits, (rows, vocabulary) float32, from logits of that shape, the tokens
            of each row's reply so far, and the value of the setting. A token that may not be chosen
            gets -inf.
        off: The value of the setting that changes nothing.
    """

    setting: str
    apply: Callable[[Logits, Histories, Any], Logits]
    off: object


#: All rules on logits, in the order in which they apply.
CONSTRAINTS: tuple[Constraint, ...] = (
    Constraint("repetition_penalty", penalize_repetition, off=1.0),
    Constraint("no_repeat_ngram", block_ngrams, off=0),
    Constraint("min_tokens", delay_end, off=0),
)


class Constraints:
    """The rules for the replies of one search."""

    def __init__(self, config: DecodingConfig, banned: Sequence[int] = (), allows: Allows | None = None) -> None:
        """Put them together.

        Args:
            config: The settings, which say what rows of `CONSTRAINTS` apply.
            banned: Ids that are never chosen; EOS must not be among them.
            allows: Refuses further tokens by what the reply would say with them.
        """
        values = [(row, getattr(config, row.setting)) for row in CONSTRAINTS]
        self._rows = [(row.apply, value) for row, value in values if value != row.off]
        self._banned = frozenset(banned)
        self._allows = allows

    @property
    def reshapes(self) -> bool:
        """Whether they change probabilities, beyond making some zero."""
        return bool(self._rows)

    def adjust(self, logits: Logits, histories: Histories) -> Logits:
        """Apply the penalties and bans; what `allows` refuses is still there.

        Args:
            logits: (rows, vocabulary) float32, which stay as they are.
            histories: The tokens of each row's reply so far.

        Returns:
            (rows, vocabulary) float32, with one possible token in each row at least.
        """
        adjusted = logits
        for apply, value in self._rows:
            adjusted = apply(adjusted, histories, value)
        adjusted = ban(adjusted, sorted(self._banned))
        return allow_end(adjusted) if self._rows else adjusted

    def admit(self, reply: Sequence[int], vocabulary_size: int) -> bool:
        """Whether a whole reply passes the rules and bans, each token after those before it; `allows` is not asked.

        Args:
            reply: Token ids, EOS the last.
            vocabulary_size: Number of logits.
        """
        if not self._rows or not self._banned.isdisjoint(reply):
            return self._banned.isdisjoint(reply)
        logits = np.zeros((len(reply), vocabulary_size), np.float32)
        histories = [reply[:length] for length in range(len(reply))]
        for apply, value in self._rows:
            logits = apply(logits, histories, value)
        return not np.isneginf(logits[np.arange(len(reply)), reply]).any()

    def most_probable(self, logits: Logits, histories: Histories) -> Tokens:
        """Choose the most probable token of each row.

        Args:
            logits: (rows, vocabulary) float32.
            histories: The tokens of each row's reply so far.

        Returns:
            (rows,) int32.
        """
        tokens: Tokens = logits.argmax(axis=-1).astype(np.int32)
        # Nearly always it is one that may be said, and the vocabulary need not be copied.
        if not self.reshapes and self._allows is None and self._banned.isdisjoint(tokens.tolist()):
            return tokens
        return self.choose(logits, histories, lambda rest, _rows: rest.argmax(axis=-1))

    def choose(self, logits: Logits, histories: Histories, pick: Pick) -> Tokens:
        """Choose a token for each row; it is picked again from what is left as long as it is refused.

        For a random pick that is the distribution over the tokens that are allowed.

        Args:
            logits: (rows, vocabulary) float32.
            histories: The tokens of each row's reply so far.
            pick: Picks from the rows that it is given.

        Returns:
            (rows,) int32.
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
        """Find the most probable tokens of each row.

        Args:
            logits: (rows, vocabulary) float32.
            histories: The tokens of each row's reply so far.
            count: Tokens to find in each row.

        Returns:
            The adjusted logits, (rows, vocabulary) float32, and the tokens, (rows, count) int32, the most
            probable first. Where the constraints leave fewer, the others have the logit -inf.
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
        """Find tokens that `allows` refuses.

        Args:
            adjusted: (rows, vocabulary) float32.
            tokens: (rows, several) int32, the tokens to look at.
            histories: The tokens of each row's reply so far.

        Returns:
            (refused, 2) intp, a row and a token each.
        """
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
        """Whether a token is allowed by the text of the reply with it; EOS always is.

        Args:
            history: Ids of the reply so far.
            token: Id of the token.
        """
        return token == EOS or self._allows is None or self._allows(history, token)
