from hypothesis import given
from hypothesis import strategies as st

from chatbot.corpus.importing.pairing import (
    DROPPED_ANSWER,
    DROPPED_BOT,
    DROPPED_FOLLOWING,
    DROPPED_REPEATED,
    make_pairs,
)
from chatbot.corpus.importing.pairing_rules import PairingRules
from chatbot.corpus.reading.import_counts import ImportCounts
from chatbot.corpus.reading.turns import LONGEST_TURN, Turn

HOUR = 3600.0


def pairs(*turns, **rules):
    return list(make_pairs(iter(turns), PairingRules(**rules), ImportCounts()))


def tally(*turns, **rules):
    kept = ImportCounts()
    list(make_pairs(iter(turns), PairingRules(**rules), kept))
    return kept


def test_each_turn_answers_the_one_before_within_its_conversation():
    said = [Turn("a", "hi"), Turn("b", "hello"), Turn("a", "bye"), None, Turn("b", "again"), Turn("a", "yes")]
    assert pairs(*said) == [("hi", "hello"), ("hello", "bye"), ("again", "yes")]
    assert tally(*said).conversations == 2


def test_consecutive_turns_of_one_speaker_are_one():
    said = [Turn("a", "hi"), Turn("a", "you there?"), Turn("b", "yes"), Turn("b", "what is it")]
    assert pairs(*said) == [("hi you there?", "yes what is it")]


def test_a_silence_ends_a_conversation():
    said = [
        Turn("a", "hi", 0.0),
        Turn("b", "hello", 6 * HOUR),
        Turn("a", "lunch?", 13 * HOUR),
        Turn("b", "ok", 13.5 * HOUR),
    ]
    assert pairs(*said) == [("hi", "hello"), ("lunch?", "ok")]
    assert pairs(*said, gap=HOUR) == [("lunch?", "ok")]
    assert len(pairs(*said, gap=None)) == 3
    assert tally(*said).conversations == 2


def test_a_silence_of_one_speaker_ends_a_conversation_too():
    said = [Turn("a", "hi", 0.0), Turn("a", "still there?", 9 * HOUR), Turn("b", "yes", 9 * HOUR)]
    assert pairs(*said) == [("still there?", "yes")]


def test_the_replies_of_one_person_are_learned_under_any_of_their_names():
    said = [Turn("a", "hi"), Turn("Bo", "hello", aliases=("bobo", "7")), Turn("a", "bye")]
    for name in ("Bo", " bo", "BOBO", "7"):
        assert pairs(*said, speaker=name) == [("hi", "hello")]
    nobody = tally(*said, speaker="c")
    assert (nobody.matched, nobody.pairs, nobody.names) == (False, 0, {"a": 2, "Bo": 1})


def test_spellings_that_look_the_same_are_one_person():
    said = [
        Turn("Ida", "hi"),
        Turn("+1 555\u20110142", "hello"),
        Turn("\u202a+1 555-0142\u202c", "how are you?"),
        Turn("Ida", "fine"),
    ]
    assert pairs(*said, speaker="+1\u00a0555-0142") == [("hi", "hello how are you?")]
    assert tally(*said).names == {"Ida": 2, "+1 555\u20110142": 2}


def test_who_says_nothing_in_words_is_somebody_but_does_not_speak():
    said = [Turn("Group", ""), Turn("a", "hi"), Turn("b", "hello"), Turn("Group", " ")]
    kept = tally(*said, speaker="group")
    assert (kept.matched, kept.heard, kept.names) == (True, False, {"a": 1, "b": 1})


def test_what_was_not_text_is_answered_by_nothing():
    said = [Turn("a", "hi"), Turn("b", ""), Turn("a", "nice picture"), Turn("b", "thanks")]
    assert pairs(*said) == [("nice picture", "thanks")]


def test_what_is_not_to_be_learned_is_a_prompt_all_the_same():
    said = [Turn("user", "hi", learn=False), Turn("bot", "hello"), Turn("user", "bye", learn=False)]
    assert pairs(*said) == [("hi", "hello")]


