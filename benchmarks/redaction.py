"""Redaction on a written sample: how much of each kind of personal data is found, and what is taken that should stay.

    python benchmarks/redaction.py

The sample marks with `[[…]]` what has to go. A line counts as found if each mark of it became a token and nothing
else did.
"""

import re
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from chatbot.corpus.redaction.redact import redact

SAMPLE = Path(__file__).parents[1] / "tests" / "data" / "personal_data.txt"
_MARK = re.compile(r"\[\[(.*?)\]\]")
_STAYS = " stay"


@dataclass(slots=True)
class Group:
    """One kind of lines of the sample.

    Attributes:
        name: Its heading.
        lines: How many it has.
        wrong: Those with something missed, or with something taken that should stay.
    """

    name: str
    lines: int = 0
    wrong: list[str] = field(default_factory=list)

    @property
    def stays(self) -> bool:
        """Whether nothing of its lines is personal."""
        return self.name.endswith(_STAYS)


def measure(sample: Path = SAMPLE) -> list[Group]:
    """What redaction makes of each group of the sample's lines."""
    groups: list[Group] = []
    for line in sample.read_text(encoding="utf-8").splitlines():
        if line.startswith("# "):
            groups.append(Group(line.removeprefix("# ")))
        else:
            groups[-1].lines += 1
            if not _is_right(line):
                groups[-1].wrong.append(line)
    return groups


def _is_right(line: str) -> bool:
    """Whether all that is marked in a line became tokens, and nothing else."""
    around = _MARK.split(line)[::2]
    expected = re.compile("<[a-z]+>".join(map(re.escape, around)))
    return expected.fullmatch(redact(_MARK.sub(r"\1", line), Counter())) is not None


def tables(groups: list[Group]) -> Iterator[str]:
    """The lines of the tables for the documentation."""
    yield from ("| what has to go | lines | found | missed |", "|---|---|---|---|")
    for group in groups:
        if not group.stays:
            missed = "; ".join(f"`{_MARK.search(line)[1]}`" for line in group.wrong)  # type: ignore[index]  # all have one
            yield f"| {group.name} | {group.lines} | {group.lines - len(group.wrong)} | {missed} |"
    yield from ("", "| what has to stay | lines | untouched | taken |", "|---|---|---|---|")
    for group in groups:
        if group.stays:
            taken = "; ".join(f"`{line}`" for line in group.wrong)
            yield f"| {group.name.removesuffix(_STAYS)} | {group.lines} | {group.lines - len(group.wrong)} | {taken} |"


if __name__ == "__main__":
    sys.stdout.write("\n".join(tables(measure())) + "\n")
