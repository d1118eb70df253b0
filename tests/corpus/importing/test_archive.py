import gzip
import io
import random
import struct
import zipfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatbot.corpus.importing.convert import ImportJob, choose_format, convert
from chatbot.corpus.importing.pairing_rules import PairingRules
from chatbot.corpus.reading.folders import files_in
from chatbot.corpus.reading.import_counts import ImportCounts
from chatbot.corpus.reading.open_file import open_bytes
from chatbot.errors import CorpusError
from tests.corpus.formats.reading import recognized
from tests.corpus.meter import Meter

IDA = "13/05/2021, 09:41 - Ida: hi\n13/05/2021, 09:42 - Jon: hello\n13/05/2021, 09:43 - Ida: caf\u00e9?\n"
KIM = "[14/05/2021, 10:00:00] Kim: back home?\n[14/05/2021, 10:01:00] Lou: since noon\n"
TELEGRAM = (
    '{"name": "Kim", "type": "personal_chat", "id": 1, "messages": ['
    '{"id": 1, "type": "message", "date_unixtime": "1", "from": "Kim", "from_id": "user1", "text": "hungry?"},'
    '{"id": 2, "type": "message", "date_unixtime": "2", "from": "Lou", "from_id": "user2", "text": "always"}]}'
)


def pack(path, files, method=zipfile.ZIP_DEFLATED):
    with zipfile.ZipFile(path, "w", method) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return path


def imported(folder, source, **job):
    tally, problems = ImportCounts(), []
    out = folder / "out.tsv"
    job = ImportJob(source, out, overwrite=True, **job)
    convert(job, choose_format(job), tally, problems.append)
    return out.read_text().splitlines(), tally, list(map(str, problems))


@pytest.mark.parametrize(
    "name", ["_chat.txt", "WhatsApp Chat with Ida.txt", "Чат WhatsApp с Идой.txt", "a/b/_chat.txt"]
)
@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_the_chat_in_a_zip_is_read_beside_its_pictures(tmp_path, name, method):
    source = pack(tmp_path / "chat.zip", {"00000001-PHOTO.jpg": b"\xff\xd8" * 99, name: IDA}, method)
    assert recognized(source) == "whatsapp"
    assert imported(tmp_path, source)[0] == ["hi\thello", "hello\tcafé?"]


def test_every_chat_of_a_zip_is_read_in_the_order_in_which_people_count(tmp_path):
    files = {
        "chat 10.txt": KIM,
        "chat 2.txt": IDA,
        "__MACOSX/._chat 2.txt": b"\0\5",
        ".DS_Store": b"\0",
        "notes.txt": "a",
    }
    pairs, tally, _ = imported(tmp_path, pack(tmp_path / "chats.zip", files))
    assert pairs == ["hi\thello", "hello\tcafé?", "back home?\tsince noon"]
    assert tally.conversations == 2
    assert tally.dropped == {"file that is no WhatsApp chat": 1}


def test_a_folder_is_read_as_its_zip_is(tmp_path):
    files = {"chat 10.txt": KIM, "chat 2.txt": IDA, ".hidden.txt": KIM, "photo.jpg": "x"}
    folder = tmp_path / "chats"
    folder.mkdir()
    for name, content in files.items():
        (folder / name).write_text(content)
    assert imported(tmp_path, folder)[0] == ["hi\thello", "hello\tcafé?", "back home?\tsince noon"]


def test_other_formats_are_read_from_their_zips_as_well(tmp_path):
    source = pack(
        tmp_path / "export.zip", {"export/photos/1.jpg": "x", "export/result.json": TELEGRAM, "export/a.txt": "b"}
    )
    assert recognized(source) == "telegram"
    assert imported(tmp_path, source, rules=PairingRules(speaker="lou"))[0] == ["hungry?\talways"]


