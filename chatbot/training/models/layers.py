"""The layers of a new encoder-decoder and their initial weights."""

import keras

from chatbot.config import ModelConfig
from chatbot.training.models import reply_memory
from chatbot.training.models.architecture_layers import layers_of
from chatbot.training.models.recurrent_layers import by_units
from chatbot.training.type_aliases import KerasInitializer, KerasLayer

#: Initial embeddings are uniform in ± this. Keras's 0.05 drowns the words in the biases of the layers above, and
#: the decoder has memorized all replies before the encoder distinguishes one prompt from another.
_EMBEDDING_RANGE = 1.0


def new_layers(config: ModelConfig, dropout: float) -> dict[str, KerasLayer]:
    """All layers of a new model, by name.

    Args:
        config: Shape of the model.
        dropout: Dropout rate of the embeddings and of the layers' outputs.
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
    made += layers_of(config).new_layers(config, dropout)
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
        layers.Dense(config.vocabulary_size, kernel_initializer=by_units(config.units), name="vocabulary_projection")
    )
    return {layer.name: layer for layer in made}


def _uniform(bound: float) -> KerasInitializer:
    return keras.initializers.RandomUniform(-bound, bound)
