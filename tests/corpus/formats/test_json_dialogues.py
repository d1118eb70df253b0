import json

import pytest

from tests.corpus.formats.reading import read, recognized, write


def lines(*records):
    return "".join(f"{json.dumps(record)}\n" for record in records)


MULTIWOZ = {
    "dialogue_id": "1",
    "services": ["hotel"],
    "turns": [
        {"speaker": "USER", "turn_id": "0", "utterance": "a room?", "frames": []},
        {"speaker": "SYSTEM", "turn_id": "1", "utterance": "for when?"},
    ],
}
TASKMASTER = {
    "conversation_id": "1",
    "utterances": [
        {"index": 0, "speaker": "USER", "text": "a room?"},
        {"index": 1, "speaker": "SYSTEM", "text": "for when?"},
    ],
}
MESSAGES = {
    "messages": [{"sender": "USER", "message": "a room?"}, {"sender": "SYSTEM", "message": "for when?"}],
}


@pytest.mark.parametrize("record", [MULTIWOZ, TASKMASTER, MESSAGES])
@pytest.mark.parametrize("content", [lambda record: json.dumps([record], indent=2), lines])
def test_turns_say_who_speaks(tmp_path, record, content):
    path = write(tmp_path, content(record))
    assert recognized(path) == "dialogues"
    assert read("dialogues", path).said == [[("USER", "a room?"), ("SYSTEM", "for when?")]]


@pytest.mark.parametrize(
    "record",
    [
        {"dialog": ["hi", "hello"], "act": [1, 2]},
        {"id": "0", "data": ["hi", "hello"]},
        {"conversations": ["hi", "hello"]},
        {"goal": {}, "log": [{"text": "hi", "metadata": {}}, {"text": "hello"}]},
        {"dialogue": [{"emotion": "none", "text": "hi"}, {"emotion": "joy", "text": "hello"}]},
    ],
)
def test_where_nobody_is_named_two_speakers_take_turns(tmp_path, record):
    path = write(tmp_path, lines(record, record))
    assert recognized(path) == "dialogues"
    assert read("dialogues", path).said == [[("A", "hi"), ("B", "hello")]] * 2


def test_a_dialogue_of_persona_chat_is_its_last_history_and_the_last_candidate(tmp_path):
    dialogue = {
        "personality": ["i keep bees ."],
        "utterances": [
            {"candidates": ["no .", "hello ."], "history": ["hi ."]},
            {"candidates": ["x", "fine ."], "history": ["hi .", "hello .", "how are you ?"]},
        ],
    }
    path = write(tmp_path, json.dumps({"train": [dialogue], "valid": [dialogue, {"utterances": []}]}))
    assert recognized(path) == "dialogues"
    result = read("dialogues", path)
    assert result.texts == [["hi .", "hello .", "how are you ?", "fine ."]] * 2
    assert result.problems == ["1: no list of turns"]


def test_what_is_no_turn_is_named_and_the_rest_is_read(tmp_path):
    content = lines(MULTIWOZ, {"turns": ["hi", 7, "", "hello"]}, {"turns": "hi"}, {"turn": []})
    result = read("dialogues", write(tmp_path, content))
    assert result.texts == [["a room?", "for when?"], ["hi", "", "", "hello"]]
    assert result.problems == ["2: turn 2 has no text", "3: no list of turns", "4: no list of turns"]
    assert result.dropped == {"damaged": 3, "empty side": 1}


@pytest.mark.parametrize(
    "record", [{"data": [{"text": "x", "label": 1}]}, {"turns": [{"number": 1}]}, {"data": [["x"]]}, {"log": "x"}]
)
def test_other_lists_are_no_dialogues(tmp_path, record):
    assert recognized(write(tmp_path, json.dumps(record))) is None
