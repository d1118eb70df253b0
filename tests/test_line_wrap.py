import unicodedata

import pytest
import wcwidth
from hypothesis import given
from hypothesis import strategies as st

from chatbot.line_wrap import LineWrapper, wrap


def lay_out(text: str, width: int, column: int = 0, step: int = 3, isolates: bool = True) -> str:
    """The text as it stands on a screen, given in pieces of `step` characters."""
    lines = LineWrapper(lambda: width, column, isolates)
    pieces = [lines.push(text[start : start + step]) for start in range(0, len(text), step)]
    return "".join([*pieces, lines.finish()])


@pytest.mark.parametrize("step", [1, 3, 1000])
@pytest.mark.parametrize(
    ("text", "width", "column", "shown"),
    [
        ("Hello there, how are you today?", 12, 5, "Hello\nthere, how\nare you\ntoday?"),
        ("exactly twelve", 14, 0, "exactly twelve"),
        ("an internationalization", 8, 0, "an\ninternat\nionaliza\ntion"),
        ("aaaaaaaaaaaaaaaaaaaa is long", 8, 5, "aaa\naaaaaaaa\naaaaaaaa\na is\nlong"),
        ("안녕하세요 반갑습니다 좋은 하루", 12, 5, "\n안녕하세요\n반갑습니다\n좋은 하루"),
        ("私は元気です。「ありがとう」、そう。", 10, 5, "私は\n元気です。\n「ありがと\nう」、そ\nう。"),
        ("cafe\u0301s e\u0301te\u0301 e\u0301te\u0301", 7, 0, "cafe\u0301s\ne\u0301te\u0301 e\u0301te\u0301"),
        ("नमस्ते दुनिया", 8, 0, "नमस्ते\nदुनिया"),
        ("👨‍👩‍👧👨‍👩‍👧👨‍👩‍👧", 4, 0, "👨‍👩‍👧👨‍👩‍👧\n👨‍👩‍👧"),
        ("", 8, 0, ""),
        ("12 !", 8, 0, "12 !"),
    ],
)
def test_lines_break_at_words_by_what_characters_take_up(text, width, column, shown, step):
    assert lay_out(text, width, column, step) == shown


@pytest.mark.parametrize("step", [1, 4, 1000])
def test_right_to_left_text_is_marked_line_by_line_and_keeps_its_order(step):
    shown = lay_out("שלום לך, מה שלומך היום?", 12, 5, step)
    assert shown == "\u2067שלום\u2069\n\u2067לך, מה שלומך\u2069\n\u2067היום?\u2069"
    assert lay_out("123 مرحبا!", 20, 5, step) == "\u2067123 مرحبا!\u2069"
    assert lay_out("It says שלום.", 20, 5, step) == "It says שלום."
    assert lay_out("שלום", 20, 5, step, isolates=False) == "שלום"


def test_a_word_is_written_as_soon_as_the_next_one_begins():
    lines = LineWrapper(lambda: 20)
    assert [lines.push(piece) for piece in ("He", "llo", " the", "re", " you")] == ["", "", "Hello", "", " there"]
    assert lines.finish() == " you"


def test_the_width_is_asked_anew_for_each_word():
    widths = [20]
    lines = LineWrapper(lambda: widths[-1])
    shown = lines.push("one two three ")
    widths.append(8)
    assert shown + lines.push("four five ") + lines.finish() == "one two three\nfour\nfive"


#: Replies without spaces, or with few of them.
UNSPACED = {
    "Chinese": "我们的店在火车站后面，每天早上九点开门，星期天休息，欢迎随时来看看。" * 3,
    "Japanese": "お店は駅の裏にあります。毎朝九時に開き、日曜日はお休みです。「いつでもどうぞ」。" * 3,
    "Thai": "ร้านของเราอยู่หลังสถานีรถไฟเปิดทุกวันเวลาเก้าโมงเช้ายกเว้นวันอาทิตย์ยินดีต้อนรับเสมอ" * 3,
    "Korean": "우리가게는기차역뒤에있고매일아침아홉시에열어요 일요일은쉬어요 " * 4,
    "Latin": "Donaudampfschifffahrtsgesellschaftskapitän " * 4,
    "emoji": "👨‍👩‍👧🇰🇷👍🏽é" * 20,
}


@pytest.mark.parametrize("width", [1, 2, 5, 20, 40, 79])
@pytest.mark.parametrize("text", UNSPACED.values(), ids=UNSPACED)
def test_a_reply_without_spaces_is_broken_where_the_lines_are_full_and_every_character_stands_once(text, width):
    for step in (1, 7, 1000):
        for column in (0, len("bot> ")):
            lines = lay_out(text, width, column, step, isolates=False).split("\n")
            assert "".join("".join(lines).split()) == "".join(text.split())
            for number, line in enumerate(lines):
                room = width - (column if number == 0 else 0)
                # One that is itself wider than the terminal has a line of its own.
                assert wcwidth.width(line) <= max(room, 0) or len(list(wcwidth.iter_graphemes(line))) == 1
    assert wrap(text, width) == lay_out(text, width, 0, 1000, isolates=False).split("\n")


@given(st.text(max_size=60), st.integers(1, 20), st.integers(1, 7))
def test_nothing_is_lost_and_no_line_is_too_wide(text, width, step):
    text = "".join(c for c in text if c.isspace() or not unicodedata.category(c).startswith("C"))
    shown = lay_out(text, width, 0, step, isolates=False)
    assert "".join(shown.split()) == "".join(text.split())
    assert all(wcwidth.width(line) <= max(width, 2) for line in shown.split("\n"))


@given(st.text("ab é你 שا", max_size=60), st.integers(2, 20), st.integers(1, 7))
def test_pieces_of_any_size_come_to_the_same_lines(text, width, step):
    assert lay_out(text, width, 0, step) == lay_out(text, width, 0, 1000)


def test_a_word_of_a_megabyte_behind_a_space_is_laid_out_as_one_without_it():
    """To look at all of it for each of its characters is minutes of work."""
    word = "x" * 1_000_000
    assert wrap(f"a {word}", 80)[1:] == wrap(word, 80)
