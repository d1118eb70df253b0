"""The step contract on LiteRT.

Each step model has one signature. By their names, the encoder takes `token` and the states and returns the states,
leaving them as they are where the token is PAD; the decoder takes the same and returns `logits` as well. Every input
and output has the rows as its first dimension.

With attention the encoder also returns its `output` (rows, units) at each token, and the decoder takes all of them as
`memory` (rows, length, units), with `mask` (rows, length) 1.0 where a token is. A bidirectional encoder has a
backward step too: from `token` and the states of one layer, `h` and perhaps others, to those states. It reads the
prompt from its end; its `h` at each token is the encoder's input `backward`, and its last states are the second halves
of the first layer's, `h1` and so on, at the start.

Where replies are known, a reply memory takes the encoder's last states, all `tokens` (rows, length) and perhaps the
features of the prompts (`PromptFeatures.inputs`), and returns the states that the decoder starts from; without it those
are the encoder's own. It also returns the `shares` (rows, known replies) of the replies in those states, which older
files lack.
"""

from collections.abc import Callable, Mapping, Sequence

import numpy as np

from chatbot.config import PAD
from chatbot.errors import BundleError
from chatbot.files import Readable
from chatbot.inference.litert_interpreter import Array, Floats, LiteRTModel
from chatbot.inference.ngram_features import PromptFeatures
from chatbot.inference.step_file_contract import SHARES, StepParts
from chatbot.inference.step_model import VIEWS, DecoderState, Logits, Recall, Tokens

#: The memory's length is a multiple of this.
_LENGTHS = 8
#: What the tensors are called after that hold the weights of attention, and the shares of the known replies.
_SOFTMAX = "Softmax"
#: The layers of the reply memory that compare the prompt with the keys, in the order of `VIEWS`.
_SCORES = ("reply_scores", "bag_scores", "bigram_scores")


