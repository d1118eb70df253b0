"""Step models that spell: their state is all that tells them where they are, so a wrong one garbles the words."""

from collections.abc import Mapping, Sequence

import numpy as np

from chatbot.config import EOS, GO
from chatbot.inference.decoding.search import n_best
from chatbot.inference.step_model import DecoderState, Logits, Tokens

LETTERS = "abcdefghijklmnopqrstuvwxyz"
VOCABULARY = EOS + 1 + len(LETTERS)


def ids(word: str) -> list[int]:
    """Token ids of a word of small letters."""
    return [EOS + 1 + LETTERS.index(letter) for letter in word]


def word(tokens: Sequence[int]) -> str:
    """The word that tokens spell, with a full stop for EOS."""
    return "".join("." if token == EOS else LETTERS[token - EOS - 1] for token in tokens)


def spell(model, prompts, config, banned=(), allows=None) -> list[str]:
    """The words of the best replies."""
    return [word(replies[0].tokens) for replies in n_best(model, prompts, config, banned, allows)]


class Speller:
    """Replies to a prompt of one token `n` with the `n`-th script; records the rows of each step.

    The state holds (script, position). A row whose state was taken from another row spells
    the other row's letters, so a wrong reordering garbles the words.
    """

    def __init__(self, *scripts: str) -> None:
        self.scripts = scripts
        self.rows_of_steps: list[int] = []

    def encode(self, prompts: Sequence[Sequence[int]]) -> DecoderState:
        return DecoderState({"where": np.array([[prompt[0], 0] for prompt in prompts], np.float32)})

    def step(self, tokens: Tokens, state: DecoderState) -> tuple[Logits, DecoderState]:
        self.rows_of_steps.append(len(tokens))
        logits = np.zeros((len(tokens), VOCABULARY), np.float32)
        for row, (script, position) in enumerate(state.arrays["where"].astype(int)):
            spelled = ids(self.scripts[script])
            assert tokens[row] == ([GO, *spelled])[position], "a step continues with the token that was chosen"
            logits[row, ([*spelled, EOS])[position]] = 5.0
        return logits, DecoderState({"where": state.arrays["where"] + np.array([0, 1], np.float32)})


class Constant:
    """Gives the letters that are named their logits at every step, and any other token 0."""

    def __init__(self, **logits: float) -> None:
        self.logits = np.zeros(VOCABULARY, np.float32)
        for letter, logit in logits.items():
            self.logits[ids(letter)] = logit

    def encode(self, prompts: Sequence[Sequence[int]]) -> DecoderState:
        return DecoderState({"none": np.zeros((len(prompts), 1), np.float32)})

    def step(self, tokens: Tokens, state: DecoderState) -> tuple[Logits, DecoderState]:
        return np.tile(self.logits, (len(tokens), 1)), state


def along(word: str) -> dict[str, dict[str, float]]:
    """A map for a `Signpost` on which a word is likely and "z" the way off it."""
    return {word[:length]: {word[length : length + 1] or ".": 0.9, "z": 0.1} for length in range(len(word) + 1)}


class Signpost:
    """Says what comes next after each word so far: {"": {"a": 0.6, "b": 0.4}, "a": {".": 1.0}, ...}.

    A prompt of one token `n` follows the `n`-th map. What a map does not name has no probability
    worth mentioning, and after a word that it does not name the reply ends. The state holds the
    map and the word before the last token.
    """

    def __init__(self, *maps: Mapping[str, Mapping[str, float]]) -> None:
        self.maps = maps
        self.words = [""]
        self.rows_of_steps: list[int] = []

    def encode(self, prompts: Sequence[Sequence[int]]) -> DecoderState:
        return DecoderState({"where": np.array([[prompt[0], 0] for prompt in prompts], np.float32)})

    def step(self, tokens: Tokens, state: DecoderState) -> tuple[Logits, DecoderState]:
        self.rows_of_steps.append(len(tokens))
        logits = np.full((len(tokens), VOCABULARY), -30, np.float32)
        where = state.arrays["where"].astype(int)
        following = where.copy()
        for row, (map_, before) in enumerate(where):
            said = self.words[before] + ("" if tokens[row] == GO else word([tokens[row]]))
            for letter, probability in self.maps[map_].get(said, {".": 1.0}).items():
                logits[row, EOS if letter == "." else ids(letter)[0]] = np.log(probability)
            self.words.append(said)
            following[row, 1] = len(self.words) - 1
        return logits, DecoderState({"where": following.astype(np.float32)})


class Recalling:
    """Another scripted model with a reply memory: a prompt of one token `n` recalls the `n`-th shares.

    Like that of a bundle it gives no logits for what is no row of its state.
    """

    def __init__(self, model, *shares: Sequence[float]) -> None:
        self.model, self.shares = model, np.array(shares, np.float32)

    def encode(self, prompts: Sequence[Sequence[int]]) -> DecoderState:
        return self.model.encode(prompts)

    def step(self, tokens: Tokens, state: DecoderState) -> tuple[Logits, DecoderState]:
        assert len(tokens) == state.rows
        return self.model.step(tokens, state)

    def encode_with_shares(self, prompts: Sequence[Sequence[int]]):
        shares = self.shares[[[*prompt, 0][0] for prompt in prompts]] if self.shares.size else None
        return self.encode(prompts), shares

    def sentence_vectors(self, prompts: Sequence[Sequence[int]]):
        raise NotImplementedError

    def recall(self, prompt: Sequence[int]):
        raise NotImplementedError
