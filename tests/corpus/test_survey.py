import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatbot.corpus import Pair
from chatbot.corpus.survey import survey
from chatbot.corpus.verdicts import judge
from tests.conftest import write_pairs


def look(folder, pairs, test=None):
    return survey(
        write_pairs(folder / "corpus.tsv", pairs), None if test is None else write_pairs(folder / "test.tsv", test)
    )


def finding(seen, check):
    return next(finding for finding in judge(seen) if finding.check == check)


def test_a_plain_corpus_is_good(tmp_path):
    seen = look(tmp_path, [(f"prompt {'a' * n}", f"reply {'b' * n}") for n in range(600)])
    assert {found.verdict for found in judge(seen)} == {"good"}
    assert (seen.pairs, seen.prompts, seen.replies, seen.duplicates, seen.contradicted) == (600, 600, 600, 0, 0)


def test_examples_are_texts_with_their_counts_for_programs(tmp_path):
    seen = look(tmp_path, [("hi", "hello"), ("hi", "hey"), ("bye", "hello")])
    assert finding(seen, "several replies").data["most"] == [{"text": "hi", "count": 2}]


def test_unusable_lines_are_counted_by_kind_and_placed(tmp_path):
    path = tmp_path / "corpus.tsv"
    path.write_bytes(b"a\tb\nno tab\n\tempty\ncaf\xe9\tb\nno tab either\nc\t\n")
    seen = survey(path)
    assert seen.problems == {
        "no tab between prompt and reply": 2,
        "empty prompt": 1,
        "empty reply": 1,
        "not UTF-8": 1,
    }
    found = finding(seen, "lines")
    assert found.verdict == "warning"
    assert found.found == (
        "1 pair; no tab between prompt and reply: 2 (lines 2, 5); empty prompt: 1 (line 3);"
        " not UTF-8: 1 (line 4); empty reply: 1 (line 6)"
    )


@pytest.mark.parametrize("content", ["", "no tab\n"])
def test_nothing_usable_is_a_failure(tmp_path, content):
    path = tmp_path / "corpus.tsv"
    path.write_text(content)
    (found,) = judge(survey(path))
    assert found.verdict == "failure"
    assert found.found.startswith("no usable pair")


def test_pairs_that_repeat_and_prompts_with_several_replies_are_found(tmp_path):
    pairs = [("Hi", "hello"), ("hi", "hello"), ("HI", "hey"), ("hi", "yo"), ("bye", "ciao"), ("bye", "ciao")]
    seen = look(tmp_path, pairs)
    assert (seen.duplicates, seen.contradicted, seen.prompts, seen.replies) == (2, 1, 2, 4)
    assert seen.contradictions == [("HI", 3)]
    assert finding(seen, "duplicates").found == "2 pairs repeat an earlier one (33.3%)"
    assert "“HI” has 3" in finding(seen, "several replies").found


def test_one_of_a_thing_is_said_in_the_singular(tmp_path):
    seen = look(tmp_path, [("y", "n"), ("y", "n")])
    assert finding(seen, "amount").found == "1 different prompt, 1 different reply"
    assert finding(seen, "duplicates").found == "1 pair repeats an earlier one (50.0%)"
    assert finding(seen, "frequent replies").found == "“n” is 100.0% of the replies"
    assert finding(seen, "lengths").found.startswith("prompts: median 1 character, 95th percentile 1, longest 1; ")


def test_a_reply_that_is_given_too_often_is_a_warning(tmp_path):
    often = [(f"q{n}", "I don't know." if n % 3 else f"answer {n}") for n in range(300)]
    found = finding(look(tmp_path, often), "frequent replies")
    assert found.verdict == "warning"
    assert found.found.startswith("“I don't know.” is 66.7% of the replies")
    evenly = [(f"q{n}", f"answer {n % 4}") for n in range(300)]
    assert finding(look(tmp_path, evenly), "frequent replies").verdict == "good"


def test_prompts_that_also_stand_in_the_test_file_are_found_in_any_case(tmp_path):
    corpus = [("How are you?", "fine"), ("bye", "ciao"), ("tea?", "yes")]
    seen = look(tmp_path, corpus, [("how  ARE you?", "x"), ("how are you?", "y"), ("coffee?", "no")])
    assert (seen.test_prompts, seen.leaked, seen.leaks) == (2, 1, [("How are you?", 1)])
    found = finding(seen, "test file")
    assert (found.verdict, found.found) == ("warning", "1 of its 2 prompts found in the corpus too: “How are you?”")
    assert finding(look(tmp_path, corpus, [("coffee?", "no")]), "test file").verdict == "good"
    assert finding(look(tmp_path, corpus, []), "test file").found == "the test file has no usable pair"


def test_personal_data_is_found_with_its_lines(tmp_path):
    seen = look(tmp_path, [("hi", "hello"), ("mail?", "jo@example.com, jo@example.org"), ("call", "010-1234-5678")])
    assert (seen.personal, seen.personal_lines) == ({"email": 2, "phone": 1}, [2, 3])
    found = finding(seen, "personal data")
    assert (found.verdict, found.found) == ("warning", "e-mail addresses: 2, phone numbers: 1 (lines 2, 3)")


def test_languages_lengths_and_context_are_said(tmp_path):
    seen = look(tmp_path, [("hello", "안녕"), ("a ␞ b ␞ good night", "잘 자")] * 30 + [("привет", "x" * 400)])
    assert finding(seen, "languages by script").found == (
        "prompts Latin 98.4%, Cyrillic 1.6%; replies Hangul 98.4%, Latin 1.6%"
    )
    assert finding(seen, "languages by script").verdict == "note"
    assert finding(seen, "lengths").data["reply"] == {
        **dict.fromkeys(("10–19", "20–39", "40–79", "80–159", "160–319"), 0),
        "1–9": 60,
        "320+": 1,
    }
    assert seen.context_turns == 2
    assert "up to 2 turns" in finding(seen, "context").found


def test_the_sample_is_drawn_from_the_whole_file_and_no_larger_than_needed(tmp_path):
    seen = look(tmp_path, [(f"PROMPT {n}", "x" * 10_000 if n == 0 else "reply") for n in range(6000)])
    numbers = [int(prompt.removeprefix("prompt ")) for prompt, _ in seen.sample]
    assert len(numbers) == len(set(numbers)) == 4000
    assert sum(numbers) / len(numbers) == pytest.approx(3000, rel=0.05)
    assert max(len(reply) for _, reply in seen.sample) <= 5000


texts = st.text("abAB ", min_size=1, max_size=2).filter(str.strip)


@given(st.lists(st.builds(Pair, texts, texts), min_size=1))
def test_what_is_counted_on_disk_is_what_sets_would_count(tmp_path_factory, pairs):
    seen = look(tmp_path_factory.mktemp("survey"), pairs)
    folded = [(prompt.strip().casefold(), reply.strip()) for prompt, reply in pairs]
    by_prompt = {prompt: {reply for other, reply in folded if other == prompt} for prompt, _ in folded}
    assert seen.pairs == len(pairs)
    assert seen.duplicates == len(pairs) - len(set(folded))
    assert seen.prompts == len(by_prompt)
    assert seen.contradicted == sum(len(replies) > 1 for replies in by_prompt.values())
