import json
import zipfile

import pytest

from chatbot.corpus.formats.messenger import mend
from chatbot.errors import CorpusError
from tests.corpus.formats.reading import read, recognized, write

START = 1_600_000_000_000


def damaged(text):
    return text.encode().decode("latin-1")


def message(who, text, minute=0, **more):
    said = {} if text is None else {"content": damaged(text)}
    return {"sender_name": damaged(who), "timestamp_ms": START + 60_000 * minute, **said, **more}


def chat(*messages):
    """A part as the download has it: the newest message first."""
    names = [{"name": damaged("Zoë Berg")}, {"name": "Max Lind"}]
    return {"participants": names, "messages": list(reversed(messages)), "title": "x", "thread_path": "inbox/x_1"}


def write_chat(folder, *messages, name="message_1.json"):
    folder.mkdir(parents=True, exist_ok=True)
    return write(folder, json.dumps(chat(*messages)), name)


def test_a_chat_is_read_from_the_oldest_message_with_its_letters_mended(tmp_path):
    path = write_chat(tmp_path, message("Zoë Berg", "café? 😀", 0), message("Max Lind", "Sí — gern", 1))
    assert recognized(path) == "messenger"
    result = read("messenger", path)
    assert result.said == [[("Zoë Berg", "café? 😀"), ("Max Lind", "Sí — gern")]]
    assert [turn.time for turn in result.conversations[0]] == [START / 1000, START / 1000 + 60]


@pytest.mark.parametrize("text", ["plain", "", "fiancé", "日本", "Ã© 日本", "¡hola!"])
def test_what_was_not_damaged_stays_as_it_is(text):
    assert mend(text) == text
    assert mend(damaged(text)) == text


def test_the_parts_of_a_chat_are_one_conversation_and_each_folder_is_one(tmp_path):
    inbox = tmp_path / "your_facebook_activity" / "messages" / "inbox"
    for part in range(12):  # the first is the newest, and ten comes behind nine
        first = 100 - 2 * part
        write_chat(
            inbox / "max_1",
            message("Max Lind", f"m{first}", first),
            message("Zoë Berg", f"m{first + 1}", first + 1),
            name=f"message_{part + 1}.json",
        )
    write_chat(inbox / "ida_2", message("Ida", "hi"), message("Zoë Berg", "yo", 1))
    write(inbox.parent, json.dumps({"autofill": {"name": "x"}}), "autofill_information.json")
    assert recognized(tmp_path) == "messenger"
    texts = read("messenger", tmp_path).texts
    assert texts == [["hi", "yo"], [f"m{number}" for number in range(78, 102)]]

    with zipfile.ZipFile(tmp_path / "facebook.zip", "w") as archive:
        for file in sorted(inbox.rglob("*.json")):
            archive.write(file, file.relative_to(tmp_path))
    assert recognized(tmp_path / "facebook.zip") == "messenger"
    assert read("messenger", tmp_path / "facebook.zip").texts == texts


