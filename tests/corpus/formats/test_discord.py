import json

import pytest

from chatbot.errors import CorpusError
from tests.corpus.formats.reading import read, recognized, write


def message(who, content, at="2021-05-06T10:00:00.123+00:00", kind="Default", bot=False, **more):
    author = {"id": f"9{who}", "name": who, "discriminator": "0001", "nickname": who.title(), "isBot": bot}
    return {"id": "1", "type": kind, "timestamp": at, "content": content, "author": author, "attachments": [], **more}


EXPORT = {
    "guild": {"id": "1", "name": "bees"},
    "channel": {"id": "2", "type": "GuildTextChat", "name": "general"},
    "dateRange": {"after": None, "before": None},
    "exportedAt": "2024-01-01T00:00:00+00:00",
    "messages": [
        message("ida", "Joined the server.", kind="GuildMemberJoin"),
        message("ida", "hi @Jon"),
        message("jon", "hello", "2021-05-06T12:00:00.1234567+02:00", kind="Reply"),
        message("jon", ""),
        message("ida", "what was that?", "once"),
    ],
    "messageCount": 5,
}


def test_a_channel_is_a_conversation_of_people_with_several_names(tmp_path):
    path = write(tmp_path, "\ufeff" + json.dumps(EXPORT, indent=2))
    assert recognized(path) == "discord"
    result = read("discord", path)
    assert result.said == [[("ida", "hi @Jon"), ("jon", "hello"), ("jon", ""), ("ida", "what was that?")]]
    first, second, *_, last = result.conversations[0]
    assert first.aliases == ("Ida", "ida#0001", "9ida")
    assert second.time == pytest.approx(first.time, abs=1)
    assert last.time is None
    assert result.dropped == {"system message": 1, "media or other content without text": 1}


def test_a_message_without_an_author_is_a_problem_and_the_rest_is_read(tmp_path):
    result = read("discord", write(tmp_path, json.dumps({"messages": [{"type": "Default"}, message("ida", "hi")]})))
    assert (result.said, result.problems) == ([[("ida", "hi")]], ["1: a message without an author"])


def read_messages(tmp_path, *messages):
    return read("discord", write(tmp_path, json.dumps({"messages": messages})))


def test_a_reply_names_the_message_it_answers(tmp_path):
    reply = message("jon", "at nine", kind="Reply", id="2", reference={"type": "Default", "messageId": "1"})
    gone = message("ida", "so what", kind="Reply", id="3", reference={"messageId": None})
    turns = read_messages(tmp_path, message("ida", "when?"), reply, gone).conversations[0]
    assert [(turn.id, turn.answers) for turn in turns] == [("1", None), ("2", "1"), ("3", "None")]


def test_marks_are_read_as_people_see_them(tmp_path):
    people = [{"id": "91", "name": "jon", "nickname": "Jon ✿"}, "nobody"]
    said = message("ida", "<@91>, <@!92> see <#7> <:bee:123456> <a:buzz:1> <@&5> < @91> <3", mentions=people)
    assert read_messages(tmp_path, said).texts == [["@\u2068Jon ✿\u2069,  see  :bee: :buzz:  < @91> <3"]]


def test_what_is_forwarded_is_left_out_and_counted_as_that(tmp_path):
    forwards = [{"reference": {"type": "Forward", "messageId": "7"}}, {"forwardedMessage": {"content": "news"}}]
    for more in forwards:
        result = read_messages(tmp_path, message("ida", "", **more), message("jon", "hm"))
        assert (result.texts, result.dropped) == ([["", "hm"]], {"forwarded message": 1})


def test_a_bot_is_known_for_one_and_its_posts_are_no_media_of_people(tmp_path):
    result = read_messages(
        tmp_path, message("rain", "", bot=True), message("rain", "Rain.", kind="20", bot=True), message("ida", "oh")
    )
    assert [turn.is_bot for turn in result.conversations[0]] == [True, True, False]
    assert result.dropped == {}


def test_messages_that_are_all_blank_point_at_the_intent_of_the_bot_that_exported_them(tmp_path):
    with pytest.raises(CorpusError, match=r"source: all 2 messages are without text; .* message content intent"):
        read_messages(tmp_path, message("ida", ""), message("jon", " "))


def test_messages_that_are_all_pictures_do_not(tmp_path):
    picture = message("ida", "", attachments=[{"fileName": "bee.png"}])
    assert read_messages(tmp_path, picture).dropped == {"media or other content without text": 1}


@pytest.mark.parametrize("share", [0.3, 0.6, 0.95])
def test_a_cut_export_is_an_error_with_its_line(tmp_path, share):
    content = json.dumps(EXPORT, indent=2)
    cut = content[: int(share * len(content))]
    with pytest.raises(CorpusError, match=rf"source:{cut.count(chr(10)) + 1}: damaged JSON"):
        read("discord", write(tmp_path, cut))
