"""The usual Keras chatbot, for comparison: load `model.keras`, then `predict` once a token.

    python benchmarks/usual_keras.py DIR PROMPT TOKENS

Prints a greedy reply of at most so many tokens from the model in the bundle DIR.
"""

import sys
from pathlib import Path

import numpy as np

from chatbot import bundle
from chatbot.config import EOS, GO
from chatbot.text import fold, normalize
from chatbot.tokenizer import Tokenizer
from chatbot.training.backend import setup_backend

setup_backend()

import keras

from chatbot.training.models.encoder_decoder import build_encoder
from chatbot.training.models.step_models import build_step_models


def main() -> None:
    """Answer one prompt."""
    place, prompt, most = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])
    config = bundle.Bundle.open(place).model
    tokenizer = Tokenizer.load(place / bundle.TOKENIZER)
    model = keras.models.load_model(place / bundle.KERAS_MODEL, compile=False)
    encoder, decoder = build_encoder(model, config), build_step_models(model, config)["decoder"]
    given = encoder.predict(np.array([tokenizer.encode(fold(normalize(prompt)))], np.int32), verbose=0)
    token = GO
    reply: list[int] = []
    while len(reply) < most:
        outputs = decoder.predict({"token": np.array([token], np.int32), **given}, verbose=0)
        logits = outputs.pop("logits")[0]
        logits[list(tokenizer.suppressed_ids)] = -np.inf
        token = int(logits.argmax())
        if token == EOS:
            break
        reply.append(token)
        given |= outputs
    print(tokenizer.decode(reply))


if __name__ == "__main__":
    main()
