import numpy as np

from chatbot.inference.steps import State

STATE = State(
    {"h": np.arange(6, dtype=np.float32).reshape(3, 2), "memory": np.arange(12, dtype=np.float32).reshape(3, 2, 2)}
)


def test_rows_are_reordered_repeated_and_dropped_in_every_array():
    chosen = STATE.select([2, 0, 0])
    assert chosen.rows == 3
    assert chosen.arrays["h"].tolist() == [[4, 5], [0, 1], [0, 1]]
    assert chosen.arrays["memory"][0].tolist() == [[8, 9], [10, 11]]


def test_the_state_that_was_selected_from_stays_as_it_was():
    STATE.select([1]).arrays["h"][0] = 99
    assert STATE.arrays["h"].tolist() == [[0, 1], [2, 3], [4, 5]]
