"""A prompt and its reply in each object: `{"prompt", "completion"}` a line, as OpenAI's older models were trained on.

The keys are those of `columns`, such as question and answer, or two by name; an array of objects is
read too. Where all prompts end with the same mark that says "now answer", such as `->` or `###`, or
all replies with one that says "stop", such as `END`, it is taken off.

Reference: OpenAI, "Fine-tuning" of 2023, "Preparing your dataset".
"""

from collections.abc import Iterator, Sequence
from itertools import chain, islice
from pathlib import Path
from typing import Any

from chatbot.corpus.dialogue import Turn, Turns
from chatbot.corpus.formats import columns
from chatbot.corpus.formats.contract import EMPTY, Format, Intake, Sample
from chatbot.corpus.formats.json_records import paths, records

#: Records that decide which mark the texts end with.
_DECISIVE = 100
#: So many at least, for words that are the same at the end of all.
_FEW = 3
_MARKS = ("-->", "==>", "->", "=>", "→", "####", "###", "##", "$$$", "+++", "===", "---", "|||", "@@@", "%%%")
_STOPS = ("<|endoftext|>", "<|im_end|>", "</s>", "[END]", "<END>", "END", "STOP")


def _recognizes(sample: Sample) -> bool:
    found = paths(sample)
    for array in ("", "item."):
        keys = [path.removeprefix(array) for path in found if path.startswith(array)]
        if columns.find(sorted(key for key in keys if "." not in key and key), sample.columns) is not None:
            return True
    return False


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
    for line, record in records(path, intake):
        keys = list(record)
        found = columns.find(keys, intake.columns)
        texts = [_text(record[keys[place]]) for place in (*found.prompt, found.reply)] if found else []
        if None in texts or not texts:
            wanted = " and ".join(intake.columns) if intake.columns else "prompt and reply"
            intake.problem(path, line, f"no texts of {wanted} among the keys {', '.join(keys)[:100] or '(none)'}")
            continue
        yield columns.joined([text for text in texts[:-1] if text]), texts[-1] or ""


def _text(value: Any) -> str | None:
    """A value as text; nothing where there is none, None where it is something else."""
    return "" if value is None else value if isinstance(value, str) else None


def _common_end(texts: Sequence[str], marks: Sequence[str]) -> str:
    """What all texts end with beside what they say: one of the marks, or the same last line."""
    texts = [text.rstrip() for text in texts]
    for mark in marks if texts else ():
        if all(text.endswith(mark) for text in texts):
            return mark
    lasts = {text.rpartition("\n")[2] if "\n" in text else None for text in texts}
    last = lasts.pop() if len(lasts) == 1 and len(texts) >= _FEW else None
    return "" if last is None else f"\n{last}"


def _without(text: str, end: str) -> str:
    return text.rstrip().removesuffix(end) if end else text


FORMAT = Format("json", "JSON with prompts and replies", _recognizes, _read, from_web=True)