class LiteRTSteps:
    """A `StepModel` from the files of a bundle; threads may share it."""

    def __init__(
        self,
        encoder: Readable,
        decoder: Readable,
        backward: Readable | None = None,
        recall: Readable | None = None,
        ngrams: Readable | None = None,
        word_vectors: Readable | None = None,
        decode: Callable[[Sequence[int]], str] | None = None,
    ) -> None:
        """Load the files.

        Args:
            encoder: The encoder step.
            decoder: The decoder step.
            backward: The backward step of a bidirectional encoder.
            recall: The reply memory.
            ngrams: The n-grams of prompts that the reply memory sees.
            word_vectors: The vectors of words that it sees.
            decode: The text of a prompt's tokens, from which its n-grams are cut.

        Raises:
            BundleError: One is not a LiteRT model, or they do not fit the contract.
        """
        self._encoder, self._decoder = LiteRTModel(encoder), LiteRTModel(decoder)
        self._backward, self._recall = (None if each is None else LiteRTModel(each) for each in (backward, recall))
        self._features: PromptFeatures | None = None
        if ngrams is not None and decode is not None:
            self._features = PromptFeatures.load(ngrams, word_vectors, decode)
        self._attends = "output" in self._encoder.outputs
        self._states = {name: shape for name, shape in sorted(self._encoder.outputs.items()) if name != "output"}
        parts = StepParts(self._encoder, self._decoder, self._backward, self._recall, *map(bool, self.features_seen))
        if not parts.fit():
            raise BundleError(f"{encoder} and those beside it do not belong together; train again with --overwrite")

    @property
    def vocabulary_size(self) -> int:
        """Number of logits a step returns."""
        return self._decoder.outputs["logits"][0]

    @property
    def features_seen(self) -> tuple[int, int]:
        """Numbers of the n-grams, and of the words with their vectors, that the reply memory sees in prompts."""
        return (0, 0) if self._features is None else self._features.counts

    def encode(self, prompts: Sequence[Sequence[int]]) -> DecoderState:
        """See `StepModel.encode`; shorter prompts are padded at their ends, where the state does not change."""
        return self._start(prompts, *self._read(prompts))[0]

    def encode_with_shares(self, prompts: Sequence[Sequence[int]]) -> tuple[DecoderState, Floats | None]:
        """See `Recalling.encode_with_shares`."""
        tokens, state, outputs = self._read(prompts)
        started, shares = self._start(prompts, tokens, state, outputs)
        return started, self._shares(self._recalling(prompts, tokens, state)) if shares is None else shares

    def sentence_vectors(self, prompts: Sequence[Sequence[int]]) -> Floats:
        """See `Recalling.sentence_vectors`."""
        _, state, _ = self._read(prompts)
        return np.concatenate([array for _, array in sorted(state.items())], axis=1)

    def recall(self, prompt: Sequence[int]) -> Recall | None:
        """See `Recalling.recall`."""
        if self._recall is None:
            return None
        tokens, state, _ = self._read([prompt])
        given = self._recalling([prompt], tokens, state)
        shares = self._shares(given)
        if shares is None:
            return None
        scores = self._recall.read_tensors(given, *_SCORES)
        views = [[one for one in found if one.shape == shares.shape] for found in scores]
        told = all(len(found) == 1 for found in views)
        return Recall(
            shares[0], {name: _softmax(found[0][0]) for name, found in zip(VIEWS, views, strict=True)} if told else {}
        )

    def step(self, tokens: Tokens, state: DecoderState) -> tuple[Logits, DecoderState]:
        """See `StepModel.step`."""
        outputs = self._decoder({"token": tokens, **state.arrays, **state.fixed})
        logits = outputs.pop("logits")
        return logits, state.advance(outputs)

    def alignment(self, tokens: Tokens, state: DecoderState) -> Floats | None:
        """See `Attentive.alignment`."""
        if not self._attends:
            return None
        (weights,) = self._decoder.read_tensors({"token": tokens, **state.arrays, **state.fixed}, _SOFTMAX)
        return weights[0][:, 0] if len(weights) == 1 else None

    def _recalling(
        self, prompts: Sequence[Sequence[int]], tokens: Tokens, state: Mapping[str, Floats]
    ) -> dict[str, Array]:
        """The inputs of the reply memory.

        Args:
            prompts: Token ids of each prompt.
            tokens: (length, prompts) int32, the same.
            state: The encoder's last states.
        """
        given: dict[str, Array] = {"tokens": _pad_length(tokens).T, **state}
        return given if self._features is None else given | self._features.inputs(prompts)

    def _start(
        self, prompts: Sequence[Sequence[int]], tokens: Tokens, state: Mapping[str, Floats], outputs: Sequence[Floats]
    ) -> tuple[DecoderState, Floats | None]:
        """The start of the decoder, and the shares of the known replies in it where the reply memory returns them.

        Args:
            prompts: Token ids of each prompt.
            tokens: (length, prompts) int32, the same.
            state: The encoder's last states.
            outputs: Its output at each position, (prompts, units) float32 each.
        """
        recalled = dict(state)
        if self._recall is not None:
            recalled = self._recall(self._recalling(prompts, tokens, state))
        shares = recalled.pop(SHARES, None)
        attended = _attended(tokens, outputs, self._encoder.outputs["output"][0]) if self._attends else {}
        return DecoderState(recalled, attended), shares

    def _shares(self, given: Mapping[str, Array]) -> Floats | None:
        """The shares that the reply memory returns or, of an older file, that it computes on the way.

        Args:
            given: From `_recalling`.
        """
        if self._recall is None:
            return None
        if SHARES in self._recall.outputs:
            return self._recall(given)[SHARES]
        (computed,) = self._recall.read_tensors(given, _SOFTMAX)
        return computed[0] if len(computed) == 1 else None

    def _read(self, prompts: Sequence[Sequence[int]]) -> tuple[Tokens, dict[str, Floats], list[Floats]]:
        """Take prompts through the encoder.

        Returns:
            Their tokens, a column each; the encoder's last states; with attention its output at each position.
        """
        tokens = np.full((max(map(len, prompts)), len(prompts)), PAD, np.int32)
        for row, prompt in enumerate(prompts):
            tokens[: len(prompt), row] = prompt
        state = _zeros(self._states, len(prompts))
        backward = self._read_backward(tokens, state) if self._backward is not None else None
        outputs: list[Floats] = []
        for position, column in enumerate(tokens):
            given: dict[str, Array] = {"token": column, **state}
            if backward is not None:
                given["backward"] = backward[position]
            state = self._encoder(given)
            if self._attends:
                outputs.append(state.pop("output"))
        return tokens, state, outputs

    def _read_backward(self, tokens: Tokens, state: Mapping[str, Floats]) -> list[Floats]:
        """Read prompts from their ends.

        Args:
            tokens: (length, prompts) int32.
            state: The forward states, (prompts, ...) float32; the second halves of `h1` and `c1` are set to the last
                backward states.

        Returns:
            The backward `h` at each position, (prompts, units / 2) float32.
        """
        assert self._backward is not None  # asked by `encode`
        read = _zeros(self._backward.outputs, tokens.shape[1])
        outputs: list[Floats] = []
        for column in tokens[::-1]:
            read = self._backward({"token": column, **read})
            outputs.append(read["h"])
        half = read["h"].shape[1]
        for name, last in read.items():
            state[f"{name}1"][:, half:] = last
        return outputs[::-1]


def _pad_length(tokens: Tokens) -> Tokens:
    """Pad tokens (length, prompts) to one of a few lengths, since each new one costs an allocation."""
    return np.pad(tokens, ((0, _LENGTHS * max(1, -(-len(tokens) // _LENGTHS)) - len(tokens)), (0, 0)))  # PAD is 0


def _attended(tokens: Tokens, outputs: Sequence[Floats], units: int) -> dict[str, Floats]:
    """Build the inputs of attention.

    Args:
        tokens: (length, prompts) int32.
        outputs: The encoder's output at each position, (prompts, units) float32.
        units: Numbers of an output.

    Returns:
        `memory`, (prompts, padded length, units) float32, 0 at padding; and `mask`, (prompts, padded length) float32, 1
        at tokens and 0 at padding.
    """
    mask = (_pad_length(tokens) != PAD).T.astype(np.float32)
    memory = np.zeros((*mask.shape, units), np.float32)
    for position, output in enumerate(outputs):
        memory[:, position] = output * mask[:, position, None]
    return {"memory": memory, "mask": mask}


def _softmax(scores: Floats) -> Floats:
    """Normalize scores (entries,) float32 to shares, in 0..1 with a sum of 1."""
    powers = np.exp(scores - scores.max())
    return np.asarray(powers / powers.sum(), np.float32)


def _zeros(shapes: Mapping[str, tuple[int, ...]], rows: int) -> dict[str, Floats]:
    return {name: np.zeros((rows, *shape), np.float32) for name, shape in shapes.items()}
