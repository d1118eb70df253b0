import pytest

from chatbot.corpus.writing_systems import script_of


@pytest.mark.parametrize(
    ("text", "script"),
    [
        ("hello", "Latin"),
        ("Zoë, ça va ?", "Latin"),
        ("안녕하세요 ok", "Hangul"),
        ("ㅋㅋㅋ", "Hangul"),
        ("привет", "Cyrillic"),
        ("γειά", "Greek"),
        ("こんにちは", "Kana"),
        ("你好", "Han"),
        ("مرحبا", "Arabic"),
        ("שלום", "Hebrew"),
        ("नमस्ते", "Devanagari"),
        ("สวัสดี", "Thai"),
        ("ᚠᚢᚦ", "other"),
        ("42 :-) 😀", "no letters"),
        ("", "no letters"),
    ],
)
def test_a_text_is_in_the_script_of_most_of_its_letters(text, script):
    assert script_of(text) == script
