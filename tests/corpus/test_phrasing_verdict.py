import re

import pytest

from chatbot.corpus.phrasing_verdict import MEASURED, expected_right
from chatbot.corpus.survey import survey
from chatbot.corpus.verdicts import judge
from tests.conftest import ROOT, write_pairs


def phrasings_of(folder, pairs):
    seen = survey(write_pairs(folder / "faq.tsv", pairs))
    return next(finding for finding in judge(seen) if finding.check == "phrasings")


def faq(*counts):
    """An answer with so many phrasings for each count."""
    return [
        (f"question {answer} {number}", f"answer {answer}") for answer, n in enumerate(counts) for number in range(n)
    ]


def test_few_phrasings_come_with_what_to_expect_and_the_answers_that_have_the_fewest(tmp_path):
    found = phrasings_of(tmp_path, faq(5, 5, 2, 5, 3))
    assert found.verdict == "note"
    path = tmp_path / "faq.tsv"
    assert found.found == (
        "2 to 5 phrasings an answer, half of the answers with 5 or fewer; with about 5, expect roughly 4 to 7 of 10 new"
        " questions to be answered right, fewer where answers are alike; fewest:"
        f" “answer 2” 2 ({path}:11), “answer 4” 3 ({path}:18), “answer 0” 5 ({path}:1)"
    )
    assert found.advice == (
        "write more phrasings, first of the answers with the fewest; of 10 new questions right, with 10: 5 to 8,"
        " 20: 6 to 8, 100: 8 to 9"
    )
    assert found.data["answers"] == {"2": 1, "3": 1, "5": 3}
    assert (found.data["median"], found.data["expected_right_of_10"]) == (5, [4, 7])
    assert found.data["fewest"][0] == {"text": "answer 2", "phrasings": 2, "line": 11}


def test_a_repeated_prompt_in_any_case_is_one_phrasing(tmp_path):
    pairs = [("Hi", "Hello!"), ("hi", "Hello!"), ("hey", "Hello!"), ("bye", "See you."), ("ciao", "See you.")]
    assert phrasings_of(tmp_path, pairs).found.startswith("2 phrasings an answer; with about 2, expect roughly 3 to 5 ")


def test_many_phrasings_are_good_and_nothing_is_promised_beyond_the_last_row(tmp_path):
    found = phrasings_of(tmp_path, faq(300, 300))
    assert (found.verdict, found.advice) == ("good", "")
    assert found.data["expected_right_of_10"] == [8, 9]


def test_pairs_whose_replies_come_once_are_no_set_of_answers(tmp_path):
    found = phrasings_of(tmp_path, faq(*[1] * 600, 2))
    assert (found.verdict, found.data) == ("good", {"answers": {"1": 600, "2": 1}})
    assert "translation or open dialogue" in found.found


def test_a_few_answers_with_a_phrasing_each_need_more(tmp_path):
    found = phrasings_of(tmp_path, faq(*[1] * 30))
    assert found.verdict == "note"
    assert found.found.startswith("1 phrasing an answer; with about 1, expect roughly 1 to 4 of 10 new questions")
    assert found.advice.startswith("write more phrasings")


@pytest.mark.parametrize("row", MEASURED)
def test_what_was_measured_is_in_the_range_that_is_expected(row):
    least, most = expected_right(row.phrasings)
    assert least <= 10 * row.lower <= 10 * row.higher <= most + 0.5
    assert most - least <= 3


def test_more_phrasings_never_promise_less():
    ranges = [expected_right(number) for number in range(1, 200)]
    assert ranges == sorted(ranges)
    assert all(0 <= least < most <= 10 for least, most in ranges)


def test_the_page_of_results_has_the_table():
    page = (ROOT / "docs" / "results.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| (?:banking|chitchat), (\d+|all) \|[^|]+\| [* ]*([\d.]+) %", page, re.MULTILINE)
    for row in MEASURED:
        name = "all" if row is MEASURED[-1] else str(row.phrasings)
        found = sorted(float(bot) for phrasings, bot in rows if phrasings == name)
        assert found == [pytest.approx(100 * row.lower), pytest.approx(100 * row.higher)]
