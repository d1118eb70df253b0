"""A scripted training run to show: what every observer hears, without any training."""

from dataclasses import replace

from chatbot.metrics import Validation
from chatbot.runs.events import Measurement, Plan, Resumption, SampleReply, StepReport

PLAN = Plan(
    training_pairs=90,
    validation_pairs=10,
    training_tokens=1234,
    truncated_pairs=2,
    vocabulary_size=300,
    parameters=4567,
    memory_bytes=800_000_000,
    steps_per_epoch=10,
    epochs=4,
    max_seconds=None,
    expected_seconds=40.0,
    devices="CPU",
)


def step(number: int, loss: float = 1.0, seconds: float | None = None) -> StepReport:
    """Step `number` of forty, a second each."""
    seconds = float(number) if seconds is None else seconds
    return StepReport((number - 1) // 10 + 1, number, seconds, loss, 0.0125, 2000.0, 40.0 - seconds, 40)


def resumption() -> Resumption:
    """Half-way through: two epochs, the first of which is still the best."""
    worse = replace(measurement(2, 2.5), best=False)
    return Resumption(epoch=2, step=20, seconds=20.0, history=[measurement(1), worse])


def samples(*replies: str) -> list[SampleReply]:
    """Ten prompts; those for which no reply is given get an answer of their own."""
    recorded = [f"{number} it is" for number in range(1, 11)]
    said = [*replies, *recorded[len(replies) :]]
    return [
        SampleReply(f"what is {number}?", reply, right)
        for number, (reply, right) in enumerate(zip(said, recorded, strict=True), 1)
    ]


def measurement(epoch: int, valid_loss: float | None = 2.0, said: tuple[str, ...] = ()) -> Measurement:
    """After `epoch` of four."""
    valid = None if valid_loss is None else Validation(valid_loss, 1.5, 0.25)
    return Measurement(epoch, epoch * 10, epoch * 10.0, 0.5, valid, 0.0125, 2000.0, True, samples(*said))
