"""Decoding a token at a time: the loop that greedy search and sampling share.

Rows are independent: a prompt gets the same reply alone and beside others.
"""

from abc import abstractmethod
from collections.abc import Callable, Mapping, Sequence
from typing import Protocol, runtime_checkable

import numpy as np
import numpy.typing as npt

from chatbot.config import EOS, GO, DecodingConfig
from chatbot.inference.constraints import Constraints
from chatbot.inference.decoding.search_results import BeamObserver, Search, TokenChoice, hypothesis_of
from chatbot.inference.decoding.strategy import Strategy
from chatbot.inference.logits import Histories
from chatbot.inference.probabilities import log_probabilities
from chatbot.inference.step_model import DecoderState, Logits, StepModel, Tokens

#: Picks a token, (rows,) int, from logits, (rows, vocabulary) float32; the second argument has the
#: index of the prompt that each row answers.
Pick = Callable[[Logits, Sequence[int]], Tokens]


@runtime_checkable
class Foreseeing(Protocol):
    """A step model that knows the rest of some replies before they are spoken, and whose logits are normalized.

    They are log-probabilities, so that `log_softmax` would leave them as they are.
    """

    def foresee(self, state: DecoderState) -> Mapping[int, Sequence[int]]:
        """The rest of the replies that can only go one way.

        Args:
            state: After a step.

        Returns:
            By the number of the row, the tokens from the next one to the end, EOS the last; their probability is 1.
        """
        ...


class TokenByToken(Strategy):
    """A strategy that settles one token of each unfinished reply at each step."""

    @abstractmethod
    def start(self, prompts: Sequence[Sequence[int]], config: DecodingConfig) -> Pick:
        """Begin a search.

        Args:
            prompts: Token ids of each prompt.
            config: The settings.

        Returns:
            Picks the tokens of this search. It is called again, with a row's other tokens, where
            the constraints refuse its pick.
        """

    def choose(
        self, pick: Pick, rows: Sequence[int], logits: Logits, histories: Histories, constraints: Constraints
    ) -> Tokens:
        """Choose a token for each row.

        Args:
            pick: From `start`.
            rows: The index of the prompt that each row answers.
            logits: (rows, vocabulary) float32, as the model gave them.
            histories: The tokens of each row's reply so far.
            constraints: What a reply may say.

        Returns:
            (rows,) int32.
        """
        return constraints.choose(logits, histories, lambda left, places: pick(left, [rows[at] for at in places]))

    def search(
        self,
        model: StepModel,
        prompts: Sequence[Sequence[int]],
        config: DecodingConfig,
        constraints: Constraints,
        observer: BeamObserver | None = None,
    ) -> Search:
        """Choose a token at each step until EOS or `config.limit`; see `Strategy.search`.

        A prompt whose reply is over leaves the batch, and so does one of which the model foresees the rest.
        """
        del observer  # there is one hypothesis
        pick = self.start(prompts, config)
        replies: list[list[TokenChoice]] = [[] for _ in prompts]
        histories: list[list[int]] = [[] for _ in prompts]
        state = model.encode(prompts)
        rows = list(range(len(prompts)))
        tokens = np.full(len(prompts), GO, np.int32)
        for length in range(config.limit):
            logits, state = model.step(tokens, state)
            tokens = self.choose(pick, rows, logits, histories, constraints)
            log_probability, known = _look_ahead(model, logits, tokens, state)
            step = list(map(TokenChoice, rows, tokens.tolist(), log_probability.tolist()))
            over = tokens == EOS
            for place, rest in known.items():
                if rest[0] == tokens[place]:
                    step += [TokenChoice(rows[place], token, 0.0) for token in rest[1 : config.limit - length]]
                    over[place] = True
            for choice in step:
                replies[choice.row].append(choice)
            live = np.flatnonzero(~over)
            for place in live.tolist():
                histories[place].append(step[place].token)
            yield step
            if live.size < len(tokens):
                if live.size == 0:
                    break
                rows, histories = [rows[place] for place in live], [histories[place] for place in live]
                tokens, state = tokens[live], state.select(live)
        return [[hypothesis_of(reply)] for reply in replies]


def _look_ahead(
    model: StepModel, logits: Logits, tokens: Tokens, state: DecoderState
) -> tuple[npt.NDArray[np.float32], Mapping[int, Sequence[int]]]:
    """Read the log-probabilities of chosen tokens, and the tokens foreseen behind them.

    Args:
        model: Whose step it is.
        logits: (rows, vocabulary) float32, from the step.
        tokens: (rows,) int32, chosen.
        state: After the step.

    Returns:
        Their log-probabilities, (rows,) float32, and what the model foresees.
    """
    if isinstance(model, Foreseeing):
        return logits[np.arange(len(tokens)), tokens], model.foresee(state)
    return log_probabilities(logits, tokens), {}
