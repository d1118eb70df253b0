"""The steps at which a run that its epochs will end is measured, chosen without the clock."""

from chatbot.runs.events import Plan
from chatbot.training.loop.trainer_protocols import ValidationSet

#: Share of the steps that measuring may cost, except at the end.
_MEASURING = 0.05
#: An epoch that has a larger share of the steps than this is measured within.
_LONGEST_UNMEASURED = 0.1
#: The cost of a measurement, in steps: of its replies to look at, and of each validation batch, which has no gradients.
_STEPS_FOR_SAMPLES, _STEPS_FOR_BATCH = 1.0, 0.5
#: A run that is expected to need less of its time limit than this is one that its epochs will end.
_SURELY_IN_TIME = 0.5


class MeasurementSteps:
    """The rule for the steps at which one run is measured."""

    def __init__(self, plan: Plan, validation: ValidationSet | None) -> None:
        """Weigh what a measurement costs.

        Args:
            plan: The epochs, their steps and the time limit.
            validation: The validation pairs, or None.
        """
        batches = 0 if validation is None else sum(1 for _ in validation.batches)
        longest = _LONGEST_UNMEASURED * plan.epochs * plan.steps_per_epoch
        self._longest = longest
        self._shortest = min(longest, (_STEPS_FOR_SAMPLES + _STEPS_FOR_BATCH * batches) / _MEASURING)

    @staticmethod
    def apply_to(plan: Plan) -> bool:
        """Whether epochs will end a run, as far as one can tell before; else the clock decides when it is measured.

        Args:
            plan: Of the run.
        """
        return plan.max_seconds is None or plan.expected_seconds < _SURELY_IN_TIME * plan.max_seconds

    def is_due(self, unmeasured: int, epoch_over: bool) -> bool:
        """Whether to measure now.

        Args:
            unmeasured: Steps since the last measurement.
            epoch_over: Whether an epoch has ended.
        """
        return (epoch_over or unmeasured >= self._longest) and unmeasured >= self._shortest
