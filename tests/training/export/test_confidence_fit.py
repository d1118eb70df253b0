import numpy as np
import pytest

from chatbot.bot.reply.calibration import ALTERED, LEFT_OUT, VALIDATION, Lengths
from chatbot.metrics import calibration_error
from chatbot.training.export.confidence_fit import Examples, fit_confidence

LENGTHS = Lengths(1.5, 0.5)
FEW = [[True], [False], [True] * 60, [False] * 60, [True, False] * 3]


def rows(rng, count, near, index=True):
    """Signals of prompts that are so near to the corpus."""
    found = []
    for _ in range(count):
        quality = rng.normal()
        row = {"reply_logit": 2 + 1.5 * quality, "prompt_length_z": -abs(rng.normal())}
        if index:
            row |= {"neighbourhood": near * rng.uniform(0.7, 1.3), "neighbour_similarity": near * rng.uniform(1.2, 1.8)}
            row["reply_support"] = max(near + 0.1 * quality, 0.0)
        found.append(row | {"quality": quality})
    return found


def examples(rng, count, share_right, index=True, measured_on=VALIDATION):
    """Examples of which the surer are right."""
    answered = rows(rng, count, 0.4, index)
    found = np.array([row["quality"] for row in answered]) + rng.normal(size=count)
    right = (found > np.quantile(found, 1 - share_right)).tolist()
    known, outside = (rows(rng, 150, 0.4), rows(rng, 150, 0.1)) if index else ([], [])
    return Examples(answered, right, measured_on, known, outside)


@pytest.mark.parametrize("index", [True, False])
def test_where_there_is_much_to_measure_the_confidence_is_the_share_that_is_right(index):
    rng = np.random.default_rng(1)
    calibration = fit_confidence(examples(rng, 2000, 0.7, index), LENGTHS, None)
    others = examples(rng, 2000, 0.7, index)
    confidences = list(map(calibration.probability, others.answered))
    assert calibration_error(confidences, others.right) < 0.05
    assert (calibration.prompts, calibration.measured_on) == (2000, VALIDATION)


def test_what_is_outside_gets_little_confidence_though_no_reply_to_it_was_graded():
    rng = np.random.default_rng(2)
    calibration = fit_confidence(examples(rng, 40, 0.9), LENGTHS, None)
    inside = [calibration.probability(row) for row in rows(rng, 200, 0.4)]
    outside = [calibration.probability(row) for row in rows(rng, 200, 0.1)]
    assert np.quantile(inside, 0.05) > calibration.threshold > np.quantile(outside, 0.95)


def test_four_prompts_that_have_nothing_in_common_do_not_make_everything_familiar():
    rng = np.random.default_rng(6)
    few = Examples(rows(rng, 4, 0.1), [True] * 4, LEFT_OUT, rows(rng, 4, 0.08), rows(rng, 150, 0.04))
    calibration = fit_confidence(few, LENGTHS, None)
    asked_again, strange = rows(rng, 50, 0.5), rows(rng, 50, 0.02)
    assert min(map(calibration.probability, asked_again)) > 0.6
    assert max(map(calibration.probability, strange)) < 0.3


@pytest.mark.parametrize("prompts", [[1, 1, 1], [9] * 4])
def test_the_lengths_of_a_few_prompts_say_little_of_what_is_usual(prompts):
    assert 0.3 < Lengths.of(prompts).spread < 0.4
    assert Lengths.of(prompts * 1000).spread < 0.03


@pytest.mark.parametrize("measured_on", [VALIDATION, LEFT_OUT, ALTERED])
@pytest.mark.parametrize("right", FEW)
def test_a_few_prompts_make_nothing_certain(right, measured_on):
    rng = np.random.default_rng(3)
    few = examples(rng, len(right), 0.5)
    calibration = fit_confidence(Examples(few.answered, right, measured_on, few.known, few.outside), LENGTHS, None)
    assert all(0.001 < calibration.probability(row) < 0.999 for row in few.answered)
    for curve in (calibration.right, calibration.familiar):
        assert all(weight >= 0 for name, weight in curve.items() if name != "offset")


def test_trainings_that_differ_a_little_have_much_the_same_threshold_and_confidence():
    rng = np.random.default_rng(4)
    prompts = rows(rng, 50, 0.4)
    several = [fit_confidence(examples(rng, 12, 0.6), LENGTHS, None) for _ in range(8)]
    assert all(0.15 < one.threshold < 0.25 for one in several)
    means = [np.mean([one.probability(row) for row in prompts]) for one in several]
    assert max(means) - min(means) < 0.25


def test_the_cost_of_a_wrong_reply_chooses_the_threshold_and_the_costs_are_counted():
    rng = np.random.default_rng(5)
    answered = examples(rng, 200, 0.7)
    low, usual, high = (fit_confidence(answered, LENGTHS, cost) for cost in (0.1, 0.25, 4.0))
    assert [one.threshold for one in (low, usual, high)] == pytest.approx([1 / 11, 0.2, 0.8])
    assert (usual.wrong_cost, high.wrong_cost) == (0.25, 4.0)
    assert (high.costs["right"], high.costs["wrong"], high.costs["outside"]) == (140, 60, 150)
    assert low.costs["right_lost"] <= usual.costs["right_lost"] < high.costs["right_lost"] < 140
    assert low.costs["wrong_caught"] <= usual.costs["wrong_caught"] < high.costs["wrong_caught"] <= 60
    below = sum(high.probability(row) < 0.8 for row in answered.answered)
    assert below == high.costs["right_lost"] + high.costs["wrong_caught"]


def test_without_a_cost_few_right_replies_give_way_to_the_fallback():
    found = fit_confidence(examples(np.random.default_rng(7), 1000, 0.8), LENGTHS, None)
    assert found.wrong_cost is None
    assert 0.1 <= found.threshold <= 0.5
    assert found.costs["right_lost"] <= 0.04 * found.costs["right"]


def test_where_hardly_any_reply_is_right_the_threshold_leaves_most_replies_unless_a_cost_is_given():
    answered = examples(np.random.default_rng(6), 300, 0.02)
    usual = fit_confidence(answered, LENGTHS, None)
    assert np.mean([usual.probability(row) < usual.threshold for row in answered.answered]) == pytest.approx(
        0.02, abs=0.01
    )
    assert fit_confidence(answered, LENGTHS, 0.25).threshold == pytest.approx(0.2)
