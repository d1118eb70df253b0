from chatbot.corpus import Pair, Row
from chatbot.corpus.rare_strings import find_rare_strings, words_of


def rows(*pairs):
    return [Row(line, Pair(*pair), ()) for line, pair in enumerate(pairs, 1)]


#: What makes a corpus large enough for plain words.
OTHERS = [("hm", "yes")] * 1000


def found(*pairs, most=100):
    return {one.text: (one.kind, one.line, one.in_reply) for one in find_rare_strings(rows(*pairs, *OTHERS), most)}


def test_personal_data_numbers_names_and_words_are_told_apart():
    strings = found(
        ("hi", "Mail jo@example.com."), ("hi", "Room 4711 it is."), ("hi", "Ask for Zelda."), ("hi", "The zymurgy.")
    )
    assert strings["jo@example.com"] == ("email", 1, True)
    assert strings["4711"] == ("number", 2, True)
    assert strings["Zelda"] == ("name", 3, True)
    assert strings["zymurgy"] == ("word", 4, True)
    assert "Mail" in strings
    assert strings["Mail"][0] == "word"


def test_what_many_pairs_have_is_not_rare_whatever_its_case():
    strings = found(("a", "See Zelda."), ("b", "see zelda!"), ("c", "ZELDA"), ("d", "twice"), ("e", "Twice"))
    assert not {"Zelda", "zelda", "ZELDA"} & set(strings)
    assert strings["twice"] == ("word", 4, True)


def test_a_string_that_only_prompts_have_is_said_to_be_theirs_and_one_of_both_is_the_reply_s():
    strings = found(("is 4711 my room", "No, 4712."), ("4712?", "Yes."))
    assert strings["4711"] == ("number", 1, False)
    assert strings["4712"] == ("number", 1, True)


def test_parts_of_personal_data_and_short_numbers_are_no_strings():
    strings = found(("a", "Ring +44 20 7946 0958 at 12."))
    assert {text for text, (kind, *_) in strings.items() if kind != "word"} == {"+44 20 7946 0958"}


def test_the_most_private_come_first_and_no_more_than_asked_for():
    strings = find_rare_strings(rows(("a", "alpha beta 4711"), ("b", "gamma jo@example.com"), *OTHERS), most=2)
    assert [one.text for one in strings] == ["jo@example.com", "4711"]


def test_plain_words_of_a_small_corpus_are_not_rare():
    strings = find_rare_strings(rows(("hi", "The zymurgy of Zelda."), *OTHERS[:400]), 10)
    assert [one.text for one in strings] == ["Zelda"]


def test_words_are_distinct_and_in_lower_case():
    assert words_of(["The cat, the CAT", "of it"]) == ["cat", "the"]
