import contextlib
import gzip
import json
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatbot.corpus import read_pairs
from chatbot.corpus.formats import FORMATS
from chatbot.corpus.formats.parsing.intake import Intake
from chatbot.corpus.importing.convert import ImportJob, choose_format, convert
from chatbot.corpus.importing.pairing import make_pairs
from chatbot.corpus.importing.pairing_rules import PairingRules
from chatbot.corpus.importing.recognition import load_format, recognize
from chatbot.corpus.reading.import_counts import ImportCounts
from chatbot.errors import CorpusError
from tests.conftest import refuse
from tests.corpus.formats.reading import recognized, write

CHAT = "13/05/2021, 09:41 - Ida: hi\n13/05/2021, 09:42 - Jon: hello\n13/05/2021, 09:43 - Ida: bye\n"


def convert_all(job):
    tally, problems = ImportCounts(), []
    convert(job, choose_format(job), tally, problems.append)
    return tally, problems


def test_a_file_becomes_a_corpus(tmp_path):
    job = ImportJob(write(tmp_path, CHAT), tmp_path / "out.tsv", rules=PairingRules(speaker="jon"))
    tally, problems = convert_all(job)
    assert (tmp_path / "out.tsv").read_text() == "hi\thello\n"
    assert (tally.conversations, tally.pairs, problems) == (1, 1, [])


def test_compressed_files_are_recognized_and_read_as_they_are(tmp_path):
    path = write(tmp_path, gzip.compress(CHAT.encode()), "chat.txt.gz")
    assert recognized(path) == "whatsapp"
    tally, _ = convert_all(ImportJob(path, tmp_path / "out.tsv"))
    assert tally.pairs == 2


def test_a_format_that_is_named_is_taken(tmp_path):
    path = write(tmp_path, "a\tb\nQ,A\tc\n")
    assert choose_format(ImportJob(path, tmp_path / "out")).name == "tatoeba"
    assert choose_format(ImportJob(path, tmp_path / "out", "csv")).name == "csv"


def test_what_is_not_recognized_is_an_error_that_lists_the_formats(tmp_path):
    with pytest.raises(CorpusError, match=r"source: not recognized; .*name it with --format: cornell, ") as caught:
        choose_format(ImportJob(write(tmp_path, "just some words\n"), tmp_path / "out"))
    assert all(name in str(caught.value) for name in FORMATS)


@pytest.mark.parametrize(
    ("content", "what"),
    [(b"", "empty"), (b" \n\n", "empty"), (b"PK\x03\x04rest", "zip"), (" \n".encode("utf-16"), "empty")],
)
def test_files_of_no_text_are_errors_whatever_format_is_asked_for(tmp_path, content, what):
    path = write(tmp_path, content)
    for name in (None, *FORMATS):
        with pytest.raises(CorpusError, match=f"source: .*{what}"):
            choose_format(ImportJob(path, tmp_path / "out", name))


def test_missing_files_and_folders_are_errors(tmp_path):
    with pytest.raises(CorpusError, match="none: no such file or folder"):
        choose_format(ImportJob(tmp_path / "none", tmp_path / "out"))
    with pytest.raises(CorpusError, match="not recognized"):
        choose_format(ImportJob(tmp_path, tmp_path / "out"))
    for name in set(FORMATS) - {"cornell"}:
        with pytest.raises(CorpusError, match=f"{tmp_path}: a folder without any text"):
            convert_all(ImportJob(tmp_path, tmp_path / "out", name))


def test_options_that_mean_nothing_for_a_format_are_errors(tmp_path):
    path = write(tmp_path, "a\tb\n")
    with pytest.raises(CorpusError, match="--as is for chats"):
        choose_format(ImportJob(path, tmp_path / "out", rules=PairingRules(speaker="Ida")))
    with pytest.raises(CorpusError, match="--columns is for tables and JSON"):
        choose_format(ImportJob(path, tmp_path / "out", columns=("x", "y")))


def test_a_name_that_nobody_has_is_an_error_that_says_who_speaks(tmp_path):
    job = ImportJob(write(tmp_path, CHAT), tmp_path / "out.tsv", rules=PairingRules(speaker="Kim"))
    with pytest.raises(CorpusError, match=r"nobody is called 'Kim'; who speaks: Ida \(2\), Jon \(1\)"):
        convert_all(job)
    assert not (tmp_path / "out.tsv").exists()


