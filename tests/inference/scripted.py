"""A step model that spells: each row follows a script, and its state is all that tells it where it is."""

from collections.abc import Sequence

import numpy as np

from chatbot.config import EOS, GO
from chatbot.inference.steps import Logits, State, Tokens

LETTERS = "abcdefghijklmnopqrstuvwxyz"
VOCABULARY = EOS + 1 + len(LETTERS)


def ids(word: str) -> list[int]:
    """Token ids of a word of small letters."""
    return [EOS + 1 + LETTERS.index(letter) for letter in word]


def word(tokens: Sequence[int]) -> str:
    """The word that tokens spell, with a full stop for EOS."""
    return "".join("." if token == EOS else LETTERS[token - EOS - 1] for token in tokens)


class Speller:
    """Replies to a prompt of one token `n` with the `n`-th script; records the rows of each step.

    The state holds (script, position). A row whose state was taken from another row spells
    the other row's letters, so a wrong reordering garbles the words.
    """

    def __init__(self, *scripts: str) -> None:
        self.scripts = scripts
        self.rows_of_steps: list[int] = []

    def encode(self, prompts: Sequence[Sequence[int]]) -> State:
        return State({"where": np.array([[prompt[0], 0] for prompt in prompts], np.float32)})

    def step(self, tokens: Tokens, state: State) -> tuple[Logits, State]:
        self.rows_of_steps.append(len(tokens))
        logits = np.zeros((len(tokens), VOCABULARY), np.float32)
        for row, (script, position) in enumerate(state.arrays["where"].astype(int)):
            spelled = ids(self.scripts[script])
            assert tokens[row] == ([GO, *spelled])[position], "a step continues with the token that was chosen"
            logits[row, ([*spelled, EOS])[position]] = 5.0
        return logits, State({"where": state.arrays["where"] + np.array([0, 1], np.float32)})
