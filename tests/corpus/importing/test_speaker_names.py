import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatbot.corpus.reading.speaker_names import same_name


@pytest.mark.parametrize(
    ("typed", "written"),
    [
        ("+1 (777) 555-0142", "\u202a+1 (777)\u00a0555\u20110142\u202c"),
        ("Anna-Lena", "Anna\u2010Lena"),
        ("anna-lena", "ANNA\u2013LENA"),
        ("Anna - French", "Anna \u2212 French"),
        ("Amal", "~\u202fAmal"),
        ("~ amal", "Amal"),
        ("\uff5eAmal", "Amal"),
        ("שרה", "\u200fשרה\u200f"),
        ("Jo Ann", "Jo\u3000\u2009Ann "),
        ("O'Neil", "O\u2019Neil"),
        ("Ｊｏ", "jo"),
        ("ﬁona", "FIONA"),
        ("Straße", "STRASSE"),
        ("İlker", "ilker"),
        ("IŞIK", "ışık"),
        ("José", "Jose\u0301"),
        ("می‌لاد", "میلاد"),
        ("Jo ❤️", "Jo ❤"),
        ("가영", unicodedata.normalize("NFD", "가영")),
    ],
)
def test_names_that_look_the_same_are_the_same(typed, written):
    assert same_name(typed) == same_name(written)


@pytest.mark.parametrize(
    ("one", "other"),
    [("Jose", "José"), ("Ann", "Anne"), ("Jo Ann", "JoAnn"), ("~", ""), ("1-2", "12"), ("\u200e", "x")],
)
def test_names_that_look_different_are_different(one, other):
    assert same_name(one) != same_name(other)


@given(st.text() | st.text("~ -İıIe\u0301\u0307\u200e", max_size=6))
def test_the_form_of_a_name_is_the_form_of_itself(name):
    assert same_name(same_name(name)) == same_name(name)


@given(st.text(), st.sampled_from("\u200e\u200f\u202a\u202c\u2066\u2069\ufeff\u200b"), st.integers(0, 9))
def test_a_mark_that_nobody_sees_makes_no_difference_wherever_it_stands(name, mark, place):
    assert same_name(f"{name[:place]}{mark}{name[place:]}") == same_name(name)
