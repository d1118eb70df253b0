"""ChatterBot YAML: `conversations:`, a list of lists, in each of which a turn answers the one before.

The file is read event by event (PyYAML's safe loader, which builds no objects and expands no
aliases), so that its size does not matter, and every scalar is text: `yes` stays yes.

Reference: chatterbot-corpus, "data format".
"""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from chatbot.corpus.formats.parsing.file_sample import FileSample
from chatbot.corpus.formats.parsing.import_format import Format
from chatbot.corpus.formats.parsing.intake import EMPTY, Intake
from chatbot.corpus.formats.parsing.json_records import paths
from chatbot.corpus.reading.open_file import LineStream
from chatbot.corpus.reading.turns import Turn, Turns
from chatbot.errors import CorpusError

_KEY = "conversations"
_LONGER = "list of more than two turns, in which each answers the one before"
_SPEAKERS = ("A", "B")
_TOP = re.compile(rf"""^(?P<quote>["']?){_KEY}(?P=quote)[ \t]*:[ \t]*(?:#.*|\[.*)?$""", re.MULTILINE)
#: What to do about damage, by what the parser says of it; else about what a text begins with or holds.
_ADVICE = {"tab": "indent with spaces", "end of stream": "is a quote left open?"}
_QUOTE_IT = "put a text with a colon, a quote or a sign at its beginning between double quotes"
_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # the same, where libyaml is at hand


def _recognizes(sample: FileSample) -> bool:
    if "conversations.item.item" in paths(sample):  # JSON is YAML, and so the older corpora were written
        return not any(path.startswith("conversations.item.item.") for path in paths(sample))
    return _TOP.search(sample.text.replace("\r", "\n")) is not None


def _read(path: Path, intake: Intake) -> Turns:
    found = False
    with intake.stream(path) as stream:
        for line, conversation in _conversations(_events(path, stream)):
            found = True
            if len(conversation) < 2:
                intake.problem(path, line, "a conversation of fewer than two turns")
                continue
            if len(conversation) > 2:
                intake.note(_LONGER)
            for place, text in enumerate(conversation):
                if not text.strip():
                    intake.drop(EMPTY)
                yield Turn(_SPEAKERS[place % 2], text)
            yield None
    if not found:
        raise CorpusError(f"{path}: no list under `{_KEY}:`, which ChatterBot YAML has at its top; write it there")


def _events(path: Path, stream: LineStream) -> Iterator[Any]:
    try:
        yield from yaml.parse(stream, Loader=_LOADER)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = stream.line if mark is None else int(mark.line) + 1
        what = str(error.problem or error.context)
        advice = next((advice for word, advice in _ADVICE.items() if word in what), _QUOTE_IT)
        raise CorpusError(f"{path}:{line}: damaged YAML ({what}); {advice}") from None
    except (yaml.YAMLError, UnicodeError) as error:
        what = str(error).strip().split("\n", 1)[0]
        raise CorpusError(f"{path}:{stream.line}: damaged YAML ({what})") from None


def _conversations(events: Iterator[Any]) -> Iterator[tuple[int, list[str]]]:
    """Yield (line, texts) of each item of the list under the key at the top of a document."""
    depth, key, is_key = 0, None, True
    for event in events:
        begins = isinstance(event, yaml.CollectionStartEvent)
        if depth == 2 and key == _KEY and (begins or isinstance(event, yaml.ScalarEvent)):
            texts = _texts(events) if begins else [_value(event)]
            yield event.start_mark.line + 1, [] if isinstance(event, yaml.MappingStartEvent) else texts
        elif begins:
            depth += 1
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
            is_key = is_key or depth == 1
        elif isinstance(event, yaml.ScalarEvent) and depth == 1:
            key, is_key = (event.value, False) if is_key else (key, True)
        elif isinstance(event, yaml.AliasEvent) and depth == 1:
            is_key = not is_key


def _texts(events: Iterator[Any]) -> list[str]:
    """The scalars up to the end of the list that has just begun, those of inner lists among them.

    What YAML takes for a key and a value, `- Note: we are closed`, is a turn too.
    """
    texts: list[str] = []
    pairs: list[str] = []
    depth, mapping = 1, 0  # the depth of the outermost mapping that is open
    for event in events:
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if isinstance(event, yaml.MappingStartEvent):
            mapping = mapping or depth
        elif isinstance(event, yaml.ScalarEvent):
            (pairs if mapping else texts).append(_value(event))
        elif isinstance(event, yaml.AliasEvent):
            (pairs if mapping else texts).append("")
        elif depth < mapping:
            texts.append(" ".join(": ".join(pairs[place : place + 2]) for place in range(0, len(pairs), 2)))
            pairs, mapping = [], 0
        if not depth:
            break
    return texts


def _value(event: Any) -> str:
    """The text of a scalar; what YAML takes for a tag, `!hello there`, is its beginning."""
    tag = event.tag or ""
    return f"{tag} {event.value}" if tag.startswith("!") and len(tag) > 1 else str(event.value)


FORMAT = Format(
    "ChatterBot YAML",
    _recognizes,
    _read,
    example="categories:\n- x\nconversations:\n- - hi\n  - hello\n",
)
