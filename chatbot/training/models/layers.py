"""The layers of a new encoder-decoder and their initial weights."""

import math

import keras

from chatbot.config import ModelConfig
from chatbot.training.models import reply_memory
from chatbot.training.type_aliases import KerasInitializer, KerasLayer

#: Initial embeddings are uniform in ± this. Keras's 0.05 drowns the words in the LSTM's biases, and
#: the decoder has memorized all replies before the encoder distinguishes one prompt from another.
_EMBEDDING_RANGE = 1.0


def layer_numbers(config: ModelConfig) -> range:
    """The numbers of the stacked LSTMs, from 1.

    Args:
        config: Shape of the model.
    """
    return range(1, config.layers + 1)


def new_layers(config: ModelConfig, dropout: float) -> dict[str, KerasLayer]:
    """All layers of a new model, by name.

    Args:
        config: Shape of the model.
        dropout: Dropout rate of the embeddings and of the LSTMs' outputs.
    """
    layers = keras.layers
    made = [
        layers.Embedding(
            config.vocabulary_size,
            config.embedding_size,
            embeddings_initializer=_uniform(_EMBEDDING_RANGE),
            name="token_embedding",
        ),
        *(layers.Dropout(dropout, name=f"{place}_dropout") for place in ("prompt", "reply", "output")),
    ]
    for number in layer_numbers(config):
        made += [_encoder_lstm(config, number), _lstm(config.units, f"decoder_lstm_{number}")]
        if number > 1:
            made += [layers.Dropout(dropout, name=f"{half}_dropout_{number}") for half in ("encoder", "decoder")]
    if config.attention != "none":
        made.append(layers.Dense(config.units, activation="tanh", name="attentional_vector"))
    if config.attention == "additive":
        made += [
            layers.Dense(config.units, use_bias=False, name="attention_query"),
            layers.Dense(config.units, name="attention_key"),
            layers.Dense(1, use_bias=False, name="attention_score"),
        ]
    made += reply_memory.new_layers(config, dropout)
    made.append(
        layers.Dense(config.vocabulary_size, kernel_initializer=_by_units(config.units), name="vocabulary_projection")
    )
    return {layer.name: layer for layer in made}


def _encoder_lstm(config: ModelConfig, number: int) -> KerasLayer:
    name = f"encoder_lstm_{number}"
    if number > 1 or not config.bidirectional:
        return _lstm(config.units, name)
    return keras.layers.Bidirectional(_lstm(config.units // 2, name), merge_mode="concat", name=name)


def _lstm(units: int, name: str) -> KerasLayer:
    # Initialized uniformly in ±1/√units, as in PyTorch: with Keras's own initialization it learns slower here.
    lstm = keras.layers.LSTM(
        units,
        kernel_initializer=_by_units(units),
        recurrent_initializer=_by_units(units),
        bias_initializer=_by_units(units),
        unit_forget_bias=False,
        return_sequences=True,
        return_state=True,
        name=name,
    )
    lstm.cell.name = f"{name}_cell"  # the step models hold several cells, and names must differ
    return lstm


def _by_units(units: int) -> KerasInitializer:
    return _uniform(1 / math.sqrt(units))


def _uniform(bound: float) -> KerasInitializer:
    return keras.initializers.RandomUniform(-bound, bound)
