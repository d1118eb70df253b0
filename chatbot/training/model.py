"""The encoder-decoder and the inference models rebuilt from its layers.

    prompt tokens ─ token_embedding ─ encoder_lstm ─▶ h, c  (the sentence vector)
                                                       │
    GO + reply ──── token_embedding ─ decoder_lstm ◀───┘
                                           │
                                  vocabulary_projection ─▶ logits of reply + EOS

Every layer has a name, and the inference models take the trained layers by name:
`build_encoder` reads whole prompts, `build_encoder_step` and `build_decoder_step` advance one
token at a time through the cells of the LSTMs, without a loop, so that they can be exported.

Reference: Sutskever, Vinyals and Le (2014), "Sequence to Sequence Learning with Neural
Networks", section 2.
"""

from typing import Any

from chatbot.config import PAD, ModelConfig
from chatbot.training.backend import keras

#: Initial embeddings are uniform in ± this. Keras's 0.05 drowns the words in the LSTM's biases, and
#: the decoder has learned all replies by heart before the encoder tells one prompt from another.
_EMBEDDING_RANGE = 1.0


def build_training_model(config: ModelConfig) -> Any:
    """Build the model that learns from whole pairs by teacher forcing.

    Returns:
        A functional model from `prompt_tokens` (rows, prompt length) and `decoder_tokens`
        (rows, reply length), int32, to logits (rows, reply length, vocabulary), float32.
    """
    layers = keras.layers
    prompt_tokens = keras.Input((None,), dtype="int32", name="prompt_tokens")
    decoder_tokens = keras.Input((None,), dtype="int32", name="decoder_tokens")
    embedding = layers.Embedding(
        config.vocabulary_size,
        config.embedding_size,
        embeddings_initializer=keras.initializers.RandomUniform(-_EMBEDDING_RANGE, _EMBEDDING_RANGE),
        name="token_embedding",
    )
    prompt_vectors = layers.Dropout(config.dropout, name="prompt_dropout")(embedding(prompt_tokens))
    encoder_lstm = _lstm(config, "encoder_lstm", return_sequences=False)
    _, *sentence_vector = encoder_lstm(prompt_vectors, mask=_is_token(prompt_tokens))

    reply_vectors = layers.Dropout(config.dropout, name="reply_dropout")(embedding(decoder_tokens))
    # No mask here: padding stands behind the reply, and the loss leaves it out.
    decoder_lstm = _lstm(config, "decoder_lstm", return_sequences=True)
    outputs, *_ = decoder_lstm(reply_vectors, initial_state=sentence_vector)
    outputs = layers.Dropout(config.dropout, name="output_dropout")(outputs)
    projection = layers.Dense(config.vocabulary_size, name="vocabulary_projection")
    return keras.Model([prompt_tokens, decoder_tokens], projection(outputs), name="encoder_decoder")


def build_encoder(model: Any) -> Any:
    """Rebuild the inference encoder: `prompt_tokens` (rows, length) to the states `h` and `c`."""
    prompt_tokens = keras.Input((None,), dtype="int32", name="prompt_tokens")
    vectors = model.get_layer("token_embedding")(prompt_tokens)
    _, h, c = model.get_layer("encoder_lstm")(vectors, mask=_is_token(prompt_tokens))
    return keras.Model(prompt_tokens, {"h": h, "c": c}, name="encoder")


def build_encoder_step(model: Any) -> Any:
    """Rebuild the encoder as one step: `token` (rows,), `h`, `c` to the next `h` and `c`.

    Where the token is PAD the states stay as they are, so that prompts of several lengths can
    be read side by side; zeros are the states before the first token.
    """
    token, h, c = _step_inputs(model, "encoder_lstm")
    _, (next_h, next_c) = model.get_layer("encoder_lstm").cell(model.get_layer("token_embedding")(token), [h, c])
    is_token = keras.ops.expand_dims(_is_token(token), -1)
    states = {"h": keras.ops.where(is_token, next_h, h), "c": keras.ops.where(is_token, next_c, c)}
    return keras.Model([token, h, c], states, name="encoder_step")


def build_decoder_step(model: Any) -> Any:
    """Rebuild the inference decoder: `token` (rows,), `h`, `c` to `logits`, `h` and `c`."""
    token, h, c = _step_inputs(model, "decoder_lstm")
    vector = model.get_layer("token_embedding")(token)
    output, (next_h, next_c) = model.get_layer("decoder_lstm").cell(vector, [h, c])
    logits = model.get_layer("vocabulary_projection")(output)
    return keras.Model([token, h, c], {"logits": logits, "h": next_h, "c": next_c}, name="decoder_step")


def _lstm(config: ModelConfig, name: str, *, return_sequences: bool) -> Any:
    return keras.layers.LSTM(config.units, return_sequences=return_sequences, return_state=True, name=name)


def _step_inputs(model: Any, lstm: str) -> tuple[Any, Any, Any]:
    units = model.get_layer(lstm).units
    token = keras.Input((), dtype="int32", name="token")
    return token, keras.Input((units,), name="h"), keras.Input((units,), name="c")


def _is_token(tokens: Any) -> Any:
    return keras.ops.not_equal(tokens, PAD)
