from hypothesis import given
from hypothesis import strategies as st

from chatbot.corpus.importing.pending_pairs import PendingPairs
from chatbot.corpus.reading.tsv import Pair


def pair(number):
    return Pair(f"prompt {number}", "reply")


def test_pairs_that_nothing_can_cancel_do_not_wait():
    held = PendingPairs()
    held.add(pair(1), None)
    held.add(pair(2), None)
    assert list(held.release()) == [pair(1), pair(2)]


def test_those_behind_one_that_can_be_cancelled_wait_with_it_until_it_is():
    held = PendingPairs()
    for number, prompt_id in ((1, "a"), (2, None), (3, "a"), (4, "b")):
        held.add(pair(number), prompt_id)
    assert list(held.release()) == []
    assert (held.cancel("a"), held.cancel("a"), held.cancel("c")) == (2, 0, 0)
    held.add(pair(5), None)
    assert list(held.release(everything=True)) == [pair(2), pair(4), pair(5)]


@given(st.lists(st.tuples(st.none() | st.sampled_from("abc"), st.none() | st.sampled_from("abc"))), st.integers(0, 4))
def test_pairs_keep_their_order_and_no_more_wait_than_may(steps, most):
    held, released, cancelled = PendingPairs(most), [], 0
    for number, (prompt_id, answered) in enumerate(steps):
        held.add(pair(number), prompt_id)
        released += held.release()
        assert number + 1 - len(released) - cancelled <= most
        cancelled += 0 if answered is None else held.cancel(answered)
    released += held.release(everything=True)
    assert released == sorted(released, key=lambda made: int(made.prompt.split()[1]))
    assert len(released) + cancelled == len(steps)
