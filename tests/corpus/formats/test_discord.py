import json

import pytest

from chatbot.errors import CorpusError
from tests.corpus.formats.reading import read, recognized, write


def message(who, content, at="2021-05-06T10:00:00.123+00:00", kind="Default"):
    author = {"id": f"9{who}", "name": who, "discriminator": "0001", "nickname": who.title(), "isBot": False}
    return {"id": "1", "type": kind, "timestamp": at, "content": content, "author": author, "attachments": []}


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


def test_a_message_without_an_author_is_an_error(tmp_path):
    with pytest.raises(CorpusError, match="message without an author"):
        read("discord", write(tmp_path, '{"messages": [{"type": "Default"}]}'))


@pytest.mark.parametrize("share", [0.3, 0.6, 0.95])
def test_a_cut_export_is_an_error_with_its_line(tmp_path, share):
    content = json.dumps(EXPORT, indent=2)
    cut = content[: int(share * len(content))]
    with pytest.raises(CorpusError, match=rf"source:{cut.count(chr(10)) + 1}: damaged JSON"):
        read("discord", write(tmp_path, cut))
