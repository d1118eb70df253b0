import json

import pytest

from chatbot.errors import CorpusError
from tests.corpus.formats.reading import read, recognized, write


def turn(who, value):
    return {"from": who, "value": value}


FIRST = {"id": "a", "conversations": [turn("system", "s"), turn("human", "hi"), turn("gpt", "hello")]}
SECOND = {"id": "b", "conversations": [turn("user", "why?"), turn("chatgpt", "because"), turn("martian", "x"), "y"]}


@pytest.mark.parametrize(
    "content", [json.dumps([FIRST, SECOND], indent=2), f"{json.dumps(FIRST)}\n{json.dumps(SECOND)}\n"]
)
def test_what_the_model_says_is_learned_under_any_of_its_names(tmp_path, content):
    path = write(tmp_path, content)
    assert recognized(path) == "sharegpt"
    result = read("sharegpt", path)
    assert result.said == [
        [("human", "hi"), ("gpt", "hello")],
        [("human", "why?"), ("gpt", "because"), ("", ""), ("", "")],
    ]
    assert [said.learn for said in result.conversations[0]] == [False, True]
    assert [problem.split(": ", 1)[1] for problem in result.problems] == [
        "a turn from martian, neither human nor gpt",
        "a turn from nobody, neither human nor gpt",
    ]


def test_a_record_of_another_kind_is_named(tmp_path):
    result = read("sharegpt", write(tmp_path, json.dumps([FIRST, {"conversations": "x"}, 7])))
    assert result.problems == ["1: no list of conversations", "1: not a JSON object but int"]


def test_a_cut_file_is_an_error_with_its_line(tmp_path):
    with pytest.raises(CorpusError, match=r"source:4: damaged JSON"):
        read("sharegpt", write(tmp_path, json.dumps([FIRST], indent=2)[:40] + "\n"))


@pytest.mark.parametrize("name", ["conversations", "conversation", "messages", "items"])
@pytest.mark.parametrize("text", ["value", "content", "text"])
def test_lists_and_texts_have_other_names_too(tmp_path, name, text):
    record = {"id": "a", name: [{"from": "human", text: "hi"}, {"from": "assistant", text: "hello"}]}
    path = write(tmp_path, json.dumps([record]))
    assert recognized(path) == "sharegpt"
    assert read("sharegpt", path).said == [[("human", "hi"), ("gpt", "hello")]]
