import pytest

from chatbot.inference.decoding.run_generator import Running, Stopped, drain


def count_to(last):
    yield from range(1, last + 1)
    return "done"


def test_a_drained_generator_gives_what_it_returns_and_shows_each_step():
    steps = []
    assert drain(count_to(3), steps.append) == "done"
    assert steps == [1, 2, 3]
    assert drain(count_to(0)) == "done"


@pytest.mark.parametrize("stop_after", [0, 1, 2])
def test_a_generator_is_given_up_between_two_steps(stop_after):
    steps = []
    with pytest.raises(Stopped):
        drain(count_to(3), steps.append, lambda: len(steps) >= stop_after)
    assert steps == list(range(1, stop_after + 1))


def test_a_running_generator_has_a_result_at_its_end_alone():
    running = Running(count_to(1))
    steps = iter(running)
    assert next(steps) == 1
    with pytest.raises(AttributeError):
        running.result  # noqa: B018  # reading it is the test
    assert list(steps) == []
    assert running.result == "done"
