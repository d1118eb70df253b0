from tests.corpus.formats.reading import read, recognized, write

CHAT = (
    "1 your persona: i row boats.\n"
    "2 partner's persona: i cook.\n"
    "3 what do you do ?\ti row , mostly .\t\ti fly|i row , mostly .\n"
    "4 in all weathers ?\tall but fog .|never in fog .\n"
    "1 Mary went to the hall.\n"
    "2 She sat down.\n"
    "3 Where is Mary?\thall\t1\n"
)


def test_numbers_go_and_conversations_begin_where_they_do(tmp_path):
    path = write(tmp_path, CHAT)
    assert recognized(path) == "fbdialog"
    result = read("fbdialog", path)
    assert result.texts == [
        ["what do you do ?", "i row , mostly .", "in all weathers ?", "all but fog ."],
        ["Mary went to the hall. She sat down. Where is Mary?", "hall"],
    ]
    assert result.conversations[0][3].alternatives == ("never in fog .",)


def test_sentences_that_begin_with_a_number_are_not_taken_for_it(tmp_path):
    assert recognized(write(tmp_path, "1 apple\t1 pomme\n3 apples\t3 pommes\n")) == "tatoeba"
    assert recognized(write(tmp_path, "2 apples\t2 pommes\n3 apples\t3 pommes\n")) == "tatoeba"
    assert recognized(write(tmp_path, "1 one\n2 two\n")) is None


def test_lines_without_a_number_are_named(tmp_path):
    result = read("fbdialog", write(tmp_path, "1 hi\thello\n\nhi\thello\n2\tx\n2 \ty\n"))
    assert result.problems == ["3: no number before the text", "4: no number before the text"]
    assert result.texts == [["hi", "hello", "", "y"]]
    assert result.dropped == {"damaged": 2, "empty side": 1}


def test_a_story_without_end_takes_no_time(tmp_path):
    content = "".join(f"{number} and then\n" for number in range(1, 50_000)) + "50000 so?\tyes\n"
    (texts,) = read("fbdialog", write(tmp_path, content)).texts
    assert texts[0].endswith("and then and then so?")
    assert len(texts[0]) < 1000