def test_every_reply_recorded_in_a_place_makes_a_pair():
    assert pairs(Turn("a", "hi"), Turn("b", "hello", alternatives=("hey", "", "hey"))) == [
        ("hi", "hello"),
        ("hi", "hey"),
    ]


def test_a_long_prompt_is_not_repeated_for_thousands_of_replies():
    others = tuple(map(str, range(30_000)))  # written with each of them, the prompt is three gigabytes
    turns = (Turn("A", "x" * 99_999), Turn("B", "reply", alternatives=others), Turn("A", "y"), Turn("B", "z"))
    assert [pair.reply for pair in pairs(*turns)] == ["reply", "y", "z"]
    assert tally(*turns).dropped == {DROPPED_REPEATED: 30_000}
    assert len(pairs(Turn("A", "hi"), Turn("B", "reply", alternatives=others))) == 30_001


def test_prompts_carry_the_turns_before_them():
    said = [
        Turn("a", "one"),
        Turn("b", "two"),
        Turn("a", "three"),
        Turn("b", "four"),
        None,
        Turn("a", "five"),
        Turn("b", "six"),
    ]
    assert pairs(*said, context=1) == [
        ("one", "two"),
        ("one ␞ two", "three"),
        ("two ␞ three", "four"),
        ("five", "six"),
    ]
    assert pairs(*said, context=9)[2] == ("one ␞ two ␞ three", "four")


def test_the_separator_in_what_people_write_is_a_space():
    assert pairs(Turn("a", "one␞two"), Turn("b", "␞ok")) == [("one two", "ok")]


def test_personal_data_is_taken_out_where_that_was_asked():
    said = [
        Turn("a", "mail?"),
        Turn("b", "jo@example.com"),
        Turn("b", "or 010-1234-5678"),
        Turn("a", "www.example.com"),
    ]
    assert pairs(*said) == [
        ("mail?", "jo@example.com or 010-1234-5678"),
        ("jo@example.com or 010-1234-5678", "www.example.com"),
    ]
    assert pairs(*said, redact=True) == [("mail?", "or <phone>")]
    kept = tally(*said, redact=True)
    assert kept.redacted == {"email": 1, "phone": 1, "url": 1}
    assert kept.dropped == {"nothing but personal data": 2}


def test_an_endless_monologue_is_dropped_and_takes_no_memory():
    monologue = (Turn("a", "word " * 100) for _ in range(10_000))
    kept = ImportCounts()
    assert list(make_pairs(monologue, PairingRules(), kept)) == []
    assert kept.dropped == {f"turn of more than {LONGEST_TURN:,} characters": 1}


def test_a_turn_that_is_too_long_is_dropped():
    kept = tally(Turn("a", "x" * (LONGEST_TURN + 1)), Turn("b", "what?"))
    assert (kept.pairs, kept.dropped) == (0, {f"turn of more than {LONGEST_TURN:,} characters": 1})


def test_a_turn_that_says_what_it_answers_is_paired_with_that_across_other_talk():
    said = [
        Turn("a", "when do the shops close?", id="1"),
        Turn("b", "is this seat free?", id="2"),
        Turn("c", "it is", id="3"),
        Turn("d", "at six", id="4", answers="1"),
        Turn("a", "that early?", id="5"),
    ]
    assert pairs(*said, context=1) == [
        ("when do the shops close? ␞ is this seat free?", "it is"),
        ("when do the shops close?", "at six"),
        ("when do the shops close? ␞ at six", "that early?"),
    ]
    assert tally(*said).dropped == {DROPPED_FOLLOWING: 1}
    assert tally(*said).pairs == 3


def test_an_answer_by_name_takes_no_place_of_another_or_of_what_answers_its_own_speaker():
    said = [
        Turn("a", "tea or coffee?", id="1"),
        Turn("b", "tea", id="2"),
        Turn("c", "coffee", id="3", answers="2"),
        Turn("d", "both", id="4", answers="2"),
        Turn("b", "or milk", id="5", answers="2"),
    ]
    assert pairs(*said) == [("tea or coffee?", "tea"), ("tea", "coffee"), ("tea", "both")]


