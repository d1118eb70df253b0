import json

from chatbot.corpus.formats.parsing.intake import Intake
from chatbot.corpus.importing.pairing import make_pairs
from chatbot.corpus.importing.pairing_rules import PairingRules
from chatbot.corpus.importing.recognition import load_format
from chatbot.corpus.reading.import_counts import ImportCounts
from tests.conftest import refuse
from tests.corpus.formats.reading import read, recognized, write

INTENTS = {
    "intents": [
        {"tag": "greeting", "patterns": ["hi", "good day"], "responses": ["hello", "welcome"], "context": [""]},
        {"tag": "noanswer", "patterns": [], "responses": ["pardon?"]},
        {"tag": "hours", "patterns": ["when do you open?", 7, " "], "responses": ["at nine"]},
    ]
}


def test_each_response_answers_each_pattern(tmp_path):
    path = write(tmp_path, json.dumps(INTENTS, indent=1))
    assert recognized(path) == "intents"
    tally = ImportCounts()
    pairs = make_pairs(load_format("intents").read(path, Intake(tally, refuse)), PairingRules(), tally)
    assert [tuple(pair) for pair in pairs] == [
        ("hi", "hello"),
        ("hi", "welcome"),
        ("good day", "hello"),
        ("good day", "welcome"),
        ("when do you open?", "at nine"),
    ]
    assert dict(tally.dropped) == {"empty side": 1}


def test_an_intent_without_its_lists_is_named(tmp_path):
    content = json.dumps({"intents": [*INTENTS["intents"][:1], {"tag": "x", "patterns": ["y"]}, "z"]})
    result = read("intents", write(tmp_path, content))
    assert result.texts == [["hi", "hello"], ["good day", "hello"]]
    assert result.problems == ["1: an intent without a list of patterns, or without one of responses"] * 2


def test_an_intent_of_more_pairs_than_anybody_writes_is_a_problem(tmp_path):
    """A megabyte of patterns with each of a megabyte of responses are terabytes."""
    endless = {"patterns": ["p"] * 200_000, "responses": ["r"] * 200_000}
    result = read("intents", write(tmp_path, json.dumps({"intents": [endless, *INTENTS["intents"][2:]]})))
    assert result.texts == [["when do you open?", "at nine"]]
    assert result.problems == [
        "1: an intent of 200,000 patterns and 200,000 responses, which are more than 100,000 pairs"
    ]
