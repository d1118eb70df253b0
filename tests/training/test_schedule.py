import pytest

from chatbot.config import TrainingConfig
from chatbot.training.setup.schedule import choose_regularization, learning_rate, run_progress

RECIPE = TrainingConfig(learning_rate=1.0, warmup_share=0.1)


def test_the_rate_climbs_then_falls_along_half_a_cosine():
    rates = [learning_rate(step, step / 100, RECIPE) for step in (0, 5, 10, 55, 100)]
    assert rates == pytest.approx([0.02, 0.5, 1.0, 0.5, 0.02])


def test_a_long_run_is_warm_as_soon_as_a_short_one():
    rates = [learning_rate(step, step / 1_000_000, RECIPE) for step in (0, 149, 299, 5000)]
    assert rates == pytest.approx([0.02, 0.5, 1.0, 1.0])


def test_without_warm_up_the_rate_starts_at_its_highest():
    assert learning_rate(0, 0.0, TrainingConfig(learning_rate=1.0, warmup_share=0.0)) == 1.0


def test_progress_is_by_steps_or_by_time_whichever_is_further():
    assert run_progress(10, 100, 50.0, None) == 0.1
    assert run_progress(10, 100, 50.0, 100.0) == 0.5
    assert run_progress(90, 100, 50.0, 100.0) == 0.9
    assert run_progress(10, 100, 500.0, 100.0) == 1.0


def test_what_can_be_learned_by_heart_is_regularized_and_what_is_seen_a_few_times_is_not():
    assert set(choose_regularization(4.5).values()) == {0.0}
    assert all(share > 0 for share in choose_regularization(40.0).values())