def test_a_person_without_words_is_an_error_that_says_so(tmp_path):
    content = f"{CHAT}13/05/2021, 09:44 - Kim: <Media omitted>\n"
    job = ImportJob(write(tmp_path, content), tmp_path / "out.tsv", rules=PairingRules(speaker="kim"))
    with pytest.raises(CorpusError, match=r"'kim' says nothing in words; who speaks: Ida \(2\), Jon \(1\)"):
        convert_all(job)


def test_a_file_without_a_pair_is_an_error_that_says_why(tmp_path):
    job = ImportJob(write(tmp_path, "13/05/2021, 09:41 - Ida: <Media omitted>\n"), tmp_path / "out.tsv")
    with pytest.raises(CorpusError, match=r"no pair found as WhatsApp chat \(left out: 1 × media or .*\)"):
        convert_all(job)
    assert not (tmp_path / "out.tsv").exists()


def talk_with_a_bot(tmp_path):
    people = [("ida", "rain today?", False), ("Rain", "Yes.", True), ("ida", "oh", False)]
    messages = [
        {"type": "Default", "content": text, "author": {"id": who, "name": who, "isBot": bot}}
        for who, text, bot in people
    ]
    return write(tmp_path, json.dumps({"guild": {"id": "1"}, "channel": {"id": "2"}, "messages": messages}))


def test_a_bot_is_learned_where_it_is_named_and_the_errors_say_so(tmp_path):
    path, output = talk_with_a_bot(tmp_path), tmp_path / "out.tsv"
    with pytest.raises(CorpusError, match=r"1 × message of a bot\); --as NAME learns the replies of a bot: Rain \(1\)"):
        convert_all(ImportJob(path, output))
    with pytest.raises(CorpusError, match=r"nobody is called 'Kim'; who speaks: ida \(2\); bots: Rain \(1\)"):
        convert_all(ImportJob(path, output, rules=PairingRules(speaker="Kim")))
    convert_all(ImportJob(path, output, rules=PairingRules(speaker="rain")))
    assert output.read_text() == "rain today?\tYes.\n"


def test_a_damaged_document_leaves_no_corpus(tmp_path):
    messages = [{"type": "message", "from": who, "from_id": who, "text": "hi"} for who in ("a", "b") * 50]
    content = json.dumps({"messages": messages}, indent=1)
    with pytest.raises(CorpusError, match=r"source:\d+: damaged JSON"):
        convert_all(ImportJob(write(tmp_path, content[:-20]), tmp_path / "out.tsv"))
    assert [file.name for file in tmp_path.iterdir()] == ["source"]


#: One small file of each format that is a file of text.
SAMPLES = {name: example for name in FORMATS if (example := load_format(name).example)}


@pytest.mark.parametrize("name", ["telegram", "telegram-html", "messenger", "slack", "signal", "imessage"])
def test_a_message_of_ten_megabytes_in_one_line_is_read_and_dropped_as_too_long(tmp_path, name):
    content = SAMPLES[name].replace("hi", "ha " * 3_500_000)
    tally = ImportCounts()
    list(make_pairs(load_format(name).read(write(tmp_path, content), Intake(tally, refuse)), PairingRules(), tally))
    assert tally.dropped == {"turn of more than 100,000 characters": 1}


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("name", SAMPLES)
def test_each_format_is_told_from_all_others_by_its_content(tmp_path, name, end):
    path = write(tmp_path, SAMPLES[name].replace("\n", end))
    assert recognized(path) == name
    assert load_format(name).name == name


def test_every_format_has_a_sample():
    assert {*SAMPLES, "cornell"} == set(FORMATS)


damage = ["\r\n", "\0", "\t", '"', "{", "]", "\udc80", " +++$+++ ", "- ", "\ufeff", "é"]
pieces = st.lists(st.sampled_from([*SAMPLES.values(), *damage]), min_size=1, max_size=6)


