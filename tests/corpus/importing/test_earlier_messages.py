from chatbot.corpus.importing.earlier_messages import Earlier, Message


def message(text, *thread):
    return Message("a", text, thread)


def test_a_message_is_found_by_its_id_and_the_last_of_an_id_counts():
    earlier = Earlier()
    earlier.add("1", message("one"))
    earlier.add("2", message("two", "one"))
    earlier.add("1", message("other"))
    assert [earlier.get(id_) for id_ in ("1", "2", "3", None)] == [message("other"), message("two", "one"), None, None]
    earlier.clear()
    assert earlier.get("1") is None


def test_the_oldest_are_forgotten_first_when_there_are_too_many():
    earlier = Earlier(most=2000)
    for number in range(100):
        earlier.add(str(number), message("x" * 100))
    assert [number for number in range(100) if earlier.get(str(number))] == list(range(95, 100))


def test_the_last_is_remembered_however_long_it_is():
    earlier = Earlier(most=10)
    earlier.add("1", message("x" * 100))
    assert earlier.get("1") == message("x" * 100)
