"""The measurement whose weights are kept, among readable ones."""

import math

import pytest

from chatbot.metrics import Validation
from chatbot.runs.events import Measurement
from chatbot.training.loop.early_stopping import is_best


def kept(figures, closed_pairs):
    """The place of the measurement kept, of (share of exact replies, validation loss) in turn; None for none."""
    history = []
    for exact, loss in figures:
        valid = Validation(loss, loss, exact)
        best = is_best(history, 0.0, valid, closed_pairs)
        step = len(history)
        history.append(
            Measurement(1, step, 0.0, 0.0, valid, learning_rate=0.1, tokens_per_second=1.0, best=best, samples=())
        )
    return max((place for place, report in enumerate(history) if report.best), default=None)


@pytest.mark.parametrize(
    ("figures", "pairs", "place"),
    [
        pytest.param([(0.552, 1.79), (0.55, 1.74)], 500, 1, id="one prompt of 500 is chance, and the loss decides"),
        pytest.param([(0.54, 0.52), (0.52, 0.47), (0.51, 0.45), (0.524, 0.44)], 500, 3, id="so are ten of them"),
        pytest.param([(0.5, 1.0), (0.6, 1.2)], 500, 1, id="overconfident, and better"),
        pytest.param([(0.6, 1.0), (0.59, 1.1)], 500, 0, id="no better in anything"),
        pytest.param([(0.6, 1.0), (0.55, 0.9)], 500, 0, id="fewer, by more than a standard error"),
        pytest.param([(0.6, 1.0), (0.55, 0.9)], 30, 1, id="which is larger where prompts are few"),
        pytest.param([(0.6, 1.0), (0.585, 0.9), (0.57, 0.8)], 500, 1, id="many small losses are a large one"),
        pytest.param([(0.6, 1.0), (0.9, math.nan)], 500, 0, id="diverged"),
        pytest.param([(0.0, 1.0), (0.0, 0.9)], 500, 1, id="nothing is exact"),
        pytest.param([(0.6, 1.0), (0.5, 0.9), (0.9, 0.95)], None, 1, id="open dialogue: the loss alone"),
    ],
)
def test_the_share_of_exact_replies_decides_where_it_is_more_than_chance(figures, pairs, place):
    assert kept(figures, pairs) == place


@pytest.mark.parametrize("pairs", [None, 500])
def test_a_loss_that_is_no_number_is_never_the_best(pairs):
    assert kept([(0.9, math.nan)], pairs) is None
    assert kept([(0.9, math.nan), (0.1, 3.0)], pairs) == 1
