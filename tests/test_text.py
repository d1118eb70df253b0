import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatbot.text import SEPARATOR, count_turns, drop_invisible, fold, in_context, nearest_name, normalize

any_text = st.text(st.characters())


def test_white_space_of_every_kind_is_folded():
    assert normalize("  how\tare \u00a0you\u3000\r\n today ") == "how are you today"


def test_decomposed_letters_are_composed():
    assert normalize("cafe\u0301") == "café"
    assert normalize(unicodedata.normalize("NFD", "한국어")) == "한국어"


def test_compatibility_characters_are_left_alone():
    assert normalize("①ｆｉ") == "①ｆｉ"


def test_joiners_and_direction_marks_stay_and_control_characters_go():
    assert normalize("👩\u200d🚀 \u200fשלום") == "👩\u200d🚀 \u200fשלום"
    assert normalize("a\x1b[31mred\x00\x07") == "a[31mred"


def test_byte_order_marks_go_soft_hyphens_go_from_prompts_and_what_is_nothing_else_is_empty():
    assert normalize("\ufeffhy\u00adphen") == "hy\u00adphen"
    assert fold("hy\u00adphen") == "hyphen"
    assert normalize("\u200b \u200f\ufeff") == ""
    assert normalize("\u200d") == ""


def test_a_prompt_is_the_same_with_and_without_what_shows_nothing():
    for mark in ("\u200b", "\u200e", "\u200f", "\u202a", "\u202c", "\u2060", "\u2066", "\u2069", "\u061c"):
        assert fold(normalize(f"{mark}wo{mark}rd s{mark}")) == "word s"
        assert fold(normalize(f"{mark}שלום, {mark}123")) == "שלום, 123"
    assert fold(normalize("a \u200b b")) == "a b"
    assert fold(normalize("e\u200b\u0301")) == "é"


def test_joiners_stay_where_they_join():
    for text in ("👩\u200d🚀", "می\u200cروم", "क्\u200dष", "❤\ufe0f\u200d🔥"):
        assert fold(text) == text
    assert fold("wo\u200drd\u200c") == "word"
    assert fold("\u200d👩 \u200c\u200d") == "👩"
    assert fold("می\u200c\u200cروم") == "می\u200cروم"


def test_more_accents_than_anybody_writes_are_dropped():
    crowd = "a" + "\u0301\u0327" * 500_000
    assert normalize(crowd + "b").endswith("b")
    assert len(normalize(crowd)) <= 31
    assert normalize("a\u0327\u0301" * 2) == "á\u0327" * 2


@pytest.mark.parametrize("between", ["\u200b", "\x01"])
def test_accents_that_come_together_when_what_is_between_them_is_dropped_are_as_few(between):
    crowd = "a" + f"\u0301{between}\u0327{between}" * 150_000 + "b"  # in order only after minutes
    assert len(fold(normalize(crowd))) <= 32
    assert fold(normalize(crowd)).endswith("b")


def test_vowel_signs_that_are_accents_only_when_taken_apart_are_as_few():
    assert len(normalize("\u0f40" + "\u0f73" * 500_000)) <= 1 + 2 * 30


@pytest.mark.parametrize(
    ("unit", "read"),
    [("\u200d", ""), ("\u200c\u200d", ""), ("\u200b", ""), ("م\u200d\u200c", "م\u200d"), ("é\x01", "é")],
)
def test_the_work_grows_no_faster_than_the_text(unit, read):
    """With work that grows with the square, hours."""
    assert fold(normalize(f"a{unit * 300_000}a")) == f"a{read * 300_000}".rstrip("\u200d") + "a"
    assert fold(normalize("م" + "\u200c\u200d" * 300_000 + "م")) == "م\u200cم"


def test_half_a_surrogate_pair_becomes_the_replacement_character():
    assert normalize("\ud83d!") == "\ufffd!"


@given(any_text)
def test_normalizing_twice_changes_nothing(text):
    assert normalize(normalize(text)) == normalize(text)


@given(any_text)
def test_the_result_can_be_written_as_one_line_of_utf8(text):
    line = normalize(text).encode("utf-8").decode("utf-8")
    assert line == " ".join(line.split())
    assert not any(unicodedata.category(character) == "Cc" for character in line)


@given(any_text)
def test_folding_twice_changes_nothing_but_the_case(text):
    folded = fold(normalize(text))
    assert normalize(folded) == folded
    assert drop_invisible(folded) == folded


def test_prompts_are_read_in_lower_case():
    assert fold("HELLO Zoë, ÇA VA?") == "hello zoë, ça va?"
    assert fold("안녕하세요") == "안녕하세요"


def test_a_prompt_carries_the_turns_before_it_with_a_separator_between():
    assert in_context(["how are you?", " Fine,  thanks. "], "why?") == "how are you? ␞ Fine, thanks. ␞ why?"
    assert in_context([], " why? ") == "why?"
    assert in_context(["hi", "  "], "why?") == "hi ␞ why?"
    assert in_context(["hi"], " \n") == ""


def test_a_separator_that_was_typed_separates_nothing():
    assert in_context(["a ␞ b"], "c␞") == "a b ␞ c"


@given(st.lists(any_text, max_size=4), any_text)
def test_a_prompt_in_context_is_normal_and_its_turns_can_be_counted(turns, prompt):
    text = in_context(turns, prompt)
    assert normalize(text) == text
    said = [turn for turn in turns if normalize(turn.replace(SEPARATOR, " "))]
    assert count_turns(text) == (len(said) if text else 0)


NAMES = ["beam", "temperature", "top_p", "top_k", "seed"]


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("tempertaure", "temperature"),
        ("temp", "temperature"),
        ("topp", "top_p"),
        ("bean", "beam"),
        ("s", None),
        ("", None),
    ],
)
def test_the_name_that_somebody_meant_is_found_where_it_is_alike(typed, meant):
    assert nearest_name(typed, NAMES) == meant


def test_a_text_that_is_no_name_is_not_compared():
    assert nearest_name("seed" * 1_000_000, NAMES) is None
