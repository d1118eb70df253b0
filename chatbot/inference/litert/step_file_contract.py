"""The parts of the step contract on LiteRT that are the same for every way of stepping."""

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np

from chatbot.inference.litert.litert_interpreter import LiteRTModel
from chatbot.inference.ngram_features import NGRAM_WEIGHTS, NGRAMS
from chatbot.inference.step_model import Tokens
from chatbot.inference.word_vectors import FEATURES, WORD_VECTORS

#: The output of the reply memory with the shares of the known replies.
SHARES = "shares"
#: What the tensors are called after that hold the weights of attention, and the shares of the known replies.
SOFTMAX = "Softmax"
#: Sizes behind the rows, by the name of an input or output; 1 is the size of a dimension of any length.
Shapes = dict[str, tuple[int, ...]]
#: The length of padded prompts is a multiple of this, unless an adapter says otherwise.
_LENGTHS = 8


class StepParts(NamedTuple):
    """The step models of a bundle.

    Attributes:
        encoder: Reads prompts.
        decoder: The decoder step.
        backward: The backward step of a bidirectional encoder.
        recall: The reply memory.
        sees_ngrams: Whether the n-grams of prompts are given to the reply memory.
        sees_words: Whether the vectors of their words are, too.
    """

    encoder: LiteRTModel
    decoder: LiteRTModel
    backward: LiteRTModel | None
    recall: LiteRTModel | None
    sees_ngrams: bool
    sees_words: bool

    def fit(self, states: Mapping[str, tuple[int, ...]]) -> bool:
        """Whether decoder and reply memory are as the contract of `chatbot.inference.litert.litert_steps` has them.

        Args:
            states: The encoder's last states.
        """
        if len(self.decoder.outputs.get("logits", ())) != 1:
            return False
        if self.recall is None:
            return True
        seen: Shapes = {NGRAMS: (1,), NGRAM_WEIGHTS: (1,)} if self.sees_ngrams else {}
        if self.sees_words:
            seen |= {WORD_VECTORS: (FEATURES,)}
        returned = {name: shape for name, shape in self.recall.outputs.items() if name != SHARES}
        return self.recall.inputs == {"tokens": (1,)} | dict(states) | seen and returned == states


def pad_length(tokens: Tokens, multiple: int = _LENGTHS) -> Tokens:
    """Pad tokens to one of a few lengths, since each new one costs an allocation.

    Args:
        tokens: (length, prompts) int32, a prompt in each column.
        multiple: What the padded length is a multiple of.

    Returns:
        (padded length, prompts) int32, with PAD at the ends.
    """
    return np.pad(tokens, ((0, multiple * max(1, -(-len(tokens) // multiple)) - len(tokens)), (0, 0)))  # PAD is 0
