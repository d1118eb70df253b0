import json

import pytest

from tests.corpus.formats.reading import read, recognized, write

WHEN = [("when do you open?", "At nine."), ("and on Sunday?", "We rest."), ("is there parking?", "Behind the house.")]


def lines(pairs, keys=("prompt", "completion")):
    return "\n".join(json.dumps(dict(zip(keys, pair, strict=True))) for pair in pairs)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("", ""),
        (" ->", ""),
        ("\n\n###\n\n", " END"),
        (" =>", "\n"),
        ("\nAnswer:", "<|endoftext|>"),
        (" $$$", "\n###"),
        ("\n-->", " STOP"),
    ],
)
def test_the_marks_at_the_end_of_all_prompts_and_replies_are_taken_off(tmp_path, before, after):
    path = write(tmp_path, "\ufeff" + lines([(f"{prompt}{before}", f" {reply}{after}") for prompt, reply in WHEN]))
    assert recognized(path) == "json"
    assert [tuple(text.strip() for text in texts) for texts in read("json", path).texts] == WHEN


def test_what_only_some_end_with_is_what_they_say(tmp_path):
    pairs = [("left or ->", "THE END"), ("a ###", "no END"), ("which way?", "the other one")]
    assert read("json", write(tmp_path, lines(pairs))).texts == [list(pair) for pair in pairs]
    pairs = [("how many?", "one\ntwo"), ("which?", "this\ntwo"), ("what?", "that\nthree")]
    assert read("json", write(tmp_path, lines(pairs))).texts == [list(pair) for pair in pairs]


@pytest.mark.parametrize("keys", [("question", "answer"), ("Input", "Output"), ("user", "bot"), ("query", "response")])
def test_other_usual_keys_and_arrays_are_read(tmp_path, keys):
    path = write(tmp_path, json.dumps([dict(zip(keys, pair, strict=True)) for pair in WHEN]))
    assert recognized(path) == "json"
    assert read("json", path).texts == [list(pair) for pair in WHEN]


def test_any_two_keys_can_be_named(tmp_path):
    path = write(tmp_path, lines(WHEN, ("frage", "antwort")))
    assert recognized(path) is None
    assert recognized(path, ("Frage", "Antwort")) == "json"
    assert read("json", path, ("Frage", "Antwort")).texts == [list(pair) for pair in WHEN]


def test_a_record_without_the_texts_is_named_with_the_keys_it_has(tmp_path):
    rows = [{"prompt": "a", "completion": "b"}, {"prompt": "a", "label": 1}, {"prompt": {"a": 1}, "completion": "b"}]
    rows += [{}, {"prompt": "a", "completion": None}]
    result = read("json", write(tmp_path, "\n".join(map(json.dumps, rows))))
    assert result.problems == [
        "2: no texts of prompt and reply among the keys prompt, label",
        "3: no texts of prompt and reply among the keys prompt, completion",
        "4: no texts of prompt and reply among the keys (none)",
    ]
    assert result.texts == [["a", "b"], ["a", ""]]


@pytest.mark.parametrize(
    "document",
    [
        {"version": 1, "questions": [{"question": "hi", "answer": "hello"}]},
        {"faq": [{"q": "hi", "a": "hello", "tags": ["x"]}], "updated": "today"},
        {"data": [{"title": "t", "paragraphs": [{"context": "c", "qas": [{"question": "hi", "answers": ["hello"]}]}]}]},
    ],
)
def test_arrays_under_a_name_are_read(tmp_path, document):
    path = write(tmp_path, json.dumps(document, indent=1))
    assert recognized(path) == "json"
    assert read("json", path).texts == [["hi", "hello"]]


def test_each_of_several_texts_is_one_and_numbers_are_texts(tmp_path):
    rows = [
        {"question": ["hi", "hey"], "answer": ["hello", {"text": "welcome"}, "hello"]},
        {"question": "2+2?", "answer": 4},
        {"question": "is it?", "answer": True},
        {"question": "where?", "answer": {"text": ["here"], "answer_start": [1]}},
        {"question": "why?", "answer": []},
    ]
    result = read("json", write(tmp_path, json.dumps(rows)))
    assert result.texts == [
        ["hi", "hello"],
        ["hi", "welcome"],
        ["hey", "hello"],
        ["hey", "welcome"],
        ["2+2?", "4"],
        ["is it?", "true"],
        ["where?", "here"],
        ["why?", ""],
    ]
    assert (result.problems, result.dropped) == ([], {"empty side": 1})
