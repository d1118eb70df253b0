import json

import pytest

from tests.corpus.formats.reading import read, recognized, write

ROWS = [
    {"instruction": "Name a river in", "input": "Egypt", "output": "The Nile."},
    {"instruction": "Say hello.", "input": "<noinput>", "output": "Hello!"},
]


@pytest.mark.parametrize(
    "content",
    [
        json.dumps(ROWS, indent=1),
        "\n".join(map(json.dumps, ROWS)),
        json.dumps([{"instruction": r["instruction"], "context": r["input"], "response": r["output"]} for r in ROWS]),
    ],
)
def test_the_input_stands_behind_the_instruction(tmp_path, content):
    path = write(tmp_path, content)
    assert recognized(path) == "alpaca"
    assert read("alpaca", path).texts == [["Name a river in Egypt", "The Nile."], ["Say hello.", "Hello!"]]


def test_the_exchanges_before_come_first(tmp_path):
    row = {"instruction": "and in France?", "output": "The Loire.", "history": [["a river?", "The Nile."], ["x"], 3]}
    assert read("alpaca", write(tmp_path, json.dumps([row]))).texts == [
        ["a river?", "The Nile.", "and in France?", "The Loire."]
    ]


def test_what_lacks_a_side_is_named_or_counted(tmp_path):
    rows = [{"instruction": "x"}, {"instruction": 3, "output": "y"}, {"instruction": "", "input": "", "output": "z"}]
    result = read("alpaca", write(tmp_path, "\n".join(map(json.dumps, rows))))
    assert result.problems == ["1: no instruction, or no output", "2: no instruction, or no output"]
    assert result.dropped == {"damaged": 2, "empty side": 1}
