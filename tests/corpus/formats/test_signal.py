import json

import pytest

from tests.corpus.formats.reading import read, recognized, write

#: Messages end with two spaces, of which ~ stands for one.
MARKDOWN = """\
[2022-05-19 10:00:00] Me: are you coming?~~

[2022-05-19 10:01:05] Zoë Berg: with [beans.pdf](./media/beans.pdf)~~
two lines~~
(- Me: 👍 -)

[2022-05-19 10:02:00] Me: ![bee](./media/bee%201.png)~~

[2022-05-19 10:03:00] Zoë Berg: Missed voice call~~

[2022-05-19 10:03:30] No-Sender:~~~

[2022-05-19 10:04:00] Me: (This message was deleted)

[2022-05-19 10:05:00] Me:~

> are you coming?

I ask once more~~

[2022-05-19 10:06:00] Zoë Berg: (media not exported)~~
""".replace("~", " ")
SAID = [
    ("Me", "are you coming?"),
    ("Zoë Berg", "with   \ntwo lines"),
    ("Me", ""),
    ("Me", ""),
    ("Me", "I ask once more"),
    ("Zoë Berg", ""),
]
DROPPED = {"media or other content without text": 2, "system message": 2, "deleted message": 1}


def record(time, sender, body, quote="", **more):
    return {
        "date": f"2022-05-19T10:{time}",
        "sender": sender,
        "body": f"{body}  ",
        "quote": f"\n\n> {quote}\n\n" if quote else "",
        "sticker": None,
        "reactions": [],
        "attachments": [],
        "deleted": False,
        "call": False,
        "missed": False,
        **more,
    }


RECORDS = [
    record("00:00", "Me", "are you coming?"),
    record("01:05", "Zoë Berg", "with   \ntwo lines", reactions=[["Me", "👍"]]),
    record("02:00", "Me", "", attachments=[{"name": "bee", "path": "media/bee.png", "missing_kind": None}]),
    record("03:00", "Zoë Berg", "Missed voice call", call=True, missed=True),
    record("03:30", "No-Sender", ""),
    record("04:00", "Me", "gone", deleted=True),
    record("05:00", "Me", "I ask once more", quote="are you coming?"),
    record("06:00", "Zoë Berg", "", attachments=[{"name": "", "path": "", "missing_kind": "media"}]),
]
LINES = "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in RECORDS)


@pytest.mark.parametrize(("content", "name"), [(MARKDOWN, "chat.md"), (MARKDOWN, "copy.txt"), (LINES, "data.json")])
def test_a_chat_of_signal_export_is_read_from_its_text_or_its_json(tmp_path, content, name):
    path = write(tmp_path, content, name)
    assert recognized(path) == "signal"
    result = read("signal", path)
    assert (result.said, result.dropped, result.problems) == ([SAID], DROPPED, [])
    turns = result.conversations[0]
    assert turns[1].time - turns[0].time == 65
    assert turns[4].answers == turns[0].id


def test_of_a_folder_each_chat_is_read_once(tmp_path):
    for name in ("Zoë", "Kim"):
        (tmp_path / name).mkdir()
        write(tmp_path / name, MARKDOWN, "chat.md")
        write(tmp_path / name, "<html></html>", "index.html")
    write(tmp_path / "Zoë", LINES, "data.json")
    assert recognized(tmp_path) == "signal"
    assert read("signal", tmp_path).said == [SAID, SAID]


def test_the_older_dates_of_signal_export_are_read(tmp_path):
    path = write(tmp_path, "[2019-05-29, 15:04] Me: How is it?\n[2019-05-29, 15:10] Aya: Good!\n", "index.md")
    assert recognized(path) == "signal"
    assert read("signal", path).said == [[("Me", "How is it?"), ("Aya", "Good!")]]


def test_a_whatsapp_chat_with_such_dates_is_none_of_signal(tmp_path):
    assert recognized(write(tmp_path, "[2019-05-29, 15:04:00] Ida: hi\n[2019-05-29, 15:10:00] Jon: yo\n")) == "whatsapp"


