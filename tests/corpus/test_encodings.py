import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatbot.corpus import read_pairs
from chatbot.corpus.reading.encodings import as_utf8, default, guess, is_known, unicode_encoding
from tests.conftest import refuse
from tests.corpus.formats.reading import read, recognized, write

ENGLISH = "When do you open?\tAt nine.\nAnd on Sunday?\tWe rest.\n"
HINDI = "कब खुलता है?\tनौ बजे।\nरविवार को?\tबंद।\n"
KOREAN = "언제열어요?\t아홉시에열어요.\n일요일은?\t쉽니다.\n"
UNICODE = ["utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32"]


def as_read(content, encoding=None):
    return as_utf8(io.BufferedReader(io.BytesIO(content)), encoding).read()


@pytest.mark.parametrize("encoding", UNICODE)
@pytest.mark.parametrize("text", [ENGLISH, KOREAN, HINDI, ENGLISH * 50_000])
def test_unicode_of_every_width_is_read_as_utf8_with_a_mark_or_without(text, encoding):
    assert as_read(text.encode(encoding)) == text.encode()


@pytest.mark.parametrize("text", [ENGLISH, KOREAN, ENGLISH.replace(" ", "\0", 1), "\0", "word\0word\n" * 3, ""])
def test_utf8_is_not_taken_for_another_encoding_though_it_holds_zero_characters(text):
    assert unicode_encoding(text.encode()) is None
    assert as_read(text.encode()) == text.encode()


@pytest.mark.parametrize("encoding", UNICODE)
def test_a_corpus_to_train_on_may_be_in_any_of_them(tmp_path, encoding):
    path = write(tmp_path, ENGLISH.encode(encoding))
    assert list(read_pairs(path, refuse)) == [("When do you open?", "At nine."), ("And on Sunday?", "We rest.")]


def test_half_a_character_is_named_with_its_line_and_the_others_are_read(tmp_path):
    content = ENGLISH.encode("utf-16") + b"a\xd8\t\x00b\x00\n\x00" + "bye\tsee you\n".encode("utf-16-le") + b"x"
    problems = []
    path = write(tmp_path, content)
    assert [pair.reply for pair in read_pairs(path, problems.append)] == ["At nine.", "We rest.", "see you"]
    assert [str(problem).removeprefix(f"{path}:") for problem in problems] == [
        "3: damaged character: column 1",
        "5: damaged character: column 1",
    ]


@given(st.binary(max_size=300), st.sampled_from(["utf-16", "cp1252", "shift_jis", "utf-8", "utf-7"]))
def test_no_bytes_whatever_are_an_error_in_any_encoding(content, encoding):
    as_read(content, encoding)
    as_read(content)


@pytest.mark.parametrize(
    ("text", "encoding", "expected"),
    [
        ("Où dînez-vous;Près du marché\n", "cp1252", "windows-1252"),
        ("Wann gibt es Frühstück?;Täglich für Gäste\n", "cp1252", "windows-1252"),
        ("Who’s there?;It’s “me” – from next door\n", "cp1252", "windows-1252"),
        ("Kiedy jecie śniadanie? Może wcześniej;Codziennie o dziewiątej, oprócz świąt\n", "cp1250", "windows-1250"),
        ("Ne zaman açıksınız?;Şu an kapalı, ışık yok\n", "cp1254", "windows-1254"),
        ("Hvað er á seyði?;Þetta er nú bara svona\n", "cp1252", "windows-1252"),
        ("na?;schön\n", "cp1252", "windows-1252"),
        ("Когда завтрак?;Каждый день с девяти\n", "cp1251", "windows-1251"),
        ("朝食は何時ですか;九時からです\n", "cp932", "cp932"),
        ("아침은 몇 시에 먹어요?;아홉 시에 먹어요\n", "cp949", "cp949"),
        ("plain;words\n", "ascii", None),
        ("schön;grün\n", "utf-8", None),
    ],
)
def test_the_encoding_of_lines_that_are_not_utf8_is_guessed(text, encoding, expected):
    assert guess(text.encode(encoding) * 5) == expected


def test_only_a_file_that_is_mostly_windows_1252_is_read_so_unasked(tmp_path):
    lines = ["question;answer\n", "schön?;früh\n", "grün?;spät\n", "gut;ja\n"]
    assert default("".join(lines[:3]).encode("cp1252")) == "windows-1252"
    assert default("".join(lines).encode("cp1252")) is None  # half of them
    assert default("".join(lines).encode()) is None
    path = write(tmp_path, "Frage;Réponse\nschön?;früh\n".encode("cp1252"))
    assert recognized(path, ("frage", "réponse")) == "csv"


def test_encodings_have_the_names_that_python_knows():
    known = ["windows-1252", "CP949", "latin1", "utf-8", "Shift_JIS", "cp874"]
    assert [
        name for name in (*known, "latin-99", "", "rot13", "idna", "a\0b", "unicode_escape") if is_known(name)
    ] == known


@pytest.mark.parametrize("encoding", UNICODE)
def test_a_chat_for_a_model_may_be_in_any_of_them(tmp_path, encoding):
    content = '[{"messages": [{"role": "user", "content": "wie früh?"}, {"role": "assistant", "content": "um neun"}]}]'
    path = write(tmp_path, content.encode(encoding))
    assert recognized(path) == "openai"
    assert read("openai", path).texts == [["wie früh?", "um neun"]]