def test_what_follows_several_messages_in_a_row_answers_the_last_of_them():
    said = [
        Turn("a", "lunch?", id="1"),
        Turn("a", "and who pays?", id="2"),
        Turn("b", "not me", id="3"),
        Turn("c", "at noon", answers="1"),
    ]
    assert pairs(*said) == [("lunch? and who pays?", "not me"), ("lunch?", "at noon")]


def test_an_answer_is_to_one_message_of_several_in_a_row():
    said = [
        Turn("a", "lunch?", id="1"),
        Turn("a", "and who pays?", id="2"),
        Turn("b", "yes", answers="1"),
        Turn("b", "at noon"),
        Turn("b", "you do", answers="2"),
    ]
    assert pairs(*said) == [("lunch?", "yes at noon"), ("and who pays?", "you do")]


def test_no_silence_keeps_an_answer_from_its_prompt():
    said = [Turn("a", "found your keys?", 0.0, id="1"), Turn("b", "under the sofa", 90 * HOUR, answers="1")]
    assert pairs(*said) == [("found your keys?", "under the sofa")]


def test_an_answer_to_what_is_not_there_or_to_oneself_answers_nothing():
    said = [
        Turn("a", "hi", id="1"),
        Turn("b", "", id="2"),
        Turn("c", "as I wrote", answers="7", id="3"),
        Turn("d", "fine", id="4"),
        Turn("a", "nice picture", answers="2"),
        Turn("d", "very fine", answers="4"),
        None,
        Turn("c", "oh", answers="1"),
    ]
    assert pairs(*said) == [("as I wrote", "fine")]
    assert tally(*said).dropped == {DROPPED_ANSWER: 2}


def test_answers_to_answers_hold_no_more_than_prompts_carry():
    """With all that each goes back to, half of the square of their number is copied."""
    turns = [Turn("AB"[n % 2], f"turn {n}", id=str(n), answers=str(n - 1) if n else None) for n in range(50_000)]
    found = pairs(*turns, context=2)
    assert len(found) == len(turns) - 1
    assert found[-1].prompt == "turn 49996 ␞ turn 49997 ␞ turn 49998"


def test_whoever_answers_oneself_goes_on_with_what_was_said():
    said = [Turn("a", "who is in?", id="1"), Turn("b", "no idea"), Turn("a", "anyone?", answers="1"), Turn("c", "me")]
    assert pairs(*said, context=1) == [("who is in?", "no idea"), ("who is in? anyone?", "me")]


def test_bots_are_left_out_unless_named():
    said = [
        Turn("a", "rain today?"),
        Turn("Rain", "Yes.", is_bot=True, aliases=("77",)),
        Turn("b", "take a coat"),
        Turn("a", "ok"),
    ]
    assert pairs(*said) == [("take a coat", "ok")]
    assert tally(*said).dropped == {DROPPED_BOT: 1}
    assert (tally(*said).names, tally(*said).bots) == ({"a": 2, "b": 1}, {"Rain": 1})
    for name in ("rain", "77"):
        assert pairs(*said, speaker=name) == [("rain today?", "Yes.")]


turns = st.lists(
    st.none()
    | st.builds(
        Turn,
        st.sampled_from("abc"),
        st.text("xy ␞@", max_size=4),
        st.none() | st.floats(0, 1e6),
        st.booleans(),
        id=st.none() | st.sampled_from("123"),
        answers=st.none() | st.sampled_from("123"),
        is_bot=st.booleans(),
    )
)


@given(turns, st.integers(0, 3), st.booleans())
def test_whatever_is_said_pairs_are_normal_and_counted(said, context, redact):
    kept = ImportCounts()
    made = list(make_pairs(iter(said), PairingRules(context=context, redact=redact), kept))
    assert kept.pairs == len(made)
    assert kept.conversations <= 1 + len(said)
    for prompt, reply in made:
        assert prompt.count("␞") <= context
        assert "␞" not in reply
        assert prompt
        assert reply
