"""The step models of recurrent architectures, built from the cells of the layers of a training model.

They call the cells without a loop, so that they can be exported
(docs/development/decisions/0002-litert-for-answering.md). Inputs and outputs have names; those of the states are given
by the architecture: `h1`, `c1`, `h2`, `c2` and so on, (rows, units) each, for an LSTM. See
`chatbot.inference.litert.carried_states`.

A bidirectional encoder is two steps. The backward step reads the prompt from its end; the encoder's then reads it from
its beginning and takes, beside each token, the output that the backward step gave there. The last states of the
backward step are the second halves of the first layer's states from the start, and the forward step passes them
through, so that its last state is the sentence vector.
"""

import keras

from chatbot.config import ModelConfig
from chatbot.config.architectures.recurrent import RecurrentArchitecture
from chatbot.training.models.architecture_layers import is_token, state_inputs, token_input
from chatbot.training.models.attention import attend_step
from chatbot.training.type_aliases import KerasLayer, KerasModel, States, Tensor


class RecurrentSteps:
    """The step models of one trained model."""

    def __init__(self, architecture: RecurrentArchitecture, model: KerasModel, config: ModelConfig) -> None:
        """Take the layers.

        Args:
            architecture: Their entry in the table of architectures.
            model: The training model.
            config: Its shape.
        """
        self._architecture, self._layer, self._config = architecture, model.get_layer, config

    def build_encoder(self) -> KerasModel:
        """Rebuild the encoder as one step.

        Returns:
            A functional model from `token` (rows,), the states and, if bidirectional, `backward` (rows, units / 2), to
            the next states and, with attention, `output` (rows, units). Where the token is PAD the states stay as they
            are, so that prompts of several lengths can be read side by side.
        """
        token, states = token_input(), state_inputs(self._config)
        inputs = {"token": token, **states}
        backward = None
        if self._config.bidirectional:
            backward = inputs["backward"] = keras.Input((self._config.units // 2,), name="backward")
        output, after = self._read(self._layer("token_embedding")(token), states, backward)
        outputs = _unless_pad(token, after, states)
        if self._config.attention != "none":
            outputs["output"] = output
        return keras.Model(inputs, outputs, name="encoder_step")

    def build_backward(self) -> KerasModel:
        """Rebuild the backward half of a bidirectional encoder as one step.

        Returns:
            A functional model from `token` (rows,) and the states of one layer by their names without its number, such
            as `h`, (rows, units / 2) each, to the next states.
        """
        token = token_input()
        states = {
            name.removesuffix("1"): keras.Input((size // 2,), name=name.removesuffix("1"))
            for name, size in self._config.states[0].items()
        }
        cell = self._recurrent("encoder", 1).backward_layer.cell
        _, after = cell(self._layer("token_embedding")(token), list(states.values()))
        outputs = _unless_pad(token, dict(zip(states, after, strict=True)), states)
        return keras.Model({"token": token, **states}, outputs, name="backward_step")

    def build_decoder(self) -> KerasModel:
        """Rebuild the decoder as one step.

        Returns:
            A functional model from `token` (rows,), the states and, with attention, `memory` (rows, length, units) and
            `mask` (rows, length), to `logits` (rows, vocabulary) and the next states.
        """
        token, states = token_input(), state_inputs(self._config)
        inputs = {"token": token, **states}
        output = self._layer("token_embedding")(token)
        after: States = {}
        for number in range(1, self._config.layers + 1):
            cell = self._recurrent("decoder", number).cell
            names = self._config.states[number - 1]  # in Keras's order
            output, following = cell(output, [states[name] for name in names])
            after |= dict(zip(names, following, strict=True))
        if self._config.attention != "none":
            inputs["memory"] = keras.Input((None, self._config.units), name="memory")
            inputs["mask"] = keras.Input((None,), name="mask")
            output = attend_step(self._layer, self._config, output, inputs["memory"], inputs["mask"] > 0)
        logits = self._layer("vocabulary_projection")(output)
        return keras.Model(inputs, {"logits": logits, **after}, name="decoder_step")

    def _read(self, vector: Tensor, states: States, backward: Tensor | None) -> tuple[Tensor, States]:
        """Read one token of each prompt.

        Args:
            vector: (rows, embedding size) float32, of the token.
            states: By name; the second halves of the first ones are those of the way back.
            backward: (rows, units / 2) float32, the output of the backward step at this token; None if prompts are
                not read both ways.

        Returns:
            The output, (rows, units) float32, and the states by name.
        """
        after: States = {}
        for number in range(1, self._config.layers + 1):
            recurrent, names = self._recurrent("encoder", number), self._config.states[number - 1]
            before = [states[name] for name in names]
            if number == 1 and backward is not None:
                forward, read_back = zip(*(keras.ops.split(state, 2, axis=-1) for state in before), strict=True)
                vector, read = recurrent.forward_layer.cell(vector, list(forward))
                vector = keras.ops.concatenate([vector, backward], axis=-1)
                following = [keras.ops.concatenate(halves, axis=-1) for halves in zip(read, read_back, strict=True)]
            else:
                vector, following = recurrent.cell(vector, before)
            after |= dict(zip(names, following, strict=True))
        return vector, after

    def _recurrent(self, half: str, number: int) -> KerasLayer:
        return self._layer(self._architecture.layer_name(half, number))


def _unless_pad(token: Tensor, after: States, before: States) -> States:
    """Keep the states of rows whose token is PAD.

    Args:
        token: (rows,) int32.
        after: The states after a step, (rows, size) float32 each.
        before: The states before it, by the same names.

    Returns:
        `after`, with `before` in the rows of PAD.
    """
    real = keras.ops.expand_dims(is_token(token), -1)
    return {name: keras.ops.where(real, new, before[name]) for name, new in after.items()}
