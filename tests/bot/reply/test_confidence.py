import json
import math

import pytest

from chatbot.bot.index.nearest_neighbour import NearestNeighbour
from chatbot.bot.reply.calibration import Calibration, Lengths
from chatbot.bot.reply.confidence import Answer, AnswersTogether, Confidence, signals, signals_of_all
from chatbot.corpus import Pair
from chatbot.errors import ConfigError

LENGTHS = Lengths(mean=math.log(4), spread=math.log(2))
INDEX = NearestNeighbour.build([Pair("good morning", "Morning!"), Pair("good evening", "Evening!")])


def answer(prompt="good morning", tokens=4, reply="Morning!", log_probability=-0.1):
    return Answer(prompt, tokens, reply, log_probability)


def test_a_reply_that_is_more_probable_has_a_higher_logit():
    certain, likely, unlikely = (
        signals(answer(log_probability=value), LENGTHS, None)["reply_logit"]
        for value in (0.0, -math.exp(-1), -math.exp(1.5))
    )
    assert likely == pytest.approx(1, abs=0.02)
    assert unlikely == pytest.approx(-1.5, abs=0.01)
    assert signals(answer(log_probability=-1e9), LENGTHS, None)["reply_logit"] == -2, "as unsure as it gets"
    assert certain == pytest.approx(5), "as sure as it gets"


@pytest.mark.parametrize(("tokens", "z"), [(1, 0), (4, 0), (8, -1), (16, -2)])
def test_a_prompt_longer_than_usual_counts_against_its_reply(tokens, z):
    assert signals(answer(tokens=tokens), LENGTHS, None)["prompt_length_z"] == pytest.approx(z)


def test_the_index_tells_the_kind_of_a_prompt_and_what_supports_its_reply():
    known = signals(answer(), LENGTHS, INDEX)
    assert known["neighbour_similarity"] == pytest.approx(1)
    assert known["reply_support"] == pytest.approx(1 / 3), "one prompt of three has this reply"
    assert known["neighbourhood"] == pytest.approx((1 + INDEX.nearest("good morning", 2)[1].similarity) / len(INDEX))
    contrary = signals(answer(reply="Evening!"), LENGTHS, INDEX)
    assert contrary["neighbour_similarity"] == pytest.approx(1)
    assert 0 < contrary["reply_support"] < known["reply_support"]
    assert signals(answer(reply="Lovely."), LENGTHS, INDEX)["reply_support"] == 0
    strange = signals(answer(prompt="漢字"), LENGTHS, INDEX)
    assert (strange["neighbour_similarity"], strange["neighbourhood"], strange["reply_support"]) == (0, 0, 0)


def test_the_prompt_itself_can_be_passed_over():
    found = signals(answer(), LENGTHS, INDEX, besides="good morning")
    assert found["neighbour_similarity"] == pytest.approx(INDEX.nearest("good morning", 2)[1].similarity)
    assert found["reply_support"] == 0


def calibration(index=True, **changes):
    familiar = {"offset": -3.0, "neighbourhood": 20.0, "neighbour_similarity": 3.0, "prompt_length_z": 0.5}
    right = {"offset": -2.0, "reply_logit": 0.5, **({"reply_support": 5.0} if index else {"prompt_length_z": 0.5})}
    values = {
        "measured_on": "validation prompts",
        "prompts": 20,
        "length_mean": LENGTHS.mean,
        "length_spread": LENGTHS.spread,
        "familiar": familiar if index else None,
        "right": right,
        "wrong_cost": 0.25,
        "threshold": 0.2,
        "costs": {},
    }
    return Calibration.from_json(values | changes)


def test_the_confidence_is_the_product_of_two_curves():
    found = signals(answer(), LENGTHS, INDEX)
    one, other = (
        1 / (1 + math.exp(-sum(weight * found.get(name, 1.0) for name, weight in curve.items())))
        for curve in (calibration().familiar, calibration().right)
    )
    assert calibration().probability(found) == pytest.approx(one * other)


ANSWERS = [
    answer(prompt=prompt, tokens=tokens, reply=reply, log_probability=value)
    for prompt in ("good morning", "good", "漢字")
    for tokens in (1, 5, 100_000)
    for reply in ("Morning!", "Evening!", "", "x")
    for value in (0.0, -1e-6, -1.0, -1e9, -math.inf)
]


@pytest.mark.parametrize("index", [INDEX, None], ids=["index", "no index"])
def test_the_confidence_is_in_0_to_1_and_rises_with_each_signal(tmp_path, index):
    INDEX.save(tmp_path / "index.npz")
    confidence = Confidence(calibration(index is not None), None if index is None else tmp_path / "index.npz")
    assert all(0 <= confidence.of(one) <= 1 for one in ANSWERS)
    by_probability = [confidence.of(answer(log_probability=value)) for value in (-50, -5, -0.5, -0.05, 0)]
    assert by_probability == sorted(by_probability)
    by_length = [confidence.of(answer(tokens=tokens)) for tokens in (1000, 100, 10, 4)]
    assert by_length == sorted(by_length)
    by_prompt = [confidence.of(answer(prompt=prompt)) for prompt in ("漢字", "good evening", "good morning")]
    assert by_prompt == sorted(by_prompt)
    assert len(set(by_prompt)) == (1 if index is None else 3)


def test_a_calibration_travels_to_json_and_back():
    assert Calibration.from_json(json.loads(json.dumps(calibration().to_json()))) == calibration()


def curve(**changes):
    return {"right": {**calibration().right, **changes}}


@pytest.mark.parametrize(
    ("change", "what"),
    [
        (curve(reply_logit=-1.0), "reply_logit of right must be 0 or more"),
        (curve(reply_logit="much"), "reply_logit of right must be a number"),
        (curve(offset=math.nan), "offset of right must be a number"),
        (curve(offset=10**400), "offset of right must be a number"),
        (curve(colour=1.0), "right must have the keys offset, reply_logit, reply_support"),
        ({"right": None}, "right is None, not object"),
        ({"familiar": None}, "right must have the keys offset, reply_logit, prompt_length_z"),
        ({"familiar": {"offset": 1.0}}, "familiar must have the keys"),
        ({"threshold": 2.0}, "0..1"),
        ({"threshold": math.nan}, "not finite"),
        ({"threshold": 10**400}, "threshold is 1000.*, not float"),
        ({"wrong_cost": 0.0}, "wrong_cost must be above 0"),
        ({"length_spread": 0.0}, "length_spread"),
        ({"prompts": "many"}, "prompts"),
        ({"colour": 1}, "unknown key"),
    ],
)
def test_numbers_that_are_no_calibration_are_refused(change, what):
    with pytest.raises(ConfigError, match=what):
        calibration(**change)


@pytest.mark.parametrize("index", [None, INDEX])
def test_answers_together_have_the_signals_that_each_has_alone(index):
    together = signals_of_all(ANSWERS, LENGTHS, index)
    for one, found in zip(ANSWERS, together, strict=True):
        assert found == pytest.approx(signals(one, LENGTHS, index))


def test_confidences_that_are_read_in_any_order_are_those_of_their_answers():
    confidence = Confidence(calibration(False), None)
    together = AnswersTogether(confidence)
    values = [together.add(one) for one in ANSWERS]
    for place in (179, 0, 64, 63, 100):
        assert values[place]() == confidence.of(ANSWERS[place])
