import json

import pytest

from chatbot.corpus.formats.parsing import json_records
from chatbot.corpus.formats.parsing.file_sample import FileSample
from chatbot.corpus.formats.parsing.intake import Intake
from chatbot.corpus.formats.parsing.json_event_walk import DEEPEST
from chatbot.corpus.formats.parsing.json_records import paths, records, values_at
from chatbot.corpus.reading.import_counts import ImportCounts
from chatbot.errors import CorpusError
from tests.corpus.formats.reading import write


def read_values(path, *places):
    problems = []
    values = list(values_at(path, Intake(ImportCounts(), problems.append), places))
    return values, [f"{problem.line}: {problem.what}" for problem in problems]


def read_records(path):
    problems = []
    found = list(records(path, Intake(ImportCounts(), problems.append)))
    return found, [f"{problem.line}: {problem.what}" for problem in problems]


DOCUMENT = {
    "chats": {"about": [1, [2, {"a": 3}]], "list": [{"id": 1, "texts": ["x", {"y": []}]}, {"id": 2, "texts": "z"}]},
    "none": None,
    "": {"": 0},
}


@pytest.mark.parametrize("indent", [None, 1])
def test_values_are_read_from_where_they_stand(tmp_path, indent):
    path = write(tmp_path, json.dumps(DOCUMENT, indent=indent))
    found, problems = read_values(path, "chats.list.item.id", "chats.list.item.texts", "none", "chats.about.item.item")
    assert ([(place, value) for _, place, value in found], problems) == (
        [
            ("chats.about.item.item", 2),
            ("chats.about.item.item", {"a": 3}),
            ("chats.list.item.id", 1),
            ("chats.list.item.texts", ["x", {"y": []}]),
            ("chats.list.item.id", 2),
            ("chats.list.item.texts", "z"),
            ("none", None),
        ],
        [],
    )
    lines = json.dumps(DOCUMENT, indent=indent).splitlines()
    assert all("id" in lines[line - 1] for line, place, _ in found if place.endswith(".id"))


def test_a_sample_shows_where_values_stand_even_if_it_is_cut(tmp_path):
    content = json.dumps(DOCUMENT)
    sample = FileSample.of(write(tmp_path, content[: content.index("texts") + 9]))
    assert {"chats.about.item.item.a", "chats.list.item.id"} <= paths(sample)
    assert "none" not in paths(sample)


def nested(levels):
    return "[" * levels + "1" + "]" * levels


@pytest.mark.parametrize(
    ("levels", "read"), [(DEEPEST - 1, True), (DEEPEST, True), (DEEPEST + 1, False), (1_000_000, False)]
)
def test_a_value_nested_too_deep_is_a_problem_and_the_rest_is_read(tmp_path, levels, read):
    problem = f"nested more than {DEEPEST} levels deep"
    path = write(tmp_path, f'{{"deep": {nested(levels)},\n"list": [{nested(levels)},\n2]}}')
    found, problems = read_values(path, "list.item")
    assert ([line for line, _, _ in found], problems) == (([2, 3], []) if read else ([3], [f"2: {problem}"]))
    assert "deep.item.item" in paths(FileSample.of(path))

    for content in (f'[{{"a": {nested(levels - 1)}}},\n{{}}]', f'{{"a": {nested(levels - 1)}}}\n{{}}\n'):
        found, problems = read_records(write(tmp_path, content))
        assert ([line for line, _ in found], problems) == (([1, 2], []) if read else ([2], [f"1: {problem}"]))


def test_a_key_of_a_megabyte_is_not_copied_for_each_value_below_it(tmp_path):
    """Else that is a terabyte, and of the beginning alone gigabytes are held."""
    values = ",".join(["1"] * 500_000)
    path = write(tmp_path, f'{{"{"k" * 1_000_000}": [{values}], "list": [2]}}')
    assert read_values(path, "list.item")[0] == [(1, "list.item", 2)]
    values = ",".join(f'"{number}": 1' for number in range(8_000))
    path = write(tmp_path, f'{{"{"k" * 2_000}": ' * 50 + f'{{"inner": {{{values}')
    assert sum(map(len, paths(FileSample.of(path)))) < 8_000


def test_a_string_of_ten_megabytes_is_read_and_one_beyond_the_limit_is_an_error_with_its_line(tmp_path, monkeypatch):
    path = write(tmp_path, '{"list": [\n"' + "x" * 10_000_000 + '"]}')
    assert len(read_values(path, "list.item")[0][0][2]) == 10_000_000
    monkeypatch.setattr(json_records, "LONGEST_STRING", 5 << 20)
    with pytest.raises(CorpusError, match=r"source:2: a string of more than 5 MiB"):
        read_values(path, "list.item")


