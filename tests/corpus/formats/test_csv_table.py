import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatbot.errors import CorpusError
from tests.corpus.formats.reading import read, recognized, write


@pytest.mark.parametrize(
    "content",
    [
        "Q,A,label\n밥 먹었어?,네 먹었어요.,0\n심심해,산책 어때요?,0\n",
        "id;answer;question\n1;네 먹었어요.;밥 먹었어?\n2;산책 어때요?;심심해\n",
        "sep=|\r\nQuestion|Answer\r\n밥 먹었어?|네 먹었어요.\r\n심심해|산책 어때요?\r\n",
        'sep=\t\nid\tUser\tBot\n1\t밥 먹었어?\t"네 먹었어요."\n2\t심심해\t산책 어때요?\n',
        "instruction,input,output\n밥,먹었어?,네 먹었어요.\n심심해,,산책 어때요?\n",
        "\ufeffPrompt\tResponse\r\n밥 먹었어?\t네 먹었어요.\r\n심심해\t산책 어때요?\r\n",
    ],
)
def test_usual_columns_are_found_whatever_the_separator_and_the_order(tmp_path, content):
    path = write(tmp_path, content)
    assert recognized(path) == "csv"
    assert read("csv", path).texts == [["밥 먹었어?", "네 먹었어요."], ["심심해", "산책 어때요?"]]
    assert read("csv", write(tmp_path, content.removeprefix("\ufeff").encode("utf-16"))) == read("csv", path)


def test_any_two_columns_can_be_named(tmp_path):
    path = write(tmp_path, "customer says,agent says,when\nhi,hello,now\n")
    assert recognized(path) is None
    assert recognized(path, ("Customer Says", "agent says")) == "csv"
    assert read("csv", path, ("customer says", "agent says")).texts == [["hi", "hello"]]


def test_columns_that_are_not_there_are_an_error_that_shows_the_header(tmp_path):
    path = write(tmp_path, "\nwho,what\na,b\n")
    with pytest.raises(CorpusError, match=r":2: no columns Q and A.*'who,what'.*--columns"):
        read("csv", path)
    with pytest.raises(CorpusError, match="no columns x and y"):
        read("csv", path, ("x", "y"))


def test_quoted_cells_hold_separators_quotes_and_line_ends(tmp_path):
    path = write(tmp_path, 'question,answer\r\n"a, b","say ""c""\r\nd"\r\n')
    assert read("csv", path).texts == [["a, b", 'say "c"\nd']]


def test_a_row_that_lacks_a_column_is_named_by_its_first_line(tmp_path):
    result = read("csv", write(tmp_path, 'q,a\n"two\nlines",ok\nalone\n,\n'))
    assert result.texts == [["two\nlines", "ok"], ["", ""]]
    assert result.problems == ["4: 1 columns instead of at least 2"]
    assert result.dropped == {"damaged": 1, "empty side": 1}


def test_a_quote_left_open_costs_its_line_and_not_the_rest(tmp_path):
    result = read("csv", write(tmp_path, 'q,a\nhi,"hello\nwhy?,because\n"two\nlines",ok\nlast,"open\n'))
    assert result.texts == [["why?", "because"], ["two\nlines", "ok"]]
    assert [problem.split(",")[0] for problem in result.problems] == ["2: a quote left open", "6: a quote left open"]


def test_a_quote_left_open_in_a_long_file_costs_its_line_and_not_the_rest(tmp_path):
    rows = "".join(f"question {number},answer\n" for number in range(100_000))
    result = read("csv", write(tmp_path, f'q,a\n"open,x\n{rows}'))
    assert result.problems == ["2: a quote left open, or a cell of more than 1 MiB"]
    assert len(result.texts) == 100_000


def test_quotes_left_open_again_and_again_are_read_in_bounded_time(tmp_path):
    rows = "".join(f'{number},"open\n{number},x" "y\n' for number in range(30_000))
    result = read("csv", write(tmp_path, f"q,a\n{rows}"))
    assert len(result.problems) + len(result.texts) <= 60_000


def test_a_space_behind_every_separator_of_the_header_is_no_part_of_a_cell(tmp_path):
    path = write(tmp_path, 'id, question, answer\n1, hi, "hello, you"\n2, "why?", because\n')
    assert read("csv", path).texts == [["hi", "hello, you"], ["why?", "because"]]
    path = write(tmp_path, 'question,answer\nhi, "hello"\n')
    assert read("csv", path).texts == [["hi", ' "hello"']]


def test_quotes_behind_backslashes_are_read_where_none_is_written_twice(tmp_path):
    path = write(tmp_path, 'question,answer\nhi,"he said \\"hello\\", twice"\nwhy?,because\n')
    assert read("csv", path).texts == [["hi", 'he said "hello", twice'], ["why?", "because"]]
    path = write(tmp_path, 'question,answer\n"the path ""C:\\""","a ""b"" c"\nhi,hello\n')
    assert read("csv", path).texts == [['the path "C:\\"', 'a "b" c'], ["hi", "hello"]]


cells = st.text(st.characters(exclude_characters="\0", codec="utf-8"), min_size=1).filter(lambda text: "\r" not in text)


@given(st.lists(st.tuples(cells, cells)))
def test_what_a_spreadsheet_writes_is_read_back(tmp_path_factory, rows):
    table = io.StringIO()
    csv.writer(table).writerows([("question", "answer"), *rows])
    path = write(tmp_path_factory.mktemp("table"), table.getvalue())
    assert read("csv", path).texts == [list(row) for row in rows]
