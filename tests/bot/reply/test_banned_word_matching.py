import pytest

from chatbot.bot.reply.banned_word_matching import BannedWords


@pytest.mark.parametrize(
    "text",
    [
        "hell",
        "Go to HELL!",
        "hell's bells",
        "to ｈｅｌｌ",
        "he\u00adll",
        "(hell)",
        "hell-bound",
        "oh hell",
        "hell\ufffd",
    ],
)
def test_a_word_is_found_however_it_is_written(text):
    assert BannedWords(["Hell"]).stand_in(text)


@pytest.mark.parametrize("text", ["", "hello", "shell", "hell_1", "he ll", "hel", "hellé", "helĺ"])
def test_a_word_inside_another_is_another(text):
    assert not BannedWords(["hell"]).stand_in(text)


def test_a_phrase_is_found_with_any_space_between_its_words():
    words = BannedWords(["ice  cream", "tea"])
    assert words.stand_in("Ice\u00a0Cream, please")
    assert not words.stand_in("icecream, ice, cream, teapot")


def test_accents_are_compared_composed():
    assert BannedWords(["café"]).stand_in("un cafe\u0301 noir")
    assert not BannedWords(["cafe"]).stand_in("un cafe\u0301 noir")


@pytest.mark.parametrize("mark", ["\u0301\u0327", "\u0f73", "\u0301\u00ad\u0327\u00ad"])
def test_a_word_of_nothing_but_accents_takes_no_longer_than_others(mark):
    words = BannedWords(["x" + mark * 500_000, "hell"])
    assert words.stand_in("go to hell")
    assert not words.stand_in("x")


def test_vowel_signs_belong_to_their_word():
    assert BannedWords(["कल"]).stand_in("मैं कल आऊँगा")
    assert not BannedWords(["क"]).stand_in("का")


@pytest.mark.parametrize(
    ("word", "text"), [("커피", "커피를 마셔요"), ("咖啡", "我要咖啡。"), ("กาแฟ", "ผมชอบกาแฟมาก")]
)
def test_where_spaces_do_not_part_words_a_word_is_found_anywhere(word, text):
    assert BannedWords([word]).stand_in(text)


def test_signs_can_be_banned_too():
    assert BannedWords(["C++", "!"]).stand_in("I write c++ now")
    assert BannedWords(["!"]).stand_in("hey!")
    assert not BannedWords(["C++"]).stand_in("C+ or C")


def test_no_words_ban_nothing():
    assert not BannedWords([]).stand_in("anything")


@pytest.mark.parametrize(
    ("before", "text", "completed"),
    [
        ("go to he", "go to hell", True),
        ("go to hell", "go to hello", False),
        ("go", "go to", False),
        ("", "hell", True),
        ("ice", "ice cream", True),
        ("ice ", "ice cre", False),
        ("un cafe", "un cafe\u0301", True),
        ("x\ufffd", "x é", False),
        ("x" * 500, "x" * 500 + " hell", True),
    ],
)
def test_a_word_is_refused_when_its_last_letter_comes(before, text, completed):
    assert BannedWords(["hell", "ice cream", "café"]).completed(before, text) is completed
