"""Alpaca: `{"instruction", "input", "output"}`, in an array or a line each.

The prompt is the instruction with the input behind it. `history`, as LLaMA-Factory writes it, holds
the exchanges before; Dolly calls the input `context` and the output `response`.

References: Taori et al. (2023), "Stanford Alpaca"; LLaMA-Factory, "Data preparation", alpaca format.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from chatbot.corpus.formats.parsing.columns import joined
from chatbot.corpus.formats.parsing.file_sample import FileSample
from chatbot.corpus.formats.parsing.import_format import Format
from chatbot.corpus.formats.parsing.intake import EMPTY, Intake
from chatbot.corpus.formats.parsing.json_records import paths, records
from chatbot.corpus.reading.turns import Turn, Turns

_INPUTS, _OUTPUTS = ("input", "context"), ("output", "response", "completion")


def _recognizes(sample: FileSample) -> bool:
    found = paths(sample)
    outputs = {f"{array}{name}" for array in ("", "item.") for name in _OUTPUTS}
    return bool({"instruction", "item.instruction"} & found) and bool(outputs & found)


def _read(path: Path, intake: Intake) -> Turns:
    for line, record in records(path, intake):
        output = _first(record, _OUTPUTS)
        if not isinstance(record.get("instruction"), str) or output is None:
            intake.problem(path, line, "no instruction, or no output")
            continue
        yield from _earlier(record.get("history"))
        prompt = joined([record["instruction"], _first(record, _INPUTS) or ""])
        if not prompt or not output.strip():
            intake.drop(EMPTY)
        yield Turn("human", prompt, learn=False)
        yield Turn("model", output)
        yield None


def _earlier(history: object) -> Iterator[Turn]:
    for exchange in history if isinstance(history, list) else ():
        if isinstance(exchange, list) and len(exchange) == 2 and all(isinstance(text, str) for text in exchange):
            yield Turn("human", exchange[0], learn=False)
            yield Turn("model", exchange[1])


def _first(record: dict[str, Any], names: tuple[str, ...]) -> str | None:
    return next((record[name] for name in names if isinstance(record.get(name), str)), None)


FORMAT = Format(
    "Alpaca JSON",
    _recognizes,
    _read,
    keys=frozenset({"instruction", "input", "output"}),
    example='[{"instruction": "greet", "input": "", "output": "hello"}]',
)
