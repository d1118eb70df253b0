from xml.etree import ElementTree as Tree

from chatbot.bot.grading import GradedReply
from chatbot.bot.risk_curve import RiskCurve
from chatbot.explain.risk_picture import draw_risk

SVG = "{http://www.w3.org/2000/svg}"


def drawn(outside):
    answers = [(True, 0.9), (True, 0.6), (False, 0.5), (False, 0.1)]
    curve = RiskCurve.of([GradedReply("?", "!", ("!",), right, sure) for right, sure in answers], 0.2, outside)
    return Tree.fromstring(draw_risk(curve, "words.tsv"))


def curves(picture):
    return [line.get("class") for line in picture.iter(f"{SVG}polyline")]


def test_the_picture_says_what_the_own_threshold_costs_also_to_those_who_cannot_see_it():
    said = drawn([0.3, 0.1]).find(f"{SVG}desc").text
    assert said == (
        "At the bot's own threshold, 0.2, it keeps 100.0% of 2 right answers and says 50.0% of 2 wrong ones."
        " It answers 1 of 2 prompts from outside (50.0%); AUROC 0.812."
    )


def test_each_curve_is_drawn_with_a_ring_at_the_own_threshold():
    picture = drawn([0.3, 0.1])
    assert curves(picture) == ["curve wrong", "curve outside"]
    rings = [ring for ring in picture.iter(f"{SVG}circle") if ring.find(f"{SVG}title") is not None]
    assert len(rings) == 2


def test_without_prompts_from_outside_there_is_one_curve():
    assert curves(drawn(None)) == ["curve wrong"]
