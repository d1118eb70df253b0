import pytest

from chatbot.errors import CorpusError
from tests.corpus.formats.reading import read, recognized, write


def test_a_deck_has_a_sentence_its_translation_and_a_licence(tmp_path):
    path = write(tmp_path, "Go on.\tVas-y.\tCC-BY 2.0 (France)\nStop!\tArrête !\tCC-BY 2.0 (France)\n")
    assert recognized(path) == "tatoeba"
    result = read("tatoeba", path)
    assert result.texts == [["Go on.", "Vas-y."], ["Stop!", "Arrête !"]]
    assert [turn.learn for turn in result.conversations[0]] == [False, True]


def test_a_download_of_sentence_pairs_has_numbers_before_the_sentences(tmp_path):
    path = write(tmp_path, "12\tGo on.\t34\tVas-y.\r\n56\tStop!\t78\tArrête !\r\n")
    assert recognized(path) == "tatoeba"
    assert read("tatoeba", path).texts == [["Go on.", "Vas-y."], ["Stop!", "Arrête !"]]


def test_an_export_of_anki_has_settings_quotes_and_tags(tmp_path):
    content = (
        '#separator:tab\n#html:true\n#tags column:3\n"She said ""go"".<br>Now."\tElle a dit&nbsp;: <b>va</b>\tverbs\n'
    )
    path = write(tmp_path, content)
    assert recognized(path) == "tatoeba"
    (prompt, reply), *rest = read("tatoeba", path).texts
    assert (prompt, reply, rest) == ('She said "go". Now.', "Elle a dit\xa0:  va ", [])


def test_an_export_of_anki_with_another_separator_is_an_error(tmp_path):
    path = write(tmp_path, "#separator:semicolon\na;b\n")
    with pytest.raises(CorpusError, match=r":1: separated by 'semicolon'; export with tabs"):
        read("tatoeba", path)


def test_a_line_without_a_tab_is_named_and_an_empty_side_counted(tmp_path):
    result = read("tatoeba", write(tmp_path, "a\tb\nno tab\nc\t \n"))
    assert result.problems == ["2: no tab between two sentences"]
    assert result.dropped == {"damaged": 1, "empty side": 1}


def test_the_quotes_of_excel_are_none_of_the_text_and_those_of_a_sentence_are(tmp_path):
    path = write(tmp_path, 'Tea?\t"Yes, please"\r\n"He said ""no"""\tPity\r\n')
    assert read("tatoeba", path).texts == [["Tea?", "Yes, please"], ['He said "no"', "Pity"]]
    path = write(tmp_path, '"Come."\t"Viens, toi."\nNo, thanks.\t"Non, merci."\n')
    assert read("tatoeba", path).texts == [['"Come."', '"Viens, toi."'], ["No, thanks.", '"Non, merci."']]


def test_a_table_with_a_header_is_none(tmp_path):
    assert recognized(write(tmp_path, "Frage\tAntwort\nwo?\thier\n")) is None
