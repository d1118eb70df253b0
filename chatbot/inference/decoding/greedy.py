"""Greedy search: the most probable token at each step."""

from collections.abc import Sequence

from chatbot.config import DecodingConfig
from chatbot.inference.constraints import Constraints
from chatbot.inference.decoding.decoding_loop import Pick, TokenByToken
from chatbot.inference.logits import Histories
from chatbot.inference.step_model import Logits, Tokens


class Greedy(TokenByToken):
    """Greedy search."""

    name = "greedy"

    def applies(self, config: DecodingConfig) -> bool:
        """See `Strategy.applies`: whatever asks for nothing else is greedy."""
        del config
        return True

    def start(self, prompts: Sequence[Sequence[int]], config: DecodingConfig) -> Pick:
        """See `TokenByToken.start`."""
        del prompts, config
        return lambda logits, _rows: logits.argmax(axis=-1)

    def choose(
        self, pick: Pick, rows: Sequence[int], logits: Logits, histories: Histories, constraints: Constraints
    ) -> Tokens:
        """See `TokenByToken.choose`; the vocabulary is copied only where the constraints need it."""
        del pick, rows
        return constraints.most_probable(logits, histories)
