import math

import numpy as np
import pytest

from chatbot.bot.calibration import FALLBACK_SHARE, Calibration, Lengths, calibrate
from chatbot.bot.confidence import Answer, Confidence, signals
from chatbot.bot.nearest_neighbour import NearestNeighbour
from chatbot.corpus import Pair
from chatbot.errors import ConfigError
from chatbot.metrics import calibration_error

LENGTHS = Lengths(mean=math.log(4), spread=math.log(2))
INDEX = NearestNeighbour.build([Pair("good morning", "Morning!"), Pair("good evening", "Evening!")])


def answer(prompt="good morning", tokens=4, reply="Morning!", log_probability=-0.1):
    return Answer(prompt, tokens, reply, log_probability)


def test_a_reply_that_is_more_probable_has_a_higher_logit():
    certain, likely, unlikely = (
        signals(answer(log_probability=value), LENGTHS, None)["reply_logit"]
        for value in (0.0, -math.exp(-2), -math.exp(2))
    )
    assert likely == pytest.approx(2, abs=0.01)
    assert unlikely == pytest.approx(-2, abs=0.01)
    assert certain == pytest.approx(math.log(1000))


@pytest.mark.parametrize(("tokens", "z"), [(1, 0), (4, 0), (8, -1), (16, -2)])
def test_a_prompt_longer_than_usual_counts_against_its_reply(tokens, z):
    assert signals(answer(tokens=tokens), LENGTHS, None)["prompt_length_z"] == pytest.approx(z)


def test_the_index_tells_how_near_a_prompt_is_and_whether_its_neighbours_agree():
    known = signals(answer(), LENGTHS, INDEX)
    assert known["neighbour_similarity"] == known["neighbour_agreement"] == pytest.approx(1)
    contrary = signals(answer(reply="Evening!"), LENGTHS, INDEX)
    assert contrary["neighbour_similarity"] == pytest.approx(1)
    assert 0.1 < contrary["neighbour_agreement"] < 0.6
    assert signals(answer(reply="Lovely."), LENGTHS, INDEX)["neighbour_agreement"] == 0
    strange = signals(answer(prompt="漢字"), LENGTHS, INDEX)
    assert (strange["neighbour_similarity"], strange["neighbour_agreement"]) == (0, 0)


def test_the_prompt_itself_can_be_passed_over():
    found = signals(answer(), LENGTHS, INDEX, besides="good morning")
    assert found["neighbour_similarity"] == pytest.approx(INDEX.nearest("good morning", 2)[1].similarity)
    assert found["neighbour_agreement"] == 0


def seen(count, share_right, rng, index=True):
    """Signals of answers of which the surer are right."""
    names = (
        ["reply_logit", "prompt_length_z", "neighbour_similarity", "neighbour_agreement"]
        if index
        else ["reply_logit", "prompt_length_z"]
    )
    quality = rng.normal(size=count)
    right = quality + rng.normal(size=count) > np.quantile(quality, 1 - share_right)
    found = [{name: quality[row] + 0.3 * rng.normal() for name in names} for row in range(count)]
    return found, right.tolist()


@pytest.mark.parametrize("index", [True, False])
def test_where_there_is_much_to_measure_the_confidence_is_the_share_that_is_right(index):
    rng = np.random.default_rng(1)
    calibration = calibrate(*seen(2000, 0.7, rng, index), LENGTHS, "validation prompts")
    found, right = seen(2000, 0.7, rng, index)
    confidences = list(map(calibration.probability, found))
    assert calibration_error(confidences, right) < 0.05
    assert np.mean(np.array(confidences) < calibration.threshold) == pytest.approx(FALLBACK_SHARE, abs=0.015)
    assert calibration.prompts == 2000


ANSWERS = [
    answer(prompt=prompt, tokens=tokens, reply=reply, log_probability=value)
    for prompt in ("good morning", "good", "漢字")
    for tokens in (1, 5, 100_000)
    for reply in ("Morning!", "Evening!", "", "x")
    for value in (0.0, -1e-6, -1.0, -1e9, -math.inf)
]
FEW = [
    ([True], 1),
    ([False], 1),
    ([True] * 60, 60),
    ([False] * 60, 60),
    ([True, False] * 3, 6),
]


@pytest.mark.parametrize("index", [INDEX, None], ids=["index", "no index"])
@pytest.mark.parametrize(("right", "count"), FEW)
def test_the_confidence_is_in_0_to_1_and_rises_with_each_signal_whatever_was_measured(tmp_path, right, count, index):
    found, _ = seen(count, 0.5, np.random.default_rng(2), index is not None)
    INDEX.save(tmp_path / "index.npz")
    calibration = calibrate(found, right, LENGTHS, "validation prompts")
    confidence = Confidence(calibration, None if index is None else tmp_path / "index.npz")
    assert all(0 <= confidence.of(one) <= 1 for one in ANSWERS)
    by_probability = [confidence.of(answer(log_probability=value)) for value in (-50, -5, -0.5, -0.05, 0)]
    assert by_probability == sorted(by_probability)
    by_length = [confidence.of(answer(tokens=tokens)) for tokens in (1000, 100, 10, 4)]
    assert by_length == sorted(by_length)
    by_prompt = [confidence.of(answer(prompt=prompt)) for prompt in ("漢字", "good evening", "good morning")]
    assert by_prompt == sorted(by_prompt)
    assert len(set(by_prompt)) == (1 if index is None else 3)


@pytest.mark.parametrize(("right", "count"), FEW)
def test_a_few_prompts_make_nothing_certain(right, count):
    calibration = calibrate(
        [{"reply_logit": 2.0, "prompt_length_z": 0.0}] * count, right, LENGTHS, "validation prompts"
    )
    expected = (sum(right) + 1) / (count + 2)
    assert Confidence(calibration, None).of(answer(log_probability=-math.exp(-2))) == pytest.approx(expected, abs=0.1)


def test_a_calibration_travels_to_json_and_back():
    calibration = calibrate(*seen(20, 0.5, np.random.default_rng(3)), LENGTHS, "validation prompts")
    assert Calibration.from_json(calibration.to_json()) == calibration
    assert {"surety", "brevity", "similarity", "agreement"} < calibration.to_json().keys()


def test_an_error_about_a_calibration_names_the_keys_of_the_manifest():
    calibration = calibrate(*seen(20, 0.5, np.random.default_rng(3)), LENGTHS, "validation prompts")
    values = {key: value for key, value in calibration.to_json().items() if key != "brevity"}
    with pytest.raises(ConfigError, match="missing key 'brevity'"):
        Calibration.from_json(values)


@pytest.mark.parametrize(
    ("change", "what"),
    [
        ({"surety": -1.0}, "surety must be above 0"),
        ({"surety": "much"}, "surety is 'much', not float"),
        ({"reply_logit": 1.0}, "unknown key 'reply_logit'"),
        ({"offset": math.nan}, "not finite"),
        ({"threshold": 2.0}, "0..1"),
        ({"similarity": None}, "similarity and agreement are both numbers, or both null"),
        ({"length_spread": 0.0}, "length_spread"),
        ({"prompts": "many"}, "prompts"),
        ({"colour": 1}, "unknown key"),
    ],
)
def test_numbers_that_are_no_calibration_are_refused(change, what):
    calibration = calibrate(*seen(20, 0.5, np.random.default_rng(3)), LENGTHS, "validation prompts")
    with pytest.raises(ConfigError, match=what):
        Calibration.from_json(calibration.to_json() | change)
