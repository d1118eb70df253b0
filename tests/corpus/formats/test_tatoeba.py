import pytest

from chatbot.corpus.formats.parsing.intake import Intake
from chatbot.corpus.importing.pairing import make_pairs
from chatbot.corpus.importing.pairing_rules import PairingRules
from chatbot.corpus.importing.recognition import load_format
from chatbot.corpus.reading.import_counts import ImportCounts
from chatbot.errors import CorpusError
from tests.conftest import refuse
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


def imported(path):
    """The pairs that a file becomes."""
    tally = ImportCounts()
    turns = load_format("tatoeba").read(path, Intake(tally, refuse))
    return [tuple(pair) for pair in make_pairs(turns, PairingRules(html=True), tally)]


def test_an_export_of_anki_has_settings_quotes_and_tags(tmp_path):
    content = (
        '#separator:tab\n#html:true\n#tags column:3\n"She said ""go"".<br>Now."\tElle a dit&nbsp;: <b>va</b>\tverbs\n'
        "<ruby>go<rt>!</rt></ruby> [sound:go.mp3]\tva&lt;3\t\n"
    )
    path = write(tmp_path, content)
    assert recognized(path) == "tatoeba"
    assert imported(path) == [('She said "go". Now.', "Elle a dit : va"), ("go!", "va<3")]


@pytest.mark.parametrize(
    ("name", "character"),
    [("Tab", "\t"), ("Comma", ","), ("Semicolon", ";"), ("Space", " "), ("Pipe", "|"), ("colon", ":"), (";", ";")],
)
def test_anki_separates_fields_as_it_says(tmp_path, name, character):
    path = write(tmp_path, f'#separator:{name}\n#html:false\n"go, now"{character}"va; vite"\n')
    assert recognized(path) == "tatoeba"
    assert imported(path) == [("go, now", "va; vite")]


def test_columns_of_anki_that_hold_no_field_are_none_of_a_note(tmp_path):
    settings = "#separator:tab\n#html:false\n#guid column:1\n#notetype column:2\n#deck column:3\n#tags column:6\n"
    path = write(tmp_path, f"{settings}q;8(\tBasic\tFrench::Verbs\tgo\tva\tverbs\n")
    assert imported(path) == [("go", "va")]


def test_a_cloze_note_of_anki_is_asked_with_a_gap_and_answered_whole(tmp_path):
    path = write(tmp_path, "#separator:tab\n#html:true\n{{c1::Paris}} is in {{c2::France::which country?}}.\t\n")
    assert imported(path) == [("[...] is in [which country?].", "Paris is in France.")]


def test_colons_of_a_cloze_that_never_ends_are_read_as_quickly_as_other_text(tmp_path):
    text = "{{c1::" + "::" * 250_000
    path = write(tmp_path, f"#separator:tab\n#html:false\n{text}\tb\n")
    assert [texts[0] for texts in read("tatoeba", path).texts] == [text]


def test_a_note_of_anki_with_one_field_is_named(tmp_path):
    result = read("tatoeba", write(tmp_path, "#separator:tab\n#tags column:2\ngo\tverbs\n"))
    assert (result.texts, result.problems) == ([], ["3: a note with one field"])


def test_an_export_of_anki_with_an_unknown_separator_is_an_error(tmp_path):
    path = write(tmp_path, "#separator:ampersand\na&b\n")
    with pytest.raises(CorpusError, match=r": separated by 'ampersand'; export with tabs"):
        read("tatoeba", path)


def test_an_entity_of_thousands_of_digits_is_a_text(tmp_path):
    number = f"&#{'1' * 5000};"
    assert imported(write(tmp_path, f"#separator:tab\n#html:true\n{number}\tb\n")) == [(number, "b")]


def test_sentences_without_translations_are_an_error(tmp_path):
    with pytest.raises(CorpusError, match=r"sentences of one language without translations"):
        read("tatoeba", write(tmp_path, "12\teng\tGo on.\n34\tfra\tVas-y.\n"))


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


@pytest.mark.parametrize("inside", ["a::", ":", "{{c1::", "{{c1::a::"])
def test_a_gap_that_never_ends_takes_no_longer_than_other_text(tmp_path, inside):
    """Looked through anew from each of its colons, it is hours of work."""
    field = "{{c1::" + inside * (900_000 // len(inside))
    deck = write(tmp_path, f"#separator:tab\n{field}\tback\nnext\trow\n")
    assert read("tatoeba", deck).texts == [[field, "back"], ["next", "row"]]
