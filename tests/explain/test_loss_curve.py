import math
import shutil
import subprocess
from dataclasses import replace
from xml.etree import ElementTree as Tree

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from chatbot import bundle
from chatbot.explain.loss_curve import draw_curve, ticks
from chatbot.metrics import Validation
from chatbot.runs.events import Measurement

SVG = "{http://www.w3.org/2000/svg}"


def measured(epoch, train, valid=None, best=False, step=None):
    found = None if valid is None else Validation(valid, 1.5, 0.25)
    return Measurement(epoch, step or epoch * 10, epoch * 60.0, train, found, 0.01, 2000.0, best, ())


#: The validation loss is lowest after the second of four epochs.
HISTORY = [
    measured(1, 4.0, 3.0, best=True),
    measured(2, 2.0, 1.0, best=True),
    measured(3, 1.0, 1.5),
    measured(4, 0.5, 2.0),
]


def parse(history, corpus="words.tsv"):
    return Tree.fromstring(draw_curve(history, 10, corpus))


def texts(svg):
    return [element.text for element in svg.iter(f"{SVG}text")]


def with_class(svg, name):
    return [element for element in svg.iter() if element.get("class") == name]


def corners(polyline):
    return [tuple(map(float, point.split(","))) for point in polyline.get("points").split()]


def test_it_says_what_was_trained_and_what_came_of_it_also_to_those_who_cannot_see_it():
    svg = parse(HISTORY)
    said = "4 epochs, 40 steps, 4.0 min. Best in epoch 2: validation loss 1.000, perplexity 2.72, 25% exact"
    assert svg.find(f"{SVG}title").text == "Learning from words.tsv"
    assert svg.find(f"{SVG}desc").text == said
    assert svg.get("role") == "img"
    assert {"Learning from words.tsv", said} <= set(texts(svg))


def test_the_axes_have_names_units_and_round_numbers():
    svg = parse(HISTORY)
    found = texts(svg)
    for words in ("loss (nats per token)", "epochs", "exact replies, of the held-out ones"):
        assert words in found
    scale = [element.text for element in svg.iter(f"{SVG}text") if "faint" in element.get("class")][1:]
    assert scale == [
        *["0", "0.5", "1", "1.5", "2", "2.5", "3", "3.5", "4"],
        *["0", "0.5", "1", "1.5", "2", "2.5", "3", "3.5", "4"],
        *["0%", "20%", "40%", "60%", "80%", "100%"],
    ]


def test_with_nothing_held_out_the_other_axis_is_perplexity():
    svg = parse([measured(1, 1.0, best=True), measured(2, 0.0, best=True)])
    assert "perplexity (e to the loss)" in texts(svg)
    assert "2.72" in texts(svg)
    assert not {"exact replies", "100%"} & set(texts(svg))


def test_the_share_of_exact_replies_has_a_curve_from_nothing_to_all_with_a_mark_for_each_measurement():
    history = [
        replace(report, valid=replace(report.valid, exact=exact))
        for report, exact in zip(HISTORY, (0.0, 0.5, 1.0, 0.75), strict=True)
    ]
    svg = parse(history)
    (line,) = [element for element in with_class(svg, "curve exact") if element.tag == f"{SVG}polyline"]
    assert corners(line) == [(233.5, 396.0), (397.0, 246.0), (560.5, 96.0), (724.0, 171.0)]
    dots = with_class(svg, "dot exact")
    assert [dot.find(f"{SVG}title").text for dot in dots] == [
        "0% of the held-out replies exact after 1 epochs",
        "50% of the held-out replies exact after 2 epochs",
        "100% of the held-out replies exact after 3 epochs",
        "75% of the held-out replies exact after 4 epochs",
    ]


def test_every_measurement_is_marked_however_many_there_are():
    svg = parse([measured(number, 1 / number, 2 / number, best=number == 1) for number in range(1, 200)])
    assert len(with_class(svg, "dot validation")) == len(with_class(svg, "dot training")) == 199


def test_a_run_that_was_stopped_after_its_last_measurement_says_where_it_ended():
    svg = Tree.fromstring(draw_curve(HISTORY, 10, "words.tsv", (6, 57, 330.0)))
    assert svg.find(f"{SVG}desc").text.startswith("6 epochs, 57 steps, 5.5 min. Best in epoch 2")


def test_a_curve_goes_through_what_was_measured():
    svg = parse(HISTORY)
    (training,), (validation,) = (with_class(svg, f"curve {kind}")[:1] for kind in ("training", "validation"))
    # From 0 to 4 epochs there are 654 units, from 0 to 4 nats 300, counted from the bottom at 396.
    assert corners(training) == [(233.5, 96.0), (397.0, 246.0), (560.5, 321.0), (724.0, 358.5)]
    assert corners(validation) == [(233.5, 171.0), (397.0, 321.0), (560.5, 283.5), (724.0, 246.0)]


def test_the_best_point_is_marked_where_its_loss_is():
    svg = parse(HISTORY)
    (mark,) = with_class(svg, "best")
    assert (float(mark.get("cx")), float(mark.get("cy"))) == (397.0, 321.0)
    assert "best 1.000" in texts(svg)


