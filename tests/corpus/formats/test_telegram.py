import json

import pytest

from chatbot.errors import CorpusError
from tests.corpus.formats.reading import read, recognized, write


def message(who, text, at=0, **more):
    when = {"date": "2021-05-06T10:00:00", "date_unixtime": str(1620288000 + at)}
    return {"id": at, "type": "message", **when, "from": who, "from_id": f"user_{who}", "text": text, **more}


MESSAGES = [
    {"id": 1, "type": "service", "actor": "Ida", "action": "create_group", "text": ""},
    message("Ida", "hi", 60),
    message(
        "Jon", ["see ", {"type": "link", "text": "example.com"}, " ", {"type": "mention_name", "text": "Ida B"}], 120
    ),
    message("Ida", "", 180, photo="photos/1.jpg"),
    message(None, "who was I", 240),
    message("Jon", "a poem", 300, forwarded_from="Someone"),
]
CHAT = {"name": "Ida", "type": "personal_chat", "id": 5, "messages": MESSAGES}
ALL = {
    "about": "…",
    "personal_information": {"user_id": 1},
    "chats": {
        "about": "…",
        "list": [CHAT, {"name": "Kim", "type": "personal_chat", "id": 6, "messages": [message("Kim", "yo")]}],
    },
}
SAID = [
    ("Ida", "hi"),
    ("Jon", "see example.com \u2068Ida B\u2069"),
    ("Ida", ""),
    ("user_None", "who was I"),
    ("Jon", ""),
]


@pytest.mark.parametrize("indent", [None, 1])
def test_one_chat_is_a_conversation(tmp_path, indent):
    path = write(tmp_path, json.dumps(CHAT, indent=indent))
    assert recognized(path) == "telegram"
    result = read("telegram", path)
    assert result.said == [SAID]
    assert [turn.time for turn in result.conversations[0]] == [1620288000 + 60 * n for n in range(1, 6)]
    assert result.conversations[0][0].aliases == ("user_Ida",)
    assert result.dropped == {
        "system message": 1,
        "media or other content without text": 1,
        "forwarded message": 1,
    }


def test_an_export_of_everything_has_a_conversation_a_chat(tmp_path):
    path = write(tmp_path, json.dumps(ALL, indent=1))
    assert recognized(path) == "telegram"
    assert read("telegram", path).said == [SAID, [("Kim", "yo")]]


def test_without_seconds_the_date_counts(tmp_path):
    pair = [message("Ida", "hi"), message("Jon", "hello") | {"date": "2021-05-06T11:00:00"}]
    for said in pair:
        del said["date_unixtime"]
    pair.append(message("Ida", "when?") | {"date_unixtime": "never"})
    first, second, third = read("telegram", write(tmp_path, json.dumps({"messages": pair}))).conversations[0]
    assert second.time - first.time == 3600
    assert third.time is None


def test_a_cut_export_is_an_error_with_its_line(tmp_path):
    content = json.dumps(CHAT, indent=1)
    cut = content[: content.index("who was I")]
    with pytest.raises(CorpusError, match=rf"source:{cut.count(chr(10)) + 1}: damaged JSON"):
        read("telegram", write(tmp_path, cut))


def test_bytes_that_are_not_utf8_are_an_error_with_their_line(tmp_path):
    content = json.dumps(CHAT, indent=1).encode().replace(b"who was I", b"caf\xe9")
    line = content[: content.index(b"caf")].count(b"\n") + 1
    with pytest.raises(CorpusError, match=rf"source:{line}: damaged JSON"):
        read("telegram", write(tmp_path, content))


def test_a_message_that_is_no_object_is_a_problem_and_the_rest_is_read(tmp_path):
    result = read("telegram", write(tmp_path, json.dumps({"messages": [1, message("Ida", "hi")]}, indent=1)))
    assert (result.said, result.problems) == ([[("Ida", "hi")]], ["3: a message that is no object"])


@pytest.mark.parametrize(
    ("more", "reason"),
    [
        ({"forwarded_from": "Some channel"}, "forwarded message"),
        ({"forwarded_from": None}, "forwarded message"),
        ({"saved_from": None}, "forwarded message"),
        ({"via_bot": "@gifs"}, "message made by a bot"),
    ],
)
def test_what_the_sender_did_not_write_is_left_out_and_counted(tmp_path, more, reason):
    result = read("telegram", write(tmp_path, json.dumps({"messages": [message("Ida", "not mine", **more)]})))
    assert (result.said, result.dropped) == ([[("Ida", "")]], {reason: 1})


def test_a_reply_names_the_message_it_answers_unless_that_is_a_topic(tmp_path):
    messages = [
        {"id": 7, "type": "service", "action": "topic_created", "title": "bees", "text": ""},
        message("Ida", "in the topic", 8, reply_to_message_id=7),
        message("Jon", "about that", 9, reply_to_message_id=8),
        message("Ida", "elsewhere", 10, reply_to_message_id=8, reply_to_peer_id="channel5"),
    ]
    turns = read("telegram", write(tmp_path, json.dumps({"messages": messages}))).conversations[0]
    assert [(turn.id, turn.answers) for turn in turns] == [("8", None), ("9", "8"), ("10", "channel5/8")]


def test_in_a_chat_with_a_bot_the_bot_is_known_for_one(tmp_path):
    chat = {"name": "Helper", "type": "bot_chat", "id": 5, "messages": []}
    chat["messages"] += [message("Ida", "/start"), message("Helper", "Hi!", from_id="user5")]
    path = write(tmp_path, json.dumps({"chats": {"list": [chat, CHAT]}}))
    bots = [{turn.speaker for turn in turns if turn.is_bot} for turns in read("telegram", path).conversations]
    assert bots == [{"Helper"}, set()]


def test_text_nested_however_deep_is_a_problem_with_its_line(tmp_path):
    deep = json.dumps(CHAT, indent=1).replace('"hi"', "[" * 100_000 + '"hi"' + "]" * 100_000)
    result = read("telegram", write(tmp_path, deep))
    assert result.problems == ["13: nested more than 100 levels deep"]
    assert result.said == [SAID[1:]]
