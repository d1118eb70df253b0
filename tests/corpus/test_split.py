import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatbot.corpus import Pair, split_by_prompt
from chatbot.corpus.split import count_decisive, lowest_kept

PAIRS = [Pair(f"prompt {number}", f"reply {version}") for number in range(50) for version in range(2)]


def prompts(pairs):
    return {pair.prompt.casefold() for pair in pairs}


def test_a_tenth_of_the_prompts_is_held_out_with_all_their_replies():
    training, validation = split_by_prompt(PAIRS, 0.1, seed=0)
    assert len(prompts(validation)) == 5
    assert len(validation) == 10
    assert sorted(training + validation) == sorted(PAIRS)


@pytest.mark.parametrize(("distinct", "held_out"), [(1, 0), (50, 5), (5_000, 500), (20_000, 500)])
def test_by_default_a_tenth_is_held_out_of_a_few_prompts_and_500_of_many(distinct, held_out):
    pairs = [Pair(f"prompt {number}", "reply") for number in range(distinct)]
    assert len(split_by_prompt(pairs, None, seed=0)[1]) == held_out


def test_the_same_seed_holds_out_the_same_prompts_whatever_the_order():
    _, first = split_by_prompt(PAIRS, 0.2, seed=3)
    _, second = split_by_prompt(PAIRS[::-1], 0.2, seed=3)
    assert prompts(first) == prompts(second)
    assert prompts(first) != prompts(split_by_prompt(PAIRS, 0.2, seed=4)[1])


def test_prompts_that_differ_in_case_alone_stay_together():
    pairs = [Pair("Hello", "a"), Pair("hello", "b"), Pair("HELLO", "c"), Pair("bye", "d")]
    for seed in range(10):
        training, validation = split_by_prompt(pairs, 0.5, seed)
        assert len(prompts(training)) == len(prompts(validation)) == 1


def test_nothing_is_held_out_where_nothing_was_asked_or_there_is_one_prompt():
    assert split_by_prompt(PAIRS, 0.0, seed=0) == (PAIRS, [])
    assert split_by_prompt(PAIRS[:2], 0.9, seed=0) == (PAIRS[:2], [])


def test_no_answer_of_an_faq_loses_all_of_its_questions():
    asked = [
        Pair(f"question {number} {phrasing}", f"Answer {number}.") for number in range(60) for phrasing in range(2)
    ]
    rare = [Pair(f"rare {number}", f"Rare {number}.") for number in range(20)]
    for seed in range(20):
        for share, fewest, most in ((None, 4, 14), (0.3, 16, 42)):
            training, validation = split_by_prompt([*asked, *rare], share, seed)
            assert {pair.reply for pair in training} == {pair.reply for pair in [*asked, *rare]}
            assert fewest <= len(validation) <= most


def test_nothing_is_held_out_of_a_few_answers_with_a_question_each_but_what_is_asked_for():
    faq = [Pair(f"question {number}", f"Answer {number}.") for number in range(30)]
    assert split_by_prompt(faq, None, seed=0) == (faq, [])
    assert len(split_by_prompt(faq, 0.1, seed=0)[1]) == 3


def test_the_last_question_of_an_answer_stays_with_all_that_it_is_answered_with():
    pairs = [Pair("hello", "Hi."), Pair("Hello", "Good day."), *(Pair(f"bye {number}", "Bye.") for number in range(18))]
    for seed in range(60):
        assert [pair.reply for pair in split_by_prompt(pairs, None, seed)[0][:2]] == ["Hi.", "Good day."]


def test_open_dialogue_is_held_out_though_each_reply_occurs_once():
    pairs = [Pair(f"prompt {number}", f"reply {number}") for number in range(500)]
    assert len(split_by_prompt(pairs, None, seed=0)[1]) == 50


@given(
    st.lists(st.builds(Pair, st.text(max_size=3), st.text(max_size=3)), min_size=1),
    st.none() | st.floats(0, 0.99),
    st.integers(0, 9),
)
def test_no_prompt_is_on_both_sides_and_no_pair_is_lost(pairs, share, seed):
    training, validation = split_by_prompt(pairs, share, seed)
    assert not prompts(training) & prompts(validation)
    assert sorted(training + validation) == sorted(pairs)
    assert training


@pytest.mark.parametrize("share", [None, 0.0, 0.1])
@pytest.mark.parametrize("prompts", [30, 4_000, 30_000])
def test_a_few_ranks_of_each_part_tell_the_lowest_that_is_kept_of_all(share, prompts):
    ranks = np.random.default_rng(0).integers(prompts, size=3 * prompts).astype(np.uint64)
    parts = [np.unique(part)[: count_decisive(share)] for part in np.array_split(ranks, 5)]
    assert lowest_kept(np.unique(np.concatenate(parts)), share) == lowest_kept(np.unique(ranks), share)
    assert sum(map(len, parts)) <= {None: 25_000, 0.0: 5, 0.1: 3 * prompts}[share]
