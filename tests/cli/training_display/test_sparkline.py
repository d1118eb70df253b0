import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatbot.cli.training_display.sparkline import Series, sparkline


@pytest.mark.parametrize(
    ("values", "drawn"),
    [
        ([1, 2, 3, 4, 5, 6, 7, 8], "▁▂▃▄▅▆▇█"),
        ([80, 40, 20, 10], "█▄▂▁"),
        ([-1, 0, 1], "▁▅█"),
        ([5, 5, 5], "▁▁▁"),
        ([7], "▁"),
        ([1, math.nan, 2, math.inf], "▁ █ "),
        ([math.nan], " "),
        ([], ""),
    ],
)
def test_figures_become_bars_from_the_lowest_to_the_highest(values, drawn):
    assert sparkline(values, 10) == drawn


def test_of_more_figures_than_there_is_room_for_neighbours_are_averaged():
    assert sparkline([0, 2, 3, 5, 6, 8], 3) == "▁▅█"
    assert sparkline([1, 2, 3], 0) == ""


def test_a_terminal_without_those_characters_gets_others():
    assert sparkline([1, 2, 3, 4, 5, 6, 7, 8], 8, ascii_only=True) == "_.-~=+*#"


@given(st.lists(st.floats(allow_nan=True, allow_infinity=True, width=32)), st.integers(0, 50))
def test_it_fits_whatever_the_figures(values, width):
    drawn = sparkline(values, width)
    assert len(drawn) == min(len(values), width)
    assert set(drawn) <= set(" ▁▂▃▄▅▆▇█")


def test_a_series_keeps_few_figures_as_they_are_and_many_as_means():
    series = Series(capacity=4)
    kept = []
    for number in range(1, 9):
        series.append(number)
        kept.append(series.values)
    assert kept[:3] == [(1,), (1, 2), (1, 2, 3)]
    assert kept[3] == (1.5, 3.5)
    assert kept[4:6] == [(1.5, 3.5), (1.5, 3.5, 5.5)]
    assert kept[7] == (2.5, 6.5)


@given(st.integers(0, 2000))
def test_a_series_of_any_length_stays_small_and_in_order(length):
    series = Series(capacity=8)
    for number in range(length):
        series.append(number)
    assert len(series.values) < 8
    assert list(series.values) == sorted(series.values)
    assert not length or series.values[0] <= length / 8 + 4


def test_figures_that_hardly_differ_are_drawn_flat_where_a_least_span_is_given():
    assert sparkline([0.005, 0.0, 0.004, 0.001], 10, least_span=0.5) == "▁▁▁▁"
    assert sparkline([2.0, 1.0, 0.0], 10, least_span=0.5) == sparkline([2.0, 1.0, 0.0], 10) == "█▅▁"
