"""The report of the lines of a corpus that cannot be used."""

from collections import Counter
from pathlib import Path

from chatbot.cli.output.exit_codes_and_messages import print_note
from chatbot.corpus import Problem
from chatbot.errors import CorpusError

_SHOWN_PER_FILE = 50


class ProblemReport:
    """Prints each `file:line: what is wrong` to stderr, the first fifty of a file, and counts all."""

    def __init__(self, strict: bool) -> None:
        """Begin with none.

        Args:
            strict: Stop at the first.
        """
        self._strict = strict
        self._counts: Counter[Path] = Counter()

    def __call__(self, problem: Problem) -> None:
        """Report one.

        Raises:
            CorpusError: The report is strict.
        """
        if self._strict:
            raise CorpusError(f"{problem} (--strict stops at the first such line)")
        self._counts[problem.path] = count = self._counts[problem.path] + 1
        if count <= _SHOWN_PER_FILE:
            print_note(str(problem))

    def finish(self) -> None:
        """Say how many lines were skipped, if any."""
        for path, count in self._counts.items():
            shown = f", the first {_SHOWN_PER_FILE} of them shown" if count > _SHOWN_PER_FILE else ""
            lines = "1 line" if count == 1 else f"{count:,} lines"
            print_note(f"{path}: {lines} skipped{shown}")
