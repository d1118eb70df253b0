"""Stretches of a reply's steps, one by one or several in a row, for the terminal and for pictures."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from chatbot.explain.explanation import Step

#: Probability from which a step is certain.
CERTAIN = 0.999
#: So many such steps in a row are shown as one.
_FEWEST = 3


@dataclass(frozen=True)
class Stretch:
    """A step, or several in a row of which the model was certain.

    Attributes:
        first: The number of the first, from 1.
        steps: At least one.
    """

    first: int
    steps: tuple[Step, ...]

    @property
    def numbers(self) -> str:
        """`4`, or `4–9`."""
        return str(self.first) if len(self.steps) == 1 else f"{self.first}–{self.first + len(self.steps) - 1}"

    @property
    def text(self) -> str:
        """Its tokens as text, `<eos>` the end."""
        return "".join(step.token for step in self.steps).replace("▁", " ").replace("<eos>", " <eos>").strip()

    @property
    def entropy(self) -> float:
        """Of the step that was the least certain, in bits."""
        return max(step.entropy for step in self.steps)


def stretch_steps(steps: Sequence[Step]) -> list[Stretch]:
    """Put certain steps together where there are several in a row.

    Returns:
        The steps in order, with a single stretch for several certain ones in a row.
    """
    stretches = []
    for certain, group in groupby(enumerate(steps, 1), key=lambda numbered: _is_certain(numbered[1])):
        numbered = list(group)
        if certain and len(numbered) >= _FEWEST:
            stretches.append(Stretch(numbered[0][0], tuple(step for _, step in numbered)))
        else:
            stretches += [Stretch(number, (step,)) for number, step in numbered]
    return stretches


def _is_certain(step: Step) -> bool:
    chosen_by = step.probability if step.adjusted is None else step.adjusted
    return min(step.probability, chosen_by) >= CERTAIN and not any(other.refused for other in step.others)
