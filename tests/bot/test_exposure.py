import math
from itertools import pairwise

import numpy as np
import pytest

from chatbot.bot.exposure import estimate_bits


def sample(count=1000, skew=0.0):
    draws = np.random.default_rng(0)
    steady, one_sided = draws.normal(size=count), np.abs(draws.normal(size=count))
    return -40 + steady + skew * one_sided


def test_a_string_in_the_middle_of_its_form_has_an_exposure_of_one_bit():
    others = sample()
    assert estimate_bits(float(np.median(others)), others) == pytest.approx(1.0, abs=0.05)


def test_the_least_likely_string_has_no_exposure():
    others = sample()
    assert estimate_bits(float(others.min()) - 1, others) == pytest.approx(0.0, abs=0.01)


@pytest.mark.parametrize("deviations", [4, 6, 10, 40])
def test_beyond_the_sample_the_exposure_follows_the_normal_distribution(deviations):
    others = sample(100_000)
    expected = -math.log2(math.erfc(deviations / math.sqrt(2)) / 2) if deviations < 38 else 1150
    assert estimate_bits(-40 + deviations, others) == pytest.approx(expected, rel=0.1)


@pytest.mark.parametrize("skew", [-3.0, 0.0, 3.0])
def test_the_exposure_grows_with_the_probability_whatever_the_skew(skew):
    others = sample(128, skew)
    bits = [estimate_bits(own, others) for own in np.linspace(others.min(), others.max() + 30, 50)]
    assert all(one <= other + 1.0 for one, other in pairwise(bits))
    assert bits[-1] > 20


def test_a_form_whose_strings_are_all_alike_has_no_exposure_or_any():
    assert estimate_bits(-3.0, np.full(5, -3.0)) == 0.0
    assert estimate_bits(-1.0, np.full(5, -3.0)) == math.inf
