import json

import pytest

from chatbot.errors import CorpusError
from tests.corpus.formats.reading import read, recognized, write


def message(role, content, **more):
    return {"role": role, "content": content, **more}


ONE = {"messages": [message("system", "Be kind."), message("user", "hi"), message("assistant", "hello")]}
PARTS = {
    "messages": [
        message("user", [{"type": "text", "text": "what is"}, {"type": "image_url"}, "this"]),
        message("assistant", None, tool_calls=[{"id": "1"}]),
        message("tool", "42"),
        message("assistant", "a tree", weight=0),
        message("user", "sure?"),
        message("assistant", "yes", weight=1),
    ]
}


@pytest.mark.parametrize(
    "content",
    [
        f"{json.dumps(ONE)}\n\n{json.dumps(PARTS)}\n",
        json.dumps([ONE, PARTS]),
        json.dumps([ONE, PARTS], indent=1),
        f"{json.dumps(ONE, indent=1)}\n{json.dumps(PARTS, indent=1)}",
        "\ufeff" + json.dumps(ONE) + "\r\n" + json.dumps(PARTS),
    ],
)
def test_lines_arrays_and_documents_one_after_another_are_read_alike(tmp_path, content):
    path = write(tmp_path, content)
    assert recognized(path) == "openai"
    result = read("openai", path)
    assert result.said == [
        [("user", "hi"), ("assistant", "hello")],
        [("user", "what is this"), ("assistant", ""), ("assistant", "a tree"), ("user", "sure?"), ("assistant", "yes")],
    ]
    assert [turn.learn for turn in result.conversations[1]] == [False, True, False, False, True]
    assert result.dropped == {"system message": 2, "media or other content without text": 1}


def test_parts_are_texts_whatever_their_form_and_thoughts_are_none(tmp_path):
    parts = [{"type": "thinking", "text": "hm"}, {"type": "text", "text": {"value": "first"}}, "second", ["deep"], None]
    path = write(tmp_path, json.dumps({"messages": [message("user", parts), message("Assistant", {"text": "one"})]}))
    result = read("openai", path)
    assert result.texts == [["first second", "one"]]
    assert result.conversations[0][1].learn


@pytest.mark.parametrize("name", ["conversations", "conversation"])
def test_data_sets_call_the_list_otherwise_too(tmp_path, name):
    path = write(tmp_path, json.dumps([{"id": 1, name: ONE["messages"]}]))
    assert recognized(path) == "openai"
    assert read("openai", path).texts == [["hi", "hello"]]


def test_messages_without_a_list_are_one_conversation(tmp_path):
    path = write(tmp_path, json.dumps(ONE["messages"]))
    assert recognized(path) == "openai"
    assert read("openai", path).texts == [["hi", "hello"]]


def test_damaged_lines_are_named_and_the_rest_is_read(tmp_path):
    lines = [json.dumps(ONE), '{"messages": [', "[1, 2]", '{"prompt": "x"}', '{"messages": [{"content": "x"}, 3]}']
    lines += ["[" * 100_000, '{"messages": [{"role": "user", "content": {"a": 1}}]}']
    result = read("openai", write(tmp_path, "\n".join(lines).encode() + b'\n{"messages": "caf\xe9"}\n'))
    assert result.texts[0] == ["hi", "hello"]
    assert [problem.split(" (")[0] for problem in result.problems] == [
        "2: damaged JSON",
        "3: not a JSON object but list",
        "4: no list of messages",
        "5: a message without a role",
        "5: a message without a role",
        "6: nested more than 100 levels deep",
        "8: not UTF-8: byte 0xe9 at column 18",
    ]


def test_a_cut_array_is_an_error_with_its_line(tmp_path):
    content = json.dumps([ONE, PARTS], indent=1)
    path = write(tmp_path, content[: len(content) // 2])
    lines = content[: len(content) // 2].count("\n") + 1
    with pytest.raises(CorpusError, match=rf"source:{lines}: damaged JSON"):
        read("openai", path)


def test_a_line_of_ten_megabytes_is_read(tmp_path):
    long = {"messages": [message("user", "x" * 10_000_000), message("assistant", "long")]}
    result = read("openai", write(tmp_path, f"{json.dumps(long)}\n{json.dumps(ONE)}\n"))
    assert len(result.conversations) == 2
    assert result.texts[1] == ["hi", "hello"]


@pytest.mark.parametrize(
    "record",
    [
        {"messages": [{"role": "human", "value": "hi"}, {"role": "gpt", "value": "hello"}]},
        {"contents": [{"role": "user", "parts": [{"text": "hi"}]}, {"role": "model", "parts": [{"text": "hello"}]}]},
        {"conversations": [{"role": "user", "text": "hi"}, {"role": "assistant", "text": "hello"}]},
        {"messages": [message("developer", "Be kind."), message("user", "hi"), message("assistant", "hello")]},
    ],
)
def test_lists_roles_and_texts_have_other_names_too(tmp_path, record):
    path = write(tmp_path, f"{json.dumps(record)}\n")
    assert recognized(path) == "openai"
    result = read("openai", path)
    assert result.texts == [["hi", "hello"]]
    assert [turn.learn for turn in result.conversations[0]] == [False, True]


@pytest.mark.parametrize(
    "record",
    [
        {"prompt": [message("user", "hi")], "completion": [message("assistant", "hello")]},
        {
            "prompt": [message("user", "hi")],
            "chosen": [message("assistant", "hello")],
            "rejected": [message("assistant", "what?")],
        },
        {
            "prompt": "hi",
            "chosen": [message("user", "hi"), message("assistant", "hello")],
            "rejected": [message("user", "hi"), message("assistant", "what?")],
        },
        {
            "input": {"messages": [message("user", "hi")], "tools": []},
            "preferred_output": [message("assistant", "hello")],
            "non_preferred_output": [message("assistant", "what?")],
        },
    ],
)
def test_of_preferences_the_preferred_answer_is_learned(tmp_path, record):
    path = write(tmp_path, f"{json.dumps(record)}\n")
    assert recognized(path) == "openai"
    assert read("openai", path).texts == [["hi", "hello"]]
