import numpy as np
import pytest

from chatbot.bot.grading import GradedReply
from chatbot.bot.risk_curve import RiskCurve, area_under_roc


def graded(*answers):
    return [GradedReply("?", "!", ("!",), right, confidence) for right, confidence in answers]


ANSWERS = graded((True, 0.9), (True, 0.6), (True, 0.2), (False, 0.5), (False, 0.1))


def test_the_own_threshold_keeps_and_says_what_is_not_below_it():
    curve = RiskCurve.of(ANSWERS, 0.5, [0.5, 0.4, 0.0, 0.0])
    assert (curve.right, curve.wrong, curve.outside, curve.outside_answered) == (3, 2, 4, 1)
    own = curve.own
    assert (own.right_kept, own.wrong_said, own.outside_said) == (pytest.approx(2 / 3), 0.5, 0.25)


def test_the_curve_goes_from_saying_everything_to_saying_nothing():
    points = RiskCurve.of(ANSWERS, 0.5, [0.3]).points
    assert (points[0].right_kept, points[0].wrong_said, points[0].outside_said) == (1, 1, 1)
    assert (points[-1].right_kept, points[-1].wrong_said, points[-1].outside_said) == (0, 0, 0)
    assert [one.right_kept for one in points] == sorted((one.right_kept for one in points), reverse=True)


def test_without_prompts_from_outside_nothing_is_said_of_them():
    curve = RiskCurve.of(ANSWERS, 0.5, None)
    assert (curve.outside, curve.outside_answered, curve.auroc, curve.own.outside_said) == (None,) * 4


def test_a_long_curve_has_no_more_than_a_hundred_points():
    many = graded(*((place % 2 == 0, place / 5000) for place in range(5000)))
    assert len(RiskCurve.of(many, 0.5, None).points) == 100


def test_the_area_counts_equal_confidences_as_half():
    assert area_under_roc(np.array([0.9, 0.5]), np.array([0.5, 0.1])) == pytest.approx(0.875)
    assert area_under_roc(np.array([]), np.array([0.5])) == 0.5
