import numpy as np
import pytest

from chatbot.config import ModelConfig
from chatbot.errors import TrainingError
from chatbot.tokenizer import Tokenizer
from chatbot.training.backend import keras
from chatbot.training.export import TOLERANCE, check_parity, export_steps
from chatbot.training.model import build_training_model
from tests.conftest import sixty_english


@pytest.fixture(scope="module")
def parts():
    pairs = sixty_english()
    tokenizer = Tokenizer.fit([text for pair in pairs for text in pair])
    config = ModelConfig(tokenizer.vocabulary_size, 16, 24)
    keras.utils.set_random_seed(1)
    model = build_training_model(config)
    # Weights as large as trained ones, so that replies differ and errors would show.
    model.set_weights([weights * 8 for weights in model.get_weights()])
    return model, pairs, tokenizer, config


def test_litert_repeats_keras(parts, tmp_path):
    model, pairs, tokenizer, config = parts
    export_steps(model, tmp_path)
    parity = check_parity(model, tmp_path, pairs, tokenizer, config)
    assert parity.prompts == parity.same_replies == 60
    assert 0 < parity.largest_difference <= TOLERANCE


@pytest.mark.parametrize("damage", [0.01, np.nan])
def test_an_export_that_differs_is_an_error(parts, tmp_path, damage):
    model, pairs, tokenizer, config = parts
    export_steps(model, tmp_path)
    changed = build_training_model(config)
    weights = model.get_weights()
    weights[1] = weights[1] + np.float32(damage)
    changed.set_weights(weights)
    with pytest.raises(TrainingError, match="not the trained one"):
        check_parity(changed, tmp_path, pairs, tokenizer, config)
