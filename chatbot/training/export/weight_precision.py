"""The choice of the weights of the step models: int8 where those are nearly as good, else float32.

The int8 step models, a quarter of the size, cannot reproduce the trained model logit by logit. They replace the
others if the bot says nearly the same with them, and if they find the recorded replies as probable. What a bot says is
one of its recorded replies where it has known ones: its decoder alone, which then decides little, is not asked. There
only the right replies have to stay: which of two wrong ones is said where neither is likely is a matter of rounding.
docs/development/decisions/0002-litert-for-answering.md has the reasons.
"""

import math
import shutil
from dataclasses import asdict, dataclass
from pathlib import Path

from chatbot import bundle
from chatbot.config import ModelConfig
from chatbot.training.export.litert_export import StepExport
from chatbot.training.export.parity_check import Parity, ParityCheck
from chatbot.training.type_aliases import JsonObject

#: Least share of Keras's greedy replies that int8 weights must give, or of the right ones where replies are recorded,
#: and the most that they may raise the perplexity of the recorded replies by, as a factor.
LEAST_AGREEMENT, MOST_PERPLEXITY = 0.98, 1.01


@dataclass(frozen=True)
class Weights:
    """The kind of weights of the step models, and the figures that decided it.

    Int8 step models of a bot with known replies are compared with the float32 ones by what the bot says with them,
    and all others with Keras by their greedy replies.

    Attributes:
        kind: "int8" or "float32".
        prompts: Distinct prompts compared.
        same_replies: Prompts with the same reply from the step models.
        int8_same_replies: The same with int8 weights, used or not; None if they were not asked for.
        float32_nats: Mean nats of a token of the recorded replies with float32 weights; None as above.
        int8_nats: The same with int8 weights.
        judged: Prompts whose replies decided: those that a bot with known replies answers rightly, else all; None as
            above.
        int8_kept: Those of them whose reply with int8 weights is right still, or the same; None as above.
    """

    kind: str
    prompts: int
    same_replies: int
    int8_same_replies: int | None = None
    float32_nats: float | None = None
    int8_nats: float | None = None
    judged: int | None = None
    int8_kept: int | None = None

    def to_json(self) -> JsonObject:
        """Return the figures as a JSON object for the manifest."""
        return asdict(self)


def choose_weights(
    export: StepExport, config: ModelConfig, folder: Path, check: ParityCheck, parity: Parity
) -> Weights:
    """Replace the float32 step models in a folder by int8 ones, if those are nearly as good.

    Args:
        export: Of the trained model.
        config: Its shape.
        folder: With the float32 step models.
        check: Of the same model.
        parity: The result of the float32 step models.

    Returns:
        The kind of the weights that are in the folder now, and the figures that decided.
    """
    smaller = folder / "int8"
    smaller.mkdir()
    export.write(smaller, int8=True)
    said, nats, int8_nats = check.compare(folder, smaller), check.mean_nats(folder), check.mean_nats(smaller)
    good = said.kept >= LEAST_AGREEMENT * said.judged and int8_nats <= nats + math.log(MOST_PERPLEXITY)
    if good:
        for file in bundle.step_files(smaller, config).values():
            file.replace(folder / file.name)
    shutil.rmtree(smaller)
    kind, same_replies = ("int8", said.same) if good else ("float32", parity.same_replies)
    return Weights(kind, parity.prompts, same_replies, said.same, nats, int8_nats, said.judged, said.kept)
