from tests.corpus.formats.reading import read, recognized, write

CONTENT = (
    "The kettle whistles , doesn ’ t it ? __eou__ I ' ll get it . __eou__ Thanks ( really ) ! __eou__\n"
    "\n"
    "Is it $ 5 ? __eou__ __eou__ No . __eou__\n"
    "a line without the mark\n"
)


def test_a_line_is_a_conversation_and_punctuation_joins_its_word(tmp_path):
    path = write(tmp_path, CONTENT)
    assert recognized(path) == "dailydialog"
    result = read("dailydialog", path)
    assert [[(who, text.strip()) for who, text in said] for said in result.said] == [
        [("A", "The kettle whistles, doesn’t it?"), ("B", "I'll get it."), ("A", "Thanks (really)!")],
        [("A", "Is it $5?"), ("B", ""), ("A", "No.")],
    ]
    assert result.dropped == {"empty side": 1, "damaged": 1}
    assert result.problems == ["4: no __eou__"]


def test_a_last_utterance_without_its_mark_counts(tmp_path):
    assert read("dailydialog", write(tmp_path, "Hi . __eou__ Hello")).texts == [["Hi.", "Hello"]]


def test_bytes_that_are_not_utf8_cost_their_line_alone(tmp_path):
    result = read("dailydialog", write(tmp_path, b"Hi __eou__ caf\xe9 __eou__\r\nHi __eou__ Hello __eou__\r"))
    assert result.problems == ["1: not UTF-8: byte 0xe9 at column 15"]
    assert len(result.conversations) == 1
