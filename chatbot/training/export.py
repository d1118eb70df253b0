"""Trained Keras model to LiteRT step models, and the proof that both say the same."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from chatbot import bundle
from chatbot.config import EOS, GO, DecodingConfig, ModelConfig
from chatbot.corpus import Pair
from chatbot.errors import TrainingError
from chatbot.inference.litert import LiteRTSteps
from chatbot.inference.search import complete, spoken
from chatbot.inference.steps import StepModel
from chatbot.quiet import quiet_native_stderr
from chatbot.text import fold
from chatbot.tokenizer import Tokenizer
from chatbot.training.keras_steps import KerasSteps, pad
from chatbot.training.step_models import build_backward_step, build_decoder_step, build_encoder_step

#: Largest difference allowed between a Keras and a LiteRT logit, both float32.
TOLERANCE = 1e-3
#: At most this many distinct prompts are compared, enough to meet every kind of length.
_MOST_PROMPTS = 1024
_ROWS = 64


@dataclass(frozen=True)
class Parity:
    """How well LiteRT repeats Keras.

    Attributes:
        prompts: Distinct prompts compared.
        largest_difference: Of any logit, over the recorded replies of those prompts.
        tolerance: What `largest_difference` may be.
        same_replies: Prompts with the same greedy reply from both.
    """

    prompts: int
    largest_difference: float
    tolerance: float
    same_replies: int

    def to_json(self) -> dict[str, Any]:
        """For the manifest."""
        return asdict(self)


def export_steps(model: Any, config: ModelConfig, folder: Path) -> None:
    """Write the step models as `encoder.tflite`, `decoder.tflite` and perhaps `backward.tflite`, float32."""
    steps = {bundle.ENCODER: build_encoder_step(model, config), bundle.DECODER: build_decoder_step(model, config)}
    if config.bidirectional:
        steps[bundle.BACKWARD] = build_backward_step(model, config)
    for name, step in steps.items():
        with quiet_native_stderr():
            step.export(str(folder / name), format="litert", verbose=False)


def check_parity(model: Any, folder: Path, pairs: Sequence[Pair], tokenizer: Tokenizer, config: ModelConfig) -> Parity:
    """Compare the exported step models with Keras on real pairs.

    Logits are compared along the recorded replies, against the training model itself; then
    the greedy replies, against the Keras inference models.

    Raises:
        TrainingError: A logit differs by more than `TOLERANCE`.
    """
    chosen = list({pair.prompt: pair for pair in pairs}.values())[:_MOST_PROMPTS]
    exported = LiteRTSteps(*bundle.step_files(folder, config))
    rebuilt = KerasSteps(model, config)
    decoding = DecodingConfig(max_tokens=config.max_reply_tokens)
    difference, same = 0.0, 0
    for start in range(0, len(chosen), _ROWS):
        rows = chosen[start : start + _ROWS]
        prompts = [tokenizer.encode(fold(pair.prompt))[config.prompt_window] for pair in rows]
        replies = [[*tokenizer.encode(pair.reply), EOS][: config.max_reply_tokens] for pair in rows]
        # numpy's max, here and below: NaN must not pass for equal, as it would in Python's.
        difference = float(np.max([difference, _logit_difference(model, exported, prompts, replies)]))
        said, expected = ([spoken(row) for row in complete(steps, prompts, decoding)] for steps in (exported, rebuilt))
        same += sum(one == other for one, other in zip(said, expected, strict=True))
    parity = Parity(len(chosen), difference, TOLERANCE, same)
    if not difference <= TOLERANCE:
        raise TrainingError(
            f"the exported model is not the trained one: a logit differs by {difference:.2g}, more than"
            f" {TOLERANCE:g}. Nothing was written; please report this with the versions of tensorflow,"
            " keras and ai-edge-litert"
        )
    return parity


def _logit_difference(
    model: Any, exported: StepModel, prompts: Sequence[Sequence[int]], replies: Sequence[Sequence[int]]
) -> float:
    """Largest difference between the training model's logits and the stepped ones, padding aside."""
    target = pad(replies)
    decoder_input = np.concatenate([np.full((len(target), 1), GO, np.int32), target[:, :-1]], axis=1)
    expected = model([pad(prompts), decoder_input], training=False).numpy()
    state = exported.encode(prompts)
    largest = 0.0
    for position, tokens in enumerate(decoder_input.T):
        logits, state = exported.step(np.ascontiguousarray(tokens), state)
        real = np.array([position < len(reply) for reply in replies])
        largest = float(np.max([largest, np.abs(logits - expected[:, position])[real].max(initial=0.0)]))
    return largest