SYSTEM, MEDIA = "system message", "media or other content without text"
DELETED, REACTION = "deleted message", "notice of a reaction"


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        (message("Max Lind", None, photos=[{"uri": "a.jpg"}]), MEDIA),
        (message("Max Lind", None, sticker={"uri": "a.png"}), MEDIA),
        (message("Max Lind", "You sent an attachment.", share={"link": "https://example.com"}), MEDIA),
        (message("Max Lind", "Max sent an attachment.", share={"link": "https://example.com"}), MEDIA),
        (message("Max Lind", "Max hat einen Anhang gesendet.", share={"link": "https://example.com"}), MEDIA),
        (message("Max Lind", "Max a envoyé une pièce jointe.", share={"link": "https://example.com"}), MEDIA),
        (message("Max Lind", "Max envió un archivo adjunto.", share={}), MEDIA),
        (message("Max Lind", None, is_unsent=True), DELETED),
        (message("Max Lind", "Max unsent a message"), DELETED),
        (message("Max Lind", "Liked a message"), REACTION),
        (message("Max Lind", "Reacted 😂 to your message "), REACTION),
        (message("Max Lind", "Zoë called you.", call_duration=0), SYSTEM),
        (message("Max Lind", "Anruf beendet", call_duration=61), SYSTEM),
        (message("Max Lind", "x", type="Call"), SYSTEM),
        (message("Max Lind", "Max Lind hat die Gruppe verlassen."), SYSTEM),
        (message("Max Lind", "You named the group bees."), SYSTEM),
        (message("Max Lind", "Max set the nickname for Zoë to Z."), SYSTEM),
        (message("Max Lind", "Video chat ended"), SYSTEM),
    ],
)
def test_what_the_apps_write_is_left_out_and_counted(tmp_path, said, reason):
    result = read("messenger", write_chat(tmp_path, message("Zoë Berg", "hi"), said))
    assert [turn.text for turn in result.conversations[0] if turn.text] == ["hi"]
    assert result.dropped == {reason: 1}


@pytest.mark.parametrize(
    "text",
    [
        "I missed you",
        "You left the group? Why?",
        "max out the volume",
        "I sent an attachment to your work mail, look there please",
        "the call ended badly",
    ],
)
def test_what_people_write_stays(tmp_path, text):
    result = read("messenger", write_chat(tmp_path, message("Zoë Berg", text, photos=[{"uri": "a.jpg"}])))
    assert (result.texts, result.dropped) == ([[text]], {})


def test_the_download_of_encrypted_chats_is_read_too(tmp_path):
    messages = [
        {"senderName": "Zoë", "text": "schön", "timestamp": START + 5, "type": "text", "isUnsent": False, "media": []},
        {"senderName": "Max", "text": "grüß dich", "timestamp": START, "type": "text", "isUnsent": False, "media": []},
        {"senderName": "Max", "text": "", "timestamp": START + 1, "type": "text", "isUnsent": True, "media": []},
        {"senderName": "Zoë", "text": "You called Max.", "timestamp": START + 2, "type": "placeholder"},
        {"senderName": "Zoë", "text": "", "timestamp": START + 3, "type": "media", "media": [{"uri": "a.jpg"}]},
    ]
    content = {"participants": ["Zoë", "Max"], "threadName": "Max_7", "messages": messages}
    path = write(tmp_path, json.dumps(content, ensure_ascii=False), "Max_7.json")
    assert recognized(path) == recognized(tmp_path) == "messenger"
    result = read("messenger", path)
    assert result.said == [[("Max", "grüß dich"), ("Max", ""), ("Zoë", ""), ("Zoë", "schön")]]
    assert result.dropped == {DELETED: 1, SYSTEM: 1, MEDIA: 1}


def test_the_html_download_is_an_error_that_says_to_choose_json(tmp_path):
    inbox = tmp_path / "inbox" / "max_1"
    inbox.mkdir(parents=True)
    page = '<html><body><div class="_3-95 _a6-g"><div class="_2ph_ _a6-h">Max Lind</div></div></body></html>'
    path = write(inbox, page, "message_1.html")
    for source in (path, tmp_path):
        assert recognized(source) == "messenger"
        with pytest.raises(CorpusError, match="choose the format JSON"):
            read("messenger", source)


def test_a_message_that_is_none_is_a_problem_and_a_damaged_part_an_error_with_its_line(tmp_path):
    path = write(tmp_path, json.dumps(chat() | {"messages": [7, message("Ida", "hi")]}, indent=1))
    result = read("messenger", path)
    assert (result.texts, len(result.problems)) == ([["hi"]], 1)
    assert result.problems[0].endswith(": a message that is no object")
    path.write_text(path.read_text()[:-40])
    with pytest.raises(CorpusError, match=r"source:\d+: damaged JSON"):
        read("messenger", path)
