import numpy as np
import pytest

from chatbot import bundle
from chatbot.config import GO, ModelConfig, ModelShape
from chatbot.inference.litert.litert_steps import LiteRTSteps
from chatbot.training.export.litert_export import StepExport
from chatbot.training.models.encoder_decoder import build_training_model
from chatbot.training.models.keras_steps import KerasSteps


@pytest.mark.parametrize("known_replies", [0, 4])
def test_without_a_prompt_keras_and_litert_start_alike(tmp_path, known_replies):
    shape = ModelShape(units=6, embedding_size=5, bidirectional=True, attention="dot")
    config = ModelConfig.of(shape, 300, known_replies)
    model = build_training_model(config)
    StepExport(KerasSteps(model, config), config).write(tmp_path)
    prompts = [(), (7, 8, 9)]
    logits = []
    for steps in (KerasSteps(model, config), LiteRTSteps(config, bundle.step_files(tmp_path, config))):
        for asked in (prompts, prompts[:1]):
            step, _ = steps.step(np.full(len(asked), GO, np.int32), steps.encode(asked))
            logits.append(step[0])
    for other in logits[1:]:
        np.testing.assert_allclose(other, logits[0], atol=1e-5)