FIELDS = """\
Conversation: Zoë Berg (+15550100)

From: You
Type: outgoing
Sent: Thu, 19 May 2022 10:00:00 +0200
Reaction: 👍 from Zoë Berg (+15550100)

are you coming?

with cake

From: Zoë Berg (+15550100)
Type: incoming
Sent: Thu, 19 May 2022 10:01:00 +0200
Received: Thu, 19 May 2022 10:01:02 +0200
Attachment: bee.png (image/png, 11 bytes)

Type: profile-change
Sent: Thu, 19 May 2022 10:01:30 +0200

From: Zoë Berg (+15550100)
Type: incoming
Sent: Thu, 19 May 2022 10:02:00 +0200
Received: Thu, 19 May 2022 10:02:02 +0200

> From: You
> Sent: Thu, 19 May 2022 10:00:00 +0200
>
> are you coming?
>
> with cake

of course

From: You
Type: outgoing
Sent: Thu, 19 May 2022 10:03:00 +0200
Edited: 2 versions

| Version: 2
| Sent: Thu, 19 May 2022 10:04:00 +0200
|
| good, bring forks
|
| Version: 1
| Sent: Thu, 19 May 2022 10:03:00 +0200
|
| god

"""


def test_the_text_of_sigtop_is_read_with_quotations_and_edits(tmp_path):
    path = write(tmp_path, FIELDS, "Zoë Berg (+15550100).txt")
    assert recognized(path) == "signal"
    result = read("signal", path)
    assert result.said == [
        [
            ("You", "are you coming?\n\nwith cake"),
            ("Zoë Berg", ""),
            ("Zoë Berg", "of course"),
            ("You", "good, bring forks"),
        ]
    ]
    assert result.dropped == {"system message": 1, "media or other content without text": 1}
    turns = result.conversations[0]
    assert (turns[2].answers, turns[2].aliases) == (turns[0].id, ("+15550100",))
    assert turns[2].time - turns[0].time == 120


def test_the_short_text_of_sigtop_is_read(tmp_path):
    lines = [
        "2022-05-19 10:00 You: are you coming?",
        "2022-05-19 10:01 Zoë: [reply to You on 2022-05-19 10:00, 1 attachment] of course",
        "with cake",
        "2022-05-19 10:02 You: [2 attachments]",
        "2022-05-19 10:02 You: [edited] [not a detail] fine",
    ]
    path = write(tmp_path, "\n".join(lines))
    assert recognized(path) == "signal"
    assert read("signal", path).said == [
        [("You", "are you coming?"), ("Zoë", "of course\nwith cake"), ("You", ""), ("You", "[not a detail] fine")]
    ]
    turns = read("signal", path).conversations[0]
    assert [turn.answers for turn in turns] == [None, turns[0].id, None, None]


def test_the_json_of_sigtop_is_read_with_its_quotations(tmp_path):
    base = {"conversationId": "c", "id": "x"}
    messages = [
        base | {"type": "outgoing", "body": "are you coming?", "sent_at": 1652954400000},
        base
        | {
            "type": "incoming",
            "body": "yes",
            "sent_at": 1652954460000,
            "source": "+1555",
            "sourceServiceId": "a-b",
            "quote": {"id": 1652954400000, "text": "are you coming?"},
        },
        base
        | {"type": "incoming", "body": "", "sent_at": 1652954470000, "source": "+1555", "deletedForEveryone": True},
        base | {"type": "call-history", "sent_at": 1652954480000},
    ]
    path = write(tmp_path, json.dumps(messages, indent=1))
    assert recognized(path) == "signal"
    result = read("signal", path)
    assert result.said == [[("You", "are you coming?"), ("+1555", "yes"), ("+1555", "")]]
    assert result.dropped == {"deleted message": 1, "system message": 1}
    turns = result.conversations[0]
    assert (turns[1].answers, turns[1].aliases, turns[1].time - turns[0].time) == (turns[0].id, ("a-b",), 60)


def test_json_of_something_else_is_a_problem(tmp_path):
    result = read("signal", write(tmp_path, LINES + '{"sent_by": "a"}\n'))
    assert result.problems == ["9: neither a message of signal-export nor of sigtop"]


@pytest.mark.parametrize("line", ["[" * 10_000_000, "> " * 5_000_000, "(- " * 3_000_000, "![a](" * 2_000_000])
def test_a_line_of_ten_megabytes_is_read_in_a_moment(tmp_path, line):
    result = read("signal", write(tmp_path, f"[2022-05-19 10:00:00] Me: {line}  \n[2022-05-19 10:01:00] Zoë: ok  \n"))
    assert result.texts[0][1] == "ok"
