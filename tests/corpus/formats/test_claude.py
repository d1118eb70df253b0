import json

import pytest

from tests.corpus.formats.reading import read, recognized, write


def message(sender, text, **more):
    return {"sender": sender, "text": text, **more}


TALK = {
    "uuid": "c",
    "name": "Tea",
    "chat_messages": [
        message("human", "how long for green tea?"),
        message(
            "assistant",
            "ignored",
            content=[{"type": "thinking", "thinking": "hm"}, {"type": "text", "text": "Two minutes."}],
        ),
        message("human", "", files=[{"file_name": "pot.png"}]),
        message("assistant", "A fine pot."),
    ],
}


def test_what_the_model_says_is_learned(tmp_path):
    path = write(tmp_path, json.dumps([TALK, {**TALK, "chat_messages": []}]))
    assert recognized(path) == "claude"
    result = read("claude", path)
    assert result.said == [
        [
            ("human", "how long for green tea?"),
            ("assistant", "Two minutes."),
            ("human", ""),
            ("assistant", "A fine pot."),
        ]
    ]
    assert [turn.learn for turn in result.conversations[0]] == [False, True, False, True]
    assert result.dropped == {"media or other content without text": 1}


def test_of_branches_the_last_is_read(tmp_path):
    messages = [
        message("human", "tea?", uuid="1", parent_message_uuid="0"),
        message("assistant", "No.", uuid="2", parent_message_uuid="1"),
        message("assistant", "Gladly.", uuid="3", parent_message_uuid="1"),
    ]
    assert read("claude", write(tmp_path, json.dumps([{"chat_messages": messages}]))).texts == [["tea?", "Gladly."]]


@pytest.mark.parametrize(
    ("record", "problem"),
    [
        ({"chat_messages": 3}, "1: no list of chat_messages"),
        ({"chat_messages": [3, message("martian", "x")]}, "1: a message from 'martian', neither human nor assistant"),
    ],
)
def test_what_is_damaged_is_named(tmp_path, record, problem):
    assert read("claude", write(tmp_path, json.dumps([record]))).problems == [problem]