def test_of_several_that_were_best_the_last_is_it_and_without_validation_the_training_loss_counts():
    svg = parse([measured(1, 4.0, best=True), measured(2, 2.0, best=True)])
    (mark,) = with_class(svg, "best")  # at the right end, and at the bottom, as the axis begins at 2 here
    assert (float(mark.get("cx")), float(mark.get("cy"))) == (724.0, 396.0)
    assert with_class(svg, "curve validation") == []
    assert "held-out loss" not in texts(svg)


def test_a_measurement_in_the_midst_of_an_epoch_stands_there():
    svg = parse([measured(1, 4.0, best=True, step=5), measured(1, 2.0)])
    (curve,) = with_class(svg, "curve training")[:1]
    assert [x for x, _ in corners(curve)] == [397.0, 724.0]


def test_a_single_measurement_is_a_point():
    svg = parse([measured(1, 4.0, 3.0, best=True)])
    assert not list(svg.iter(f"{SVG}polyline"))
    assert len(list(svg.iter(f"{SVG}circle"))) == 4
    assert svg.find(f"{SVG}desc").text.startswith("1 epoch, 10 steps")


@pytest.mark.parametrize("loss", [math.nan, math.inf])
def test_a_loss_that_is_no_number_leaves_a_gap(loss):
    history = [*HISTORY, measured(5, 0.4, loss), measured(6, 0.3, 2.5), measured(7, 0.3, 2.5)]
    svg = parse(history)
    lines = [element for element in with_class(svg, "curve validation") if element.tag == f"{SVG}polyline"]
    assert [len(corners(line)) for line in lines] == [4, 2]
    assert "nan" not in Tree.tostring(svg, encoding="unicode")
    assert "inf" not in Tree.tostring(svg, encoding="unicode")


def test_the_name_of_a_corpus_cannot_break_it_and_a_long_one_is_cut():
    assert 'Learning from <a & "b">.tsv' in texts(parse(HISTORY, '<a & "b">.tsv'))
    assert f"Learning from {'x' * 39}…" in texts(parse(HISTORY, "x" * 300))


def test_it_is_for_light_and_dark_and_needs_nothing_from_elsewhere():
    svg = parse(HISTORY)
    assert "@media (prefers-color-scheme: dark)" in svg.find(f"{SVG}style").text
    drawn = Tree.tostring(svg, encoding="unicode").replace("http://www.w3.org/2000/svg", "")
    for forbidden in ("href", "url(", "@import", "<script", "http"):
        assert forbidden not in drawn


@pytest.mark.parametrize(
    ("low", "high", "most", "expected"),
    [
        (0, 10, 5, [0, 2, 4, 6, 8, 10]),
        (0, 4, 8, [0, 0.5, 1, 1.5, 2, 2.5, 3, 3.5, 4]),
        (9.04, 9.2, 4, [9.0, 9.05, 9.1, 9.15, 9.2]),
        (0, 17, 10, [0, 2, 4, 6, 8, 10, 12, 14, 16, 18]),
        (3, 3, 2, [2.5, 3.0, 3.5]),
        (0, 5e-324, 2, [-0.5, 0.0, 0.5]),
    ],
)
def test_ticks_are_round_numbers_around_the_range(low, high, most, expected):
    assert ticks(low, high, most) == pytest.approx(expected)


@given(st.floats(0, 1e6), st.floats(0, 1e6), st.integers(2, 12))
@example(1_000_000.0, 999_999.9999999999, 2)
def test_ticks_cover_every_range_with_few_steps(one, other, most):
    low, high = sorted((one, other))
    found = ticks(low, high, most)
    assert found[0] <= low + 1e-6 * (1 + high)
    assert found[-1] >= high - 1e-6 * (1 + high)
    assert 2 <= len(found) <= most + 2


def test_a_trained_bot_has_the_picture_of_its_history(english_bundle):
    svg = Tree.parse(english_bundle / bundle.CURVE).getroot()
    rows = (english_bundle / bundle.HISTORY).read_text().splitlines()[1:]
    assert svg.find(f"{SVG}title").text == "Learning from english.tsv"
    assert len(with_class(svg, "dot training")) == len(rows)
    assert f"best {min(float(row.split(',')[3]) for row in rows):.3f}" in texts(svg)


@pytest.mark.skipif(shutil.which("chromium") is None, reason="needs Chromium")
def test_a_browser_shows_it(tmp_path):
    (tmp_path / "history.svg").write_text(draw_curve(HISTORY, 10, "words.tsv"), encoding="utf-8")
    script = (
        "const s = document.querySelector('svg'); const boxes = [...s.querySelectorAll('text')]"
        ".map(t => t.getBoundingClientRect()); const frame = s.getBoundingClientRect();"
        "document.body.dataset.inside = boxes.every(b => b.left >= frame.left && b.right <= frame.right"
        " && b.top >= frame.top && b.bottom <= frame.bottom);"
        "document.body.dataset.ink = getComputedStyle(s.querySelector('text.h1')).fill;"
    )
    (tmp_path / "page.html").write_text(
        f"<body>{(tmp_path / 'history.svg').read_text()}<script>{script}</script></body>", encoding="utf-8"
    )
    done = subprocess.run(
        ["chromium", "--headless", "--no-sandbox", "--disable-gpu", "--dump-dom", (tmp_path / "page.html").as_uri()],
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    assert 'data-inside="true"' in done.stdout
    assert 'data-ink="rgb(31, 35, 40)"' in done.stdout