def test_a_file_inside_is_named_by_a_path_through_the_archive(tmp_path):
    source = pack(tmp_path / "chats.zip", {"ida.txt": IDA, "old/kim.txt": KIM})
    assert imported(tmp_path, source / "ida.txt")[0] == ["hi\thello", "hello\tcafé?"]
    assert imported(tmp_path, source / "old")[0] == ["back home?\tsince noon"]
    with open_bytes(source / "old" / "kim.txt") as stream:
        assert stream.read() == KIM.encode()


def test_a_problem_inside_an_archive_says_where(tmp_path):
    source = pack(tmp_path / "chats.zip", {"old/ida.txt": IDA.encode().replace(b"\xc3", b"")})
    _, _, problems = imported(tmp_path, source)
    assert problems == [f"{source}/old/ida.txt:3: not UTF-8: byte 0xa9 at column 29"]


def test_a_packed_file_in_a_zip_and_a_zip_in_a_zip(tmp_path):
    inner = pack(tmp_path / "inner.zip", {"_chat.txt": IDA}).read_bytes()
    source = pack(tmp_path / "outer.zip", {"chat.txt.gz": gzip.compress(IDA.encode()), "inner.zip": inner})
    assert imported(tmp_path, source)[0] == ["hi\thello", "hello\tcafé?"]
    with pytest.raises(CorpusError, match=r"outer.zip/inner.zip: a zip archive in another; unpack it first"):
        imported(tmp_path, source / "inner.zip")


def test_names_that_lead_out_of_the_archive_or_cannot_be_printed_are_harmless(tmp_path):
    source = pack(tmp_path / "chats.zip", {"../../etc/a\x1b[2J\n.txt": IDA, "/abs\\kim.txt": KIM})
    assert [str(file.relative_to(source)) for file in files_in(source)] == ["abs/kim.txt", "etc/a?[2J?.txt"]
    assert len(imported(tmp_path, source)[0]) == 3


def test_names_in_utf8_that_do_not_say_so_are_read_as_macos_means_them(tmp_path):
    source = pack(tmp_path / "chats.zip", {"caXX.txt": IDA})
    source.write_bytes(source.read_bytes().replace(b"caXX.txt", "ca\u00e9.txt".encode()))
    assert files_in(source) == [source / "ca\u00e9.txt"]


def test_a_zip_without_text_says_what_is_in_it(tmp_path):
    source = pack(tmp_path / "photos.zip", {f"{number}.jpg": "x" for number in range(7)})
    with pytest.raises(
        CorpusError, match=r"photos.zip: a zip archive without any text; it holds 7 files: 0.jpg, 1.jpg, .*…"
    ):
        imported(tmp_path, source)
    with pytest.raises(CorpusError, match=r"empty.zip: a zip archive without any text; it holds no file"):
        imported(tmp_path, pack(tmp_path / "empty.zip", {}))
    with pytest.raises(CorpusError, match=r"photos.zip/none.txt: not in the archive, which holds 7 files: 0.jpg"):
        imported(tmp_path, source / "none.txt")


def test_an_office_document_is_no_archive_of_texts(tmp_path):
    source = pack(tmp_path / "faq.xlsx", {"[Content_Types].xml": "<x/>", "xl/sharedStrings.xml": "<x/>"})
    with pytest.raises(CorpusError, match="faq.xlsx: an Office document, not text; save it as CSV or as text first"):
        imported(tmp_path, source)


def test_an_encrypted_archive_says_so(tmp_path):
    source = pack(tmp_path / "chat.zip", {"_chat.txt": IDA})
    data = bytearray(source.read_bytes())
    data[6] |= 1  # the flag in the header of the file, and in the directory
    data[data.index(b"PK\x01\x02") + 8] |= 1
    source.write_bytes(data)
    with pytest.raises(CorpusError, match="chat.zip: an encrypted zip archive; unpack it with its password first"):
        imported(tmp_path, source)


