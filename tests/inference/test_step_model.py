import numpy as np

from chatbot.inference.step_model import DecoderState

STATE = DecoderState(
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


FIXED = DecoderState({"h": np.array([[0], [1], [2]], np.float32)}, {"memory": np.array([[0], [10], [20]], np.float32)})


def test_what_belongs_to_the_prompt_follows_its_row():
    chosen = FIXED.select([2, 0, 0])
    assert chosen.fixed["memory"].tolist() == [[20], [0], [0]]
    assert chosen.prompts.tolist() == [2, 0, 0]
    again = chosen.select([0, 2, 2, 1])
    assert again.fixed["memory"].tolist() == [[20], [0], [0], [0]]
    assert again.arrays["h"].tolist() == [[2], [0], [0], [0]]


def test_rows_that_change_places_within_a_prompt_copy_nothing_of_it():
    beams = FIXED.select([0, 0, 1, 1]).advance({"h": np.array([[1], [2], [3], [4]], np.float32)})
    swapped = beams.select([1, 0, 3, 3])
    assert swapped.arrays["h"].tolist() == [[2], [1], [4], [4]]
    assert swapped.fixed is beams.fixed
