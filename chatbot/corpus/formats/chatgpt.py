"""ChatGPT, "Export data": `conversations.json`, in which each conversation is a tree of messages.

An edited prompt or a reply made anew begins a branch; the conversation is the branch that ends at
`current_node`. System and tool messages, calls of tools, thoughts and what the page hides are left
out, and of messages with parts the text counts.
"""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from chatbot.corpus.formats.parsing.file_sample import FileSample
from chatbot.corpus.formats.parsing.import_format import Format
from chatbot.corpus.formats.parsing.intake import MEDIA, SYSTEM, Intake
from chatbot.corpus.formats.parsing.json_records import paths, records
from chatbot.corpus.formats.parsing.llm_message_fields import branch, text_of
from chatbot.corpus.reading.turns import Turn, Turns

_SPOKEN = ("text", "multimodal_text")
#: Where the page shows a link to a source, the text has a mark.
_CITATION = re.compile(r"\ue200[^\ue200\ue201]*\ue201|【\d{1,6}(?::\d{1,6})?†[^【】]*】")


def _recognizes(sample: FileSample) -> bool:
    found = paths(sample)
    return any(path.endswith(".message.author.role") and "mapping." in path for path in found) or (
        {"item.mapping", "item.current_node"} <= found
    )


def _read(path: Path, intake: Intake) -> Turns:
    for line, record in records(path, intake):
        if not isinstance(record.get("mapping"), dict):
            intake.problem(path, line, "a conversation without a mapping")
            continue
        for message in _messages(record):
            turn = _turn(message, intake)
            if turn is not None:
                yield turn
        yield None


def _messages(conversation: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The messages of the branch that is shown, from the first on."""
    nodes = {name: node for name, node in conversation["mapping"].items() if isinstance(node, dict)}
    last = conversation.get("current_node")
    if not isinstance(last, str) or last not in nodes:  # then the last branch there is
        last = next(reversed(nodes), None)
    parents = {name: node.get("parent") for name, node in nodes.items()}
    for name in branch(last, parents):
        if isinstance(nodes[name].get("message"), dict):
            yield nodes[name]["message"]


def _turn(message: dict[str, Any], intake: Intake) -> Turn | None:
    author, content, metadata = (
        value if isinstance(value, dict) else {} for value in map(message.get, ("author", "content", "metadata"))
    )
    role = str(author.get("role"))
    is_talk = role in ("user", "assistant") and message.get("recipient", "all") == "all" and message.get("weight") != 0
    hidden = metadata.get("is_visually_hidden_from_conversation")
    if not is_talk or hidden or content.get("content_type", "text") not in _SPOKEN:
        intake.drop(SYSTEM)
        return None
    text = _CITATION.sub("", text_of(content.get("parts")))
    if not text.strip():
        intake.drop(MEDIA)
    return Turn(role, text, learn=role == "assistant")


FORMAT = Format(
    "ChatGPT conversations.json",
    _recognizes,
    _read,
    private=True,
    keys=frozenset({"mapping", "current_node", "message", "author", "parts"}),
    example='[{"mapping": {"x": {"message": {"author": {"role": "user"}}}}, "current_node": "x"}]',
)