@pytest.mark.parametrize("size", [3 << 30, 65 << 20])
def test_what_unpacks_to_far_more_than_text_can_is_not_read(tmp_path, size):
    source = pack(tmp_path / "bomb.zip", {"_chat.txt": IDA})
    data = bytearray(source.read_bytes())
    place = data.index(b"PK\x01\x02") + 24
    data[place : place + 4] = struct.pack("<I", size)
    source.write_bytes(data)
    with pytest.raises(CorpusError, match=rf"bomb.zip: unpacks to {size >> 20:,} MiB, which no text does"):
        imported(tmp_path, source)


def test_many_files_in_the_same_bytes_are_a_bomb_too(tmp_path):
    source = pack(tmp_path / "bomb.zip", {"_chat.txt": random.Random(0).randbytes(500_000).hex()})
    with zipfile.ZipFile(source) as archive:
        info = archive.getinfo("_chat.txt")
        assert info.file_size < 200 * info.compress_size
        copies = []
        for number in range(1000):
            copy = zipfile.ZipInfo(f"{number}.txt")
            copy.file_size, copy.compress_size, copy.CRC = info.file_size, info.compress_size, info.CRC
            copy.compress_type, copy.header_offset = info.compress_type, info.header_offset
            copies.append(copy)
    with zipfile.ZipFile(source, "a") as archive:
        archive.filelist.extend(copies)
        archive._didModify = True
    with pytest.raises(CorpusError, match="bomb.zip: unpacks to .* MiB, which no text does from so few bytes"):
        imported(tmp_path, source)


def test_training_on_an_archive_says_how_to_name_the_file_inside(tmp_path):
    source = pack(tmp_path / "pairs.zip", {"pairs.tsv": "hi\thello\n"})
    with (
        pytest.raises(CorpusError, match=rf"{source}: a zip archive; name a file inside, such as {source}/pairs.tsv"),
        open_bytes(source),
    ):
        pass


WHOLE = io.BytesIO()
with zipfile.ZipFile(WHOLE, "w", zipfile.ZIP_DEFLATED) as whole_archive:
    whole_archive.writestr("_chat.txt", IDA * 20)
    whole_archive.writestr("more/kim.txt", KIM * 20)


@given(st.data())
def test_damage_wherever_it_is_is_an_error_of_one_line_and_never_another_text(tmp_path_factory, data):
    content = bytearray(WHOLE.getvalue())
    for place in data.draw(st.lists(st.integers(4, len(content) - 1), min_size=1, max_size=4)):
        content[place] = data.draw(st.integers(0, 255))
    content = content[: data.draw(st.sampled_from([len(content), len(content) - 1, len(content) // 2, 30]))]
    folder = tmp_path_factory.mktemp("zip")
    (folder / "chat.zip").write_bytes(content)
    said = []
    try:
        for file in files_in(folder / "chat.zip"):
            with open_bytes(file) as stream:
                assert stream.read().decode() in (IDA * 20, KIM * 20)
    except CorpusError as error:
        said = str(error).splitlines()
    assert len(said) <= 1


def test_a_file_without_a_name_is_passed_over(tmp_path):
    source = pack(tmp_path / "chat.zip", {"_chat.txt": IDA, "x.txt": KIM})
    source.write_bytes(source.read_bytes().replace(b"x.txt", b"\0.txt"))
    assert [file.name for file in files_in(source)] == ["_chat.txt"]


def test_a_watch_is_told_of_the_bytes_of_a_file_inside(tmp_path):
    source, meter = pack(tmp_path / "chat.zip", {"_chat.txt": IDA * 9999}), Meter()
    with open_bytes(source / "_chat.txt", meter) as stream:
        stream.read()
    assert meter.sizes == [len(IDA.encode()) * 9999] == [meter.read]


def test_a_path_through_what_is_no_archive_is_a_missing_file(tmp_path):
    (tmp_path / "plain.txt").write_text("hi")
    with pytest.raises(CorpusError, match="plain.txt/inside.txt: no such file"):
        imported(tmp_path, Path(tmp_path / "plain.txt" / "inside.txt"))