@pytest.mark.parametrize(
    ("text", "what"),
    [
        (r"page\x0Cone", r"\x0C is no escape of JSON; write \u000C in its place"),
        (r"C:\\bees\honey", r"\h is no escape of JSON; write two backslashes for one"),
    ],
)
def test_a_wrong_escape_is_shown_with_what_to_write_for_it(tmp_path, text, what):
    path = write(tmp_path, '{"list": ["C:\\\\x0C \\\\h",\n"' + text + '"]}')
    with pytest.raises(CorpusError) as caught:
        read_values(path, "list.item")
    assert str(caught.value) == f"{path}:2: damaged JSON ({what})"


@pytest.mark.parametrize("content", ['{"list": [1,\n2', '{"list": [1,\n2]} {}', '{"list": [1,\n2}'])
def test_a_damaged_document_is_an_error_with_its_line(tmp_path, content):
    with pytest.raises(CorpusError, match=r"source:2: damaged JSON \("):
        read_values(write(tmp_path, content), "list.item")


@pytest.mark.parametrize("content", ['{"list": [1,\n2', '{"list": [1,\n"two', '{"list": [1,\n'])
def test_a_document_that_ends_in_the_middle_is_said_to_be_cut_short(tmp_path, content):
    with pytest.raises(CorpusError, match=r"damaged JSON \(it ends in the middle; fetch or export the file again"):
        read_values(write(tmp_path, content), "list.item")


@pytest.mark.parametrize("content", ['{"list": [1,\n2,]}', '{"list": [1,\n2\n,\n]}', '{"list": [1], \n}'])
def test_a_comma_too_many_is_named(tmp_path, content):
    with pytest.raises(CorpusError, match=r"damaged JSON \(a comma before a closing bracket; take it out\)"):
        read_values(write(tmp_path, content), "list.item")


def test_lines_that_end_with_the_commas_of_an_array_are_read(tmp_path):
    assert read_records(write(tmp_path, '{"a": 1},\r\n\r\n{"a": 2} ,\r\n{"a": 3}')) == (
        [(1, {"a": 1}), (3, {"a": 2}), (4, {"a": 3})],
        [],
    )


def test_a_damaged_line_says_at_which_column(tmp_path):
    found, problems = read_records(write(tmp_path, '{"a": 1}\n{"a": "cut\n{"a" 1}\n'))
    assert found == [(1, {"a": 1})]
    assert problems == [
        "2: damaged JSON (Unterminated string starting at column 7)",
        "3: damaged JSON (Expecting ':' delimiter at column 6)",
    ]


def test_a_number_of_more_digits_than_python_reads_is_damage(tmp_path):
    number = "1" * 5000
    path = write(tmp_path, f'{{"a": 1}}\n{{"b": {number}}}\n')
    assert "a" in paths(FileSample.of(path))
    found, problems = read_records(path)
    assert ([line for line, _ in found], [problem.split(" (")[0] for problem in problems]) == ([1], ["2: damaged JSON"])
    with pytest.raises(CorpusError, match=r"source:2: damaged JSON \("):
        read_values(write(tmp_path, f'{{"list": [1,\n{number}]}}'), "list.item")


@pytest.mark.parametrize("number", [2**63 - 1, 2**63, 2**64 - 1, -(2**63) - 1, 10**40, 0.5, -1e300, 1e-5])
def test_a_number_of_any_size_is_read_in_a_document_and_in_lines(tmp_path, number):
    record = {"id": number, "in": [number]}
    for content in (json.dumps(record), f"[{json.dumps(record, indent=1)}]"):
        found, problems = read_records(write(tmp_path, content))
        assert ([value for _, value in found], problems) == ([record], [])
        assert isinstance(found[0][1]["id"], type(number))
    values, _ = read_values(write(tmp_path, json.dumps([number])), "item")
    assert values == [(1, "item", number)]


@pytest.mark.parametrize("number", ["1e99999999999999999999", "-1e-99999999999999999999"])
def test_a_number_with_an_exponent_that_python_does_not_read_is_damage(tmp_path, number):
    path = write(tmp_path, f'{{"a": 1,\n"b": {number}}}')
    assert "a" in paths(FileSample.of(path))
    with pytest.raises(CorpusError, match=r"source:2: damaged JSON \("):
        read_values(path, "b")
