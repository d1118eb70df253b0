"""A prompt and its reply in each object: `{"prompt", "completion"}` a line, as OpenAI's older models were trained on.

The keys are those of `columns`, such as question and answer, or two by name; an array of objects is
read too, at the top or under a name, and the questions of SQuAD. Each of several answers is one, and
numbers are texts. Where all prompts end with the same mark that says "now answer", such as `->` or `###`, or
all replies with one that says "stop", such as `END`, it is taken off.

Reference: OpenAI, "Fine-tuning" of 2023, "Preparing your dataset".
"""

import json
import re
from collections.abc import Iterator, Sequence
from itertools import chain, islice, product
from pathlib import Path
from typing import Any

from chatbot.corpus.formats.parsing import columns
from chatbot.corpus.formats.parsing.file_sample import FileSample
from chatbot.corpus.formats.parsing.import_format import Format
from chatbot.corpus.formats.parsing.intake import EMPTY, Intake
from chatbot.corpus.formats.parsing.json_records import paths, records, values_at
from chatbot.corpus.reading.turns import Turn, Turns

#: Records that decide which mark the texts end with.
_DECISIVE = 100
#: So many at least, for words that are the same at the end of all.
_FEW = 3
_MARKS = ("-->", "==>", "->", "=>", "→", "####", "###", "##", "$$$", "+++", "===", "---", "|||", "@@@", "%%%")
_STOPS = ("<|endoftext|>", "<|im_end|>", "</s>", "[END]", "<END>", "END", "STOP")

_NAMED_ARRAY = re.compile(r"[^.]+\.item")
#: Where SQuAD keeps its questions, further in.
_SQUAD = ".qas.item"


def _recognizes(sample: FileSample) -> bool:
    return _place(sample) is not None


def _place(sample: FileSample) -> str | None:
    """The place of the objects with two sides: the name of an array, or empty for the top."""
    keys: dict[str, list[str]] = {}
    for path in sorted(paths(sample) - {""}):
        place, _, key = path.rpartition(".")
        keys.setdefault(place, []).append(key)
    arrays = (place for place in keys if _NAMED_ARRAY.fullmatch(place) or place.endswith(_SQUAD))
    for place in ("", "item", *arrays):
        if columns.find(keys.get(place, []), sample.columns) is not None:
            return place.removeprefix("item")
    return None


def _read(path: Path, intake: Intake) -> Turns:
    pairs = _pairs(path, intake)
    first = list(islice(pairs, _DECISIVE))
    ends = [_common_end([pair[side] for pair in first], marks) for side, marks in ((0, _MARKS), (1, _MARKS + _STOPS))]
    for pair in chain(first, pairs):
        prompt, reply = (_without(text, end) for text, end in zip(pair, ends, strict=True))
        if not prompt.strip() or not reply.strip():
            intake.drop(EMPTY)
        yield Turn("prompt", prompt, learn=False)
        yield Turn("reply", reply)
        yield None


def _pairs(path: Path, intake: Intake) -> Iterator[tuple[str, str]]:
    place = _place(FileSample.of(path, intake.columns, intake.encoding))
    inner = ((line, value) for line, _, value in values_at(path, intake, (place,))) if place else None
    for line, record in inner or records(path, intake):
        keys = list(record) if isinstance(record, dict) else []
        found = columns.find(keys, intake.columns)
        *prompts, replies = [_texts(record[keys[place]]) for place in (*found.prompt, found.reply)] if found else [None]
        if replies is None or None in prompts:
            wanted = " and ".join(intake.columns) if intake.columns else "prompt and reply"
            intake.problem(path, line, f"no texts of {wanted} among the keys {', '.join(keys)[:100] or '(none)'}")
            continue
        for prompt in product(*filter(None, prompts)):
            for reply in replies:
                yield columns.joined([text for text in prompt if text]), reply


def _texts(value: Any) -> list[str] | None:
    """A value as texts, several of a list, an empty one of nothing; None where it is something else."""
    if isinstance(value, dict):
        return _texts(value["text"]) if "text" in value else None
    if isinstance(value, list):
        inner = [_texts(one) for one in value]
        texts = [text for found in inner if found is not None for text in found]
        return None if None in inner else list(dict.fromkeys(texts)) or [""]
    if value is None or isinstance(value, str):
        return [value or ""]
    return [json.dumps(value)]


def _common_end(texts: Sequence[str], marks: Sequence[str]) -> str:
    """The common end of all texts beside what they say: one of the marks, or the same last line."""
    texts = [text.rstrip() for text in texts]
    for mark in marks if texts else ():
        if all(text.endswith(mark) for text in texts):
            return mark
    lasts = {text.rpartition("\n")[2] if "\n" in text else None for text in texts}
    last = lasts.pop() if len(lasts) == 1 and len(texts) >= _FEW else None
    return "" if last is None else f"\n{last}"


def _without(text: str, end: str) -> str:
    return text.rstrip().removesuffix(end) if end else text


FORMAT = Format(
    "JSON with prompts and replies",
    _recognizes,
    _read,
    from_web=True,
    takes_columns=True,
    example='{"prompt": "hi", "completion": "hello"}\n',
)
