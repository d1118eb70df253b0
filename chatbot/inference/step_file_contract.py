"""The inputs and outputs by which the step models of a bundle are told to belong together."""

from typing import NamedTuple

from chatbot.inference.litert_interpreter import LiteRTModel
from chatbot.inference.ngram_features import NGRAM_WEIGHTS, NGRAMS
from chatbot.inference.word_vectors import FEATURES, WORD_VECTORS

#: The output of the reply memory with the shares of the known replies.
SHARES = "shares"
_Shapes = dict[str, tuple[int, ...]]


class StepParts(NamedTuple):
    """The step models of a bundle.

    Attributes:
        encoder: The encoder step.
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

    def fit(self) -> bool:
        """Whether their inputs and outputs are those of the contract in `chatbot.inference.litert_steps`."""
        token: _Shapes = {"token": ()}
        memory: _Shapes = {}
        states = {name: shape for name, shape in self.encoder.outputs.items() if name != "output"}
        if "output" in self.encoder.outputs:
            memory = {"memory": (1, *self.encoder.outputs["output"]), "mask": (1,)}
        read_back: _Shapes = {}
        if self.backward is not None:
            read_back = {"backward": self.backward.outputs.get("h", ())}
        return (
            self.encoder.inputs == token | states | read_back
            and self._recall_fits(states)
            and self.decoder.inputs == token | states | memory
            and self.decoder.outputs == states | {"logits": self.decoder.outputs.get("logits", ())}
            and len(self.decoder.outputs["logits"]) == 1
            and self._backward_fits(states)
        )

    def _recall_fits(self, states: _Shapes) -> bool:
        if self.recall is None:
            return True
        seen: _Shapes = {NGRAMS: (1,), NGRAM_WEIGHTS: (1,)} if self.sees_ngrams else {}
        if self.sees_words:
            seen |= {WORD_VECTORS: (FEATURES,)}
        returned = {name: shape for name, shape in self.recall.outputs.items() if name != SHARES}
        return self.recall.inputs == {"tokens": (1,)} | states | seen and returned == states

    def _backward_fits(self, states: _Shapes) -> bool:
        if self.backward is None:
            return True
        halves = dict(self.backward.outputs)
        return (
            self.backward.inputs == {"token": ()} | halves
            and {f"{name}1" for name in halves} <= set(states)
            and all(states[f"{name}1"] == (2 * half[0],) for name, half in halves.items())
        )
