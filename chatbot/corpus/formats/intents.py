"""Intents in JSON, `{"intents": [{"tag", "patterns", "responses"}]}`: each response answers each pattern.

Many a course on chatbots begins with such a file.
"""

from pathlib import Path
from typing import Any

from chatbot.corpus.formats.parsing.file_sample import FileSample
from chatbot.corpus.formats.parsing.import_format import Format
from chatbot.corpus.formats.parsing.intake import EMPTY, Intake
from chatbot.corpus.formats.parsing.json_records import paths, values_at
from chatbot.corpus.reading.turns import Turn, Turns

_PATTERNS = ("patterns", "examples", "utterances")
_RESPONSES = ("responses", "answers")
_PLACE = "intents.item"
#: Pairs of one intent, whose number grows with the product of its two lists.
_MOST_PAIRS = 100_000


def _recognizes(sample: FileSample) -> bool:
    found = paths(sample)
    return all(any(f"{_PLACE}.{name}.item" in found for name in names) for names in (_PATTERNS, _RESPONSES))


def _read(path: Path, intake: Intake) -> Turns:
    for line, _, intent in values_at(path, intake, (_PLACE,)):
        patterns, responses = (_texts(intent, names) for names in (_PATTERNS, _RESPONSES))
        if patterns is None or responses is None:
            intake.problem(path, line, "an intent without a list of patterns, or without one of responses")
            continue
        if not patterns or not responses:  # such as the one for what is not understood
            intake.drop(EMPTY)
            continue
        if len(patterns) * len(responses) > _MOST_PAIRS:
            what = f"an intent of {len(patterns):,} patterns and {len(responses):,} responses"
            intake.problem(path, line, f"{what}, which are more than {_MOST_PAIRS:,} pairs")
            continue
        for pattern in patterns:
            yield Turn("pattern", pattern, learn=False)
            yield Turn("response", responses[0], alternatives=tuple(responses[1:]))
            yield None


def _texts(intent: Any, names: tuple[str, ...]) -> list[str] | None:
    """The texts of the first list of these names that say something."""
    found = (intent.get(name) for name in names) if isinstance(intent, dict) else ()
    texts = next((value for value in found if isinstance(value, list)), None)
    return None if texts is None else [text for text in texts if isinstance(text, str) and text.strip()]


FORMAT = Format(
    "JSON with intents",
    _recognizes,
    _read,
    from_web=True,
    example='{"intents": [{"tag": "greet", "patterns": ["hi"], "responses": ["hello"]}]}',
)
