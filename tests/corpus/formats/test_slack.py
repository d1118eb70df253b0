import json
import zipfile

import pytest

from chatbot.corpus.formats.parsing.intake import Intake
from chatbot.corpus.importing.pairing import make_pairs
from chatbot.corpus.importing.pairing_rules import PairingRules
from chatbot.corpus.importing.recognition import load_format
from chatbot.corpus.reading.import_counts import ImportCounts
from tests.conftest import refuse
from tests.corpus.formats.reading import read, recognized, write

USERS = [
    {"id": "U1", "name": "zoe", "real_name": "Zoë Berg", "profile": {"display_name": "Zoë", "real_name": "Zoë Berg"}},
    {"id": "U2", "name": "max", "real_name": "Max Lind", "profile": {"display_name": ""}},
    {"id": "U3", "name": "deploys", "real_name": "Deploys", "is_bot": True},
]


def message(who, text, ts, **more):
    return {"type": "message", "user": who, "text": text, "ts": f"1600000{ts:03}.000100", **more}


def in_thread(who, text, ts, root, **more):
    return message(who, text, ts, thread_ts=f"1600000{root:03}.000100", **more)


MONDAY = [
    message("U1", "<@U1> has joined the channel", 0, subtype="channel_join"),
    message("U1", "who has the <https://example.com/key|spare key>?", 1, thread_ts="1600000001.000100"),
    message("U2", "lunch &amp; a walk, <@U1>? ask <@U9>  <!here>", 2),
    in_thread("U2", "I do", 3, 1),
    message("U1", "yes :smile:", 4),
    in_thread("U2", "in the drawer", 5, 1),
]
TUESDAY = [
    in_thread("U1", "found it", 200, 1, subtype="thread_broadcast"),
    message("U3", "build 7 is out", 201),
    {"type": "message", "subtype": "bot_message", "bot_id": "B1", "username": "CI", "text": "ok", "ts": "1600000202.0"},
    message("U2", "", 203, files=[{"name": "bee.png"}]),
    message("U1", "<@U1> uploaded a file: bees", 204, subtype="file_share"),
    in_thread("U2", "who asked?", 205, 77),
]


def write_export(folder):
    write(folder, json.dumps(USERS), "users.json")
    write(folder, json.dumps([{"id": "C1", "name": "general"}]), "channels.json")
    for channel, days in {"general": (MONDAY, TUESDAY), "random": ([message("U1", "hm", 9)],)}.items():
        (folder / channel).mkdir()
        for number, day in enumerate(days):
            write(folder / channel, json.dumps(day), f"2020-09-1{3 + number}.json")


SAID = [
    ("Zoë", "who has the spare key?"),
    ("Max Lind", "lunch & a walk, @\u2068Zoë\u2069? ask   @here"),
    ("Zoë", "yes :smile:"),
    ("Deploys", "build 7 is out"),
    ("CI", "ok"),
    ("Max Lind", ""),
    ("Zoë", ""),
    ("Max Lind", "I do"),
    ("Max Lind", "in the drawer"),
    ("Zoë", "found it"),
    ("Max Lind", "who asked?"),
]


def test_a_channel_is_a_conversation_with_its_threads_behind_it(tmp_path):
    write_export(tmp_path)
    assert recognized(tmp_path) == "slack"
    result = read("slack", tmp_path)
    assert result.said == [SAID, [("Zoë", "hm")]]
    assert result.dropped == {"system message": 1, "media or other content without text": 2}
    turns = result.conversations[0]
    assert [turn.answers for turn in turns[-4:]] == ["1600000001.000100", None, None, "1600000077.000100"]
    assert (turns[0].id, turns[0].time, turns[0].aliases) == (
        "1600000001.000100",
        1600000001.0001,
        ("Zoë Berg", "zoe", "U1"),
    )
    assert [turn.speaker for turn in turns if turn.is_bot] == ["Deploys", "CI"]


def test_a_thread_is_a_conversation_that_begins_with_the_message_it_is_about(tmp_path):
    write_export(tmp_path)
    tally = ImportCounts()
    turns = load_format("slack").read(tmp_path, Intake(tally, refuse))
    assert list(make_pairs(turns, PairingRules(), tally)) == [
        ("lunch & a walk, @Zoë? ask @here", "yes :smile:"),
        ("who has the spare key?", "I do in the drawer"),
        ("I do in the drawer", "found it"),
    ]
    assert tally.dropped["answer to a message that is missing or too far back"] == 1


def test_the_zip_is_read_as_it_is(tmp_path):
    folder = tmp_path / "export"
    folder.mkdir()
    write_export(folder)
    with zipfile.ZipFile(tmp_path / "slack.zip", "w") as archive:
        for file in sorted(folder.rglob("*.json")):
            archive.write(file, file.relative_to(folder))
    assert recognized(tmp_path / "slack.zip") == "slack"
    assert read("slack", tmp_path / "slack.zip").said == [SAID, [("Zoë", "hm")]]


def test_the_file_of_a_day_is_read_with_the_names_that_lie_beside_its_folder(tmp_path):
    write_export(tmp_path)
    day = tmp_path / "general" / "2020-09-13.json"
    assert recognized(day) == "slack"
    assert read("slack", day).said[0][:2] == SAID[:2]
    (tmp_path / "users.json").unlink()
    assert read("slack", day).said[0][0] == ("U1", "who has the spare key?")


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        ("<@U7|kim> hi", "@\u2068kim\u2069 hi"),
        ("see <#C1|general> and <#C2>", "see #general and "),
        ("<mailto:a@example.com|a@example.com>", "a@example.com"),
        ("<https://example.com>", "https://example.com"),
        ("<!subteam^S1|@crew> <!date^1^{date}|May 1> <!channel>", "@crew May 1 @channel"),
        ("1 &lt; 2 &amp;lt; <3", "1 < 2 &lt; <3"),
        ("<" * 100_000, "<" * 100_000),
    ],
)
def test_marks_are_read_as_people_see_them(tmp_path, raw, text):
    path = write(tmp_path, json.dumps([message("U1", raw, 1)]))
    assert read("slack", path).texts == [[text]]


def test_a_message_that_is_none_is_a_problem(tmp_path):
    result = read("slack", write(tmp_path, json.dumps([message("U1", "hi", 1), 5], indent=1)))
    assert (result.texts, [problem.split(": ")[1] for problem in result.problems]) == (
        [["hi"]],
        ["a message that is no object"],
    )