@given(st.sampled_from([None, *FORMATS]), pieces, st.integers(0, 60), st.integers(0, 60))
def test_no_bytes_whatever_are_a_crash(tmp_path_factory, name, parts, start, end):
    folder = tmp_path_factory.mktemp("any")
    content = "".join(parts).encode("utf-8", errors="surrogateescape")
    path = write(folder, content[start : len(content) - end] or b"x")
    with contextlib.suppress(CorpusError):
        convert_all(ImportJob(path, folder / "out.tsv", name))
        assert list(read_pairs(folder / "out.tsv", refuse))


def test_a_format_is_recognized_from_a_whole_corpus_as_from_a_line(tmp_path):
    for name, content in SAMPLES.items():
        if name not in ("telegram", "discord", "sharegpt", "chatgpt", "claude", "alpaca", "chatterbot"):
            assert recognize(write(tmp_path, content + content.splitlines(keepends=True)[-1] * 50_000)).name == name


def test_a_table_in_another_encoding_is_an_error_that_says_what_to_do(tmp_path):
    path = write(tmp_path, "Q,A,label\n심심해,산책 어때요?,0\n".encode("cp949"))
    with pytest.raises(CorpusError, match=r"no pair found .*\(left out: 1 × damaged\); try: .* --encoding cp949$"):
        convert_all(ImportJob(path, tmp_path / "out.tsv"))


def discord_export(*said):
    messages = [
        {"id": str(number), "type": "Default", "timestamp": f"2024-05-06T10:{number:02}:00+00:00", "content": text}
        | {"author": {"id": who, "name": who, "isBot": False}}
        for number, who, text in said
    ]
    return json.dumps({"guild": {"id": "1"}, "channel": {"id": "2"}, "messages": messages})


def test_the_parts_of_a_channel_are_one_conversation_in_their_order(tmp_path):
    parts = tmp_path / "parts"
    parts.mkdir()
    write(parts, discord_export((1, "ida", "hi"), (2, "jon", "hello")), "Bees - general [7].json")
    write(parts, discord_export((3, "ida", "tea?"), (4, "jon", "yes")), "Bees - general [7] [part 2].json")
    write(parts, discord_export((5, "ida", "cake?")), "Bees - general [7] [part 10].json")
    write(parts, discord_export((6, "ida", "apart"), (7, "jon", "indeed")), "Bees - other [8].json")
    tally, problems = convert_all(ImportJob(parts, tmp_path / "out.tsv"))
    pairs = ["hi\thello", "hello\ttea?", "tea?\tyes", "yes\tcake?", "apart\tindeed"]
    assert (tmp_path / "out.tsv").read_text().splitlines() == pairs
    assert (tally.conversations, problems) == (2, [])


def test_a_folder_of_archives_alone_names_them(tmp_path):
    inside = tmp_path / "exports"
    inside.mkdir()
    write(inside, b"PK\x05\x06" + bytes(18), "chat.zip")
    (inside / "picture.jpg").write_bytes(b"\xff\xd8\xff")
    with pytest.raises(CorpusError) as caught:
        choose_format(ImportJob(inside, tmp_path / "out.tsv"))
    assert str(caught.value) == (
        f"{inside}: not recognized; it looks like a folder without a chat in a known format (chat.zip, picture.jpg);"
        f" name the archive itself, {inside / 'chat.zip'}"
    )
    (inside / "chat.zip").unlink()
    with pytest.raises(CorpusError, match=r"known format \(picture.jpg\); name one file in it that holds a chat$"):
        choose_format(ImportJob(inside, tmp_path / "out.tsv"))


def test_the_source_is_never_overwritten(tmp_path):
    source, link = write(tmp_path, CHAT, "chat.txt"), tmp_path / "link.txt"
    link.symlink_to(source)
    archive = tmp_path / "chat.zip"
    with zipfile.ZipFile(archive, "w") as packed:
        packed.write(source, "chat.txt")
    before = archive.read_bytes()
    for named, output in [(source, source), (source, link), (link, source), (archive / "chat.txt", archive)]:
        with pytest.raises(CorpusError, match="the file that is to be imported; choose another name"):
            convert_all(ImportJob(named, output, overwrite=True))
    assert (source.read_text(), archive.read_bytes()) == (CHAT, before)
