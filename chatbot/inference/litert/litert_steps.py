"""The step contract on LiteRT.

Each step model has one signature, with inputs and outputs by name. Every one of them has the rows as its first
dimension. Those of encoder and decoder are told where the way of stepping is (`chatbot.inference.litert.stepping`).

Where replies are known, a reply memory takes the encoder's last states, all `tokens` (rows, length) and perhaps the
features of the prompts (`PromptFeatures.inputs`), and returns the states that the decoder starts from; without it those
are the encoder's own. It also returns the `shares` (rows, known replies) of the replies in those states, which older
files lack.
"""

from collections.abc import Callable, Mapping, Sequence

import numpy as np

from chatbot.config import PAD, ModelConfig
from chatbot.errors import BundleError
from chatbot.files import Readable
from chatbot.inference.litert.litert_interpreter import Array, Floats, LiteRTModel
from chatbot.inference.litert.step_file_contract import SHARES, SOFTMAX, StepParts, pad_length
from chatbot.inference.litert.stepping import STEPPINGS
from chatbot.inference.ngram_features import PromptFeatures
from chatbot.inference.step_model import VIEWS, BlockAttention, DecoderState, Logits, Recall, Tokens

#: The stems of the files that are no LiteRT models.
_FEATURES = ("ngrams", "word_vectors")
#: The layers of the reply memory that compare the prompt with the keys, in the order of `VIEWS`.
_SCORES = ("reply_scores", "bag_scores", "bigram_scores", "ngram_scores")


class LiteRTSteps:
    """A `StepModel` from the files of a bundle; threads may share it."""

    def __init__(
        self,
        config: ModelConfig,
        files: Mapping[str, Readable],
        decode: Callable[[Sequence[int]], str] | None = None,
    ) -> None:
        """Load the files.

        Args:
            config: Shape of the model; it names the way of stepping.
            files: By the stems of their names in a bundle: `encoder`, `decoder`, and where there are some also
                `backward`, `recall`, and the `ngrams` and `word_vectors` that it sees of prompts.
            decode: The text of a prompt's tokens, from which its n-grams are cut.

        Raises:
            BundleError: One is not a LiteRT model, or they do not fit the contract.
        """
        loaded = {name: LiteRTModel(file) for name, file in files.items() if name not in _FEATURES}
        self._decoder, self._recall = loaded["decoder"], loaded.get("recall")
        self._features: PromptFeatures | None = None
        if "ngrams" in files and decode is not None:
            self._features = PromptFeatures.load(files["ngrams"], files.get("word_vectors"), decode)
        seen = map(bool, self.features_seen)
        parts = StepParts(loaded["encoder"], self._decoder, loaded.get("backward"), self._recall, *seen)
        self._stepping = STEPPINGS[config.stepping](parts, config)
        if not (parts.fit(self._stepping.states) and self._stepping.fits()):
            raise BundleError(
                f"{files['encoder']} and those beside it do not belong together; train again with --overwrite"
            )

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
        tokens, state, attended = self._read(prompts)
        started, shares = self._start(prompts, tokens, state, attended)
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
        names = VIEWS[: len(VIEWS) if self._features else -1]
        scores = self._recall.read_tensors(given, *_SCORES[: len(names)])
        views = [[one for one in found if one.shape == shares.shape] for found in scores]
        told = all(len(found) == 1 for found in views)
        return Recall(
            shares[0], {name: _softmax(found[0][0]) for name, found in zip(names, views, strict=True)} if told else {}
        )

    def step(self, tokens: Tokens, state: DecoderState) -> tuple[Logits, DecoderState]:
        """See `StepModel.step`."""
        outputs = self._decoder(self._stepping.inputs(tokens, state))
        logits = outputs.pop("logits")
        return logits, self._stepping.after(outputs, state)

    def alignment(self, tokens: Tokens, state: DecoderState) -> Floats | None:
        """See `Attentive.alignment`."""
        return self._stepping.alignment(tokens, state)

    def block_attention(self, tokens: Tokens, state: DecoderState) -> list[BlockAttention]:
        """See `MultiHeaded.block_attention`."""
        return self._stepping.block_attention(tokens, state)

    def prompt_attention(self, prompt: Sequence[int]) -> list[Floats]:
        """See `MultiHeaded.prompt_attention`."""
        return self._stepping.prompt_attention(np.array(prompt, np.int32)[:, None])

    def _recalling(
        self, prompts: Sequence[Sequence[int]], tokens: Tokens, state: Mapping[str, Floats]
    ) -> dict[str, Array]:
        """The inputs of the reply memory.

        Args:
            prompts: Token ids of each prompt.
            tokens: (length, prompts) int32, the same.
            state: The encoder's last states.
        """
        given: dict[str, Array] = {"tokens": pad_length(tokens).T, **state}
        return given if self._features is None else given | self._features.inputs(prompts)

    def _start(
        self,
        prompts: Sequence[Sequence[int]],
        tokens: Tokens,
        state: Mapping[str, Floats],
        attended: Mapping[str, Floats],
    ) -> tuple[DecoderState, Floats | None]:
        """The start of the decoder, and the shares of the known replies in it where the reply memory returns them.

        Args:
            prompts: Token ids of each prompt.
            tokens: (length, prompts) int32, the same.
            state: The encoder's last states.
            attended: What the decoder looks back at.
        """
        recalled = dict(state)
        if self._recall is not None:
            recalled = self._recall(self._recalling(prompts, tokens, state))
        shares = recalled.pop(SHARES, None)
        return self._stepping.start(recalled, attended), shares

    def _shares(self, given: Mapping[str, Array]) -> Floats | None:
        """The shares that the reply memory returns or, of an older file, that it computes on the way.

        Args:
            given: From `_recalling`.
        """
        if self._recall is None:
            return None
        if SHARES in self._recall.outputs:
            return self._recall(given)[SHARES]
        (computed,) = self._recall.read_tensors(given, SOFTMAX)
        return computed[0] if len(computed) == 1 else None

    def _read(self, prompts: Sequence[Sequence[int]]) -> tuple[Tokens, dict[str, Floats], dict[str, Floats]]:
        """Take prompts through the encoder.

        Returns:
            Their tokens, a column each; the encoder's last states; what the decoder looks back at.
        """
        tokens = np.full((max(map(len, prompts)), len(prompts)), PAD, np.int32)
        for row, prompt in enumerate(prompts):
            tokens[: len(prompt), row] = prompt
        return tokens, *self._stepping.read(tokens)


def _softmax(scores: Floats) -> Floats:
    """Normalize scores (entries,) float32 to shares, in 0..1 with a sum of 1."""
    powers = np.exp(scores - scores.max())
    return np.asarray(powers / powers.sum(), np.float32)
