"""The ways of stepping: how an architecture's step models are asked to read a prompt, and what they carry on.

The manifest names the architecture, its entry in `chatbot.config.architectures` the way.
"""

from collections.abc import Mapping
from typing import Protocol

from chatbot.inference.litert.carried_states import CarriedStates
from chatbot.inference.litert.key_value_cache import KeyValueCache
from chatbot.inference.litert.litert_interpreter import Array, Floats
from chatbot.inference.step_model import BlockAttention, DecoderState, Tokens


class Stepping(Protocol):
    """The adapter of one way of stepping, around the step models of a bundle."""

    @property
    def states(self) -> Mapping[str, tuple[int, ...]]:
        """The encoder's last states, which the reply memory takes: their sizes behind the rows, by name."""

    def fits(self) -> bool:
        """Whether the inputs and outputs of the step models are those of this way."""

    def read(self, tokens: Tokens) -> tuple[dict[str, Floats], dict[str, Floats]]:
        """Take prompts through the encoder.

        Args:
            tokens: (length, prompts) int32, padded with PAD at the ends.

        Returns:
            By name, the encoder's last states, and what each step of the decoder looks back at; (prompts, ...) each.
        """

    @staticmethod
    def start(states: Mapping[str, Floats], attended: Mapping[str, Floats]) -> DecoderState:
        """The state before the first token.

        Args:
            states: That the decoder starts from, by name.
            attended: From `read`.
        """

    @staticmethod
    def inputs(tokens: Tokens, state: DecoderState) -> dict[str, Array]:
        """The inputs of the decoder's step.

        Args:
            tokens: (rows,) int32.
            state: Before them.

        Returns:
            By name, (rows, ...) float32 or int32 each.
        """

    @staticmethod
    def after(outputs: Mapping[str, Floats], state: DecoderState) -> DecoderState:
        """The state after a step.

        Args:
            outputs: Of the decoder's step, without the logits.
            state: Before it.
        """

    def alignment(self, tokens: Tokens, state: DecoderState) -> Floats | None:
        """See `chatbot.inference.step_model.Attentive`.

        Args:
            tokens: (rows,) int32.
            state: Before them.

        Returns:
            (rows, length) float32, 1 together in each row; None without attention.
        """

    def block_attention(self, tokens: Tokens, state: DecoderState) -> list[BlockAttention]:
        """See `chatbot.inference.step_model.MultiHeaded`.

        Args:
            tokens: (1,) int32.
            state: Before them.
        """

    def prompt_attention(self, tokens: Tokens) -> list[Floats]:
        """See `chatbot.inference.step_model.MultiHeaded`.

        Args:
            tokens: (length, 1) int32, a prompt.

        Returns:
            (heads, length, length) float32 for each block.
        """


#: By the names that entries of the table of architectures have for them.
STEPPINGS: Mapping[str, type[CarriedStates] | type[KeyValueCache]] = {"states": CarriedStates, "cache": KeyValueCache}
