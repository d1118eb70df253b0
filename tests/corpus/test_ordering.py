from chatbot.corpus.reading.ordering import turn_order
from chatbot.corpus.reading.turns import Turn


def texts(order):
    return [(part, turn.text) for part, turn in order.turns()]


def test_turns_come_by_part_and_then_by_time_and_whole():
    late = Turn("b", "late", 9.0, False, ("x",), ("y", "z"), "1", "2", True)
    with turn_order() as order:
        for turn, part in [(late, ""), (Turn("a", "in part", 1.0), "p"), (Turn("a", "early", 2.0), "")]:
            order.add(turn, part)
        assert texts(order) == [("", "early"), ("", "late"), ("p", "in part")]
        assert list(order.turns())[1] == ("", late)


def test_turns_of_one_time_keep_their_order_or_are_turned_round():
    for newest_first, said in ((False, ["one", "two", "three"]), (True, ["three", "two", "one"])):
        with turn_order() as order:
            for text in ("one", "two", "three"):
                order.add(Turn("a", text, 5.0), newest_first=newest_first)
            assert [text for _, text in texts(order)] == said


def test_a_turn_without_a_time_stands_beside_the_one_before():
    with turn_order() as order:
        for turn in (Turn("a", "nine", 9.0), Turn("a", "beside nine"), Turn("a", "one", 1.0), Turn("a", "beside one")):
            order.add(turn)
        assert [text for _, text in texts(order)] == ["one", "beside one", "nine", "beside nine"]
