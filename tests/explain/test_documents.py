"""The pictures, as a browser sees them."""

import html
import json
import os
import re
import shutil
import subprocess
from dataclasses import replace
from itertools import pairwise
from xml.etree import ElementTree

import pytest

from chatbot import Chatbot, DecodingConfig
from chatbot.config import ModelConfig
from chatbot.explain import describe, explain, picture_architecture, picture_explanation
from chatbot.explain.beam_branches import lay_out

SVG = "{http://www.w3.org/2000/svg}"
#: Debian and others call it so; Google's own is the same browser.
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
SECTIONS = ["exchange", "recall", "steps", "beam", "alignment", "neighbours"]
DEEP = ModelConfig(vocabulary_size=32_000, units=1024, layers=4, bidirectional=True, attention="additive")

#: Run in the page: what is drawn outside its picture, what lies on other text, and the colours.
LOOK = """
const seen = {outside: [], overlapping: [], texts: 0};
for (const svg of document.querySelectorAll('svg')) {
  const frame = svg.getBoundingClientRect(), boxes = [];
  for (const text of svg.querySelectorAll('text')) {
    const box = text.getBoundingClientRect();
    seen.texts += 1;
    if (box.left < frame.left - 1 || box.top < frame.top - 1 || box.right > frame.right + 1
        || box.bottom > frame.bottom + 1) seen.outside.push(text.textContent);
    if (!text.hasAttribute('transform')) boxes.push([text, box]);
  }
  boxes.forEach(([one, a], place) => boxes.slice(place + 1).forEach(([other, b]) => {
    if (a.left < b.right - 1 && b.left < a.right - 1 && a.top < b.bottom - 4 && b.top < a.bottom - 4)
      seen.overlapping.push([one.textContent, other.textContent]);
  }));
}
const colour = (element, name) => element ? getComputedStyle(element)[name] : '';
seen.paper = colour(document.querySelector('.paper'), 'fill') || colour(document.body, 'backgroundColor');
seen.ink = colour(document.querySelector('svg text:not([class])'), 'fill');
seen.fetched = performance.getEntriesByType('resource').length;
const told = document.createElement('pre');
told.id = 'seen';
told.textContent = JSON.stringify(seen);
document.body.append(told);
"""


@pytest.fixture(scope="module")
def explanation(english_bundle, learned_pairs):
    return explain(Chatbot.load(english_bundle), learned_pairs[0].prompt, DecodingConfig(beam=4))


def look(page: str, folder, *options: str) -> dict:
    """Open a page in the browser and return what it sees."""
    shown = open_page(page.replace("</body>", f"<script>{LOOK}</script></body>"), folder, *options)
    return json.loads(html.unescape(shown.split('<pre id="seen">')[1].split("</pre>")[0]))


def open_page(page: str, folder, *options: str) -> str:
    """Open a page in the browser and return what its scripts have made of it."""
    file = folder / "page.html"
    file.write_text(page, encoding="utf-8")
    done = subprocess.run(
        [
            CHROMIUM,
            "--headless=new",
            "--no-sandbox",
            "--disable-gpu",
            f"--user-data-dir={folder / 'profile'}",
            *options,
            "--dump-dom",
            file.as_uri(),
        ],
        capture_output=True,
        text=True,
        timeout=240,
        env=os.environ | {"HOME": str(folder)},
        check=True,
    )
    return done.stdout


def embedded(picture: str) -> str:
    """A page that holds nothing but an SVG picture."""
    return f"<!doctype html><meta charset='utf-8'><body style='margin: 0'>{picture}</body>"


def brightness(colour: str) -> float:
    return sum(map(int, colour.removeprefix("rgb(").removesuffix(")").split(","))) / 3


@pytest.mark.skipif(CHROMIUM is None, reason="there is no Chromium here")
@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("what", ["svg", "html", "architecture", "deep"])
def test_a_browser_shows_the_whole_picture_light_and_dark(tmp_path, explanation, english_bundle, what, dark):
    pages = {
        "svg": lambda: embedded(picture_explanation(explanation, "svg")),
        "html": lambda: picture_explanation(explanation, "html"),
        "architecture": lambda: embedded(
            picture_architecture(describe(Chatbot.load(english_bundle).config), "english", "svg")
        ),
        "deep": lambda: picture_architecture(describe(DEEP), "deep", "html"),
    }
    seen = look(pages[what](), tmp_path, *(["--blink-settings=preferredColorScheme=0"] if dark else []))
    assert seen["texts"] > 20
    assert (seen["outside"], seen["overlapping"], seen["fetched"]) == ([], [], 0)
    assert brightness(seen["paper"]) < 40 if dark else brightness(seen["paper"]) == 255
    assert abs(brightness(seen["ink"]) - brightness(seen["paper"])) > 200


@pytest.mark.skipif(CHROMIUM is None, reason="there is no Chromium here")
def test_on_a_phone_no_sentence_of_a_page_is_cut(tmp_path, explanation):
    long = replace(explanation, reply=replace(explanation.reply, text="雨" * 200), typed="x" * 200)
    page = picture_explanation(long, "html").replace("</head>", "<style>html { width: 360px; }</style></head>")
    measure = (
        "const wide = [...document.querySelectorAll('h1, h2, p, td, .token')]"
        ".filter(one => one.scrollWidth > one.clientWidth || one.getBoundingClientRect().right > 361);"
        "document.body.dataset.wide = wide.map(one => one.textContent).join('|') || 'none';"
    )
    assert ' data-wide="none"' in open_page(page.replace("</body>", f"<script>{measure}</script></body>"), tmp_path)


def texts(picture: str) -> str:
    """All that a picture says, without what shows only when it is pointed at."""
    root = ElementTree.fromstring(picture)
    return "\n".join(element.text or "" for element in root.iter(f"{SVG}text"))


def test_the_picture_has_every_part_of_the_explanation(explanation):
    picture = picture_explanation(explanation, "svg")
    root = ElementTree.fromstring(picture)
    assert [group.get("id") for group in root.iter(f"{SVG}g") if group.get("id")] == SECTIONS
    said = texts(picture)
    for shown in (*explanation.tokens, *(step.token for step in explanation.steps), "<eos>", "the reply, score"):
        assert shown in said
    assert explanation.neighbours.nearest[0].prompt in said
    for reply in explanation.recalled.replies:
        assert reply.reply in said.replace("\n", " ")


def test_a_page_says_what_the_picture_says(explanation):
    page = picture_explanation(explanation, "html")
    for section in SECTIONS:
        assert f'<section id="{section}">' in page
    _, _, drawn = texts(picture_explanation(explanation, "svg")).partition("Reply memory")
    for line in drawn.splitlines():
        assert html.escape(line, quote=False).removesuffix(".") in page


@pytest.mark.parametrize(
    "reply", ["雨" * 500, "ร้านเปิดเก้าโมงเช้า" * 30, "supercalifragilistic" * 30], ids=["Chinese", "Thai", "long word"]
)
def test_a_reply_without_spaces_is_shown_whole_and_within_the_picture(explanation, reply):
    known = [one._replace(reply=reply) for one in explanation.recalled.replies]
    nearest = [one._replace(reply=reply) for one in explanation.neighbours.nearest]
    long = replace(
        explanation,
        typed=reply,
        reply=replace(explanation.reply, text=reply),
        recalled=replace(explanation.recalled, replies=tuple(known)),
        neighbours=replace(explanation.neighbours, nearest=tuple(nearest)),
        beam=None,
    )
    root = ElementTree.fromstring(picture_explanation(long, "svg"))
    usual = ElementTree.fromstring(picture_explanation(replace(explanation, beam=None), "svg"))
    assert root.get("width") == usual.get("width")
    for name, count in (("exchange", 1), ("recall", len(known)), ("neighbours", len(nearest))):
        (group,) = (group for group in root.iter(f"{SVG}g") if group.get("id") == name)
        lines = [text.text for text in group.iter(f"{SVG}text")]
        assert "".join(lines).count(reply) == count
    assert reply in "".join(text.text for text in root.findall(f"{SVG}text"))
    assert reply in picture_explanation(long, "html")


def test_the_title_has_the_prompt_as_it_was_typed(english_bundle, learned_pairs):
    explanation = explain(Chatbot.load(english_bundle), learned_pairs[0].prompt.upper())
    for kind in ("svg", "html"):
        assert f"“{learned_pairs[0].prompt.upper()}”" in picture_explanation(explanation, kind)


def test_what_people_write_is_text_and_never_markup(bare_bundle):
    prompt = "<script>alert(1)</script> & \"so' ]]> \ufffe"
    explanation = explain(Chatbot.load(bare_bundle), prompt, DecodingConfig(beam=2))
    picture = picture_explanation(explanation, "svg")
    assert "<script" in ElementTree.fromstring(picture).findtext(f"{SVG}title")
    for content in (picture, picture_explanation(explanation, "html")):
        assert "<script" not in content
        assert "--no-index" in content


def test_a_picture_loads_nothing_and_runs_nothing(explanation):
    for kind in ("svg", "html"):
        content = picture_explanation(explanation, kind).replace("http://www.w3.org/2000/svg", "")
        assert not any(mark in content for mark in ("http:", "https:", "url(", "@import", "<script", "onload", "href"))


def test_an_architecture_names_its_real_sizes():
    said = texts(picture_architecture(describe(DEEP), "deep", "svg"))
    for shown in ("32,000 probabilities", "2 × 512 per token", "h4, c4: 2 × 1,024", "sentence vector: 8,192"):
        assert shown in said
    assert "teacher forcing" in said
    assert "What deep is made of" in said
    assert "Architecture" in said


def test_an_architecture_tells_the_reply_memory_from_the_encoder_decoder():
    known = replace(DEEP, known_replies=60)
    with_memory, plain = (texts(picture_architecture(describe(config), "it", "svg")) for config in (known, DEEP))
    for shown in ("Reply memory", "candidate replies", "60 scores", "(Henderson et al. 2017)"):
        assert shown in with_memory
        assert shown not in plain


SHAPES = [
    ModelConfig(
        vocabulary_size=300, attention=attention, known_replies=known, bidirectional=bidirectional, layers=layers
    )
    for attention in ("none", "dot", "additive")
    for known in (0, 9)
    for bidirectional in (False, True)
    for layers in (1, 2)
]


def drawing_of(config) -> ElementTree.Element:
    picture = ElementTree.fromstring(picture_architecture(describe(config), "it", "svg"))
    return next(group for group in picture.iter(f"{SVG}g") if group.find(f"{SVG}text") is not None)


def boxes_of(section) -> dict[tuple[str, int], dict[str, float]]:
    """The frames of the parts, by their names and how often the name was there before."""
    frames, seen = {}, []
    for group in section.iter(f"{SVG}g"):
        frame = group.find(f"{SVG}rect")
        if frame is not None and group is not section:
            name = group.find(f"{SVG}text").text
            frames[name, seen.count(name)] = {key: float(frame.get(key)) for key in ("x", "y", "width", "height")}
            seen.append(name)
    return frames


@pytest.mark.parametrize("config", SHAPES, ids=str)
def test_in_an_architecture_no_text_lies_on_the_box_of_another(config):
    section = drawing_of(config)
    boxes = boxes_of(section).values()
    beside = [text for text in section.findall(f"{SVG}text") if "transform" not in text.attrib]
    assert (len(boxes) > 6, len(beside) > 6) == (True, True)
    assert not [text.text for text in beside for box in boxes if lies_on(text.attrib, box)]


def lies_on(text, box) -> bool:
    x, y = float(text["x"]), float(text["y"])
    return box["x"] <= x < box["x"] + box["width"] and box["y"] < y < box["y"] + box["height"] + 12


def flow(section) -> set[tuple[str, str]]:
    """Which part leads to which, by where the arrows begin and end; teacher forcing and free running left out."""
    boxes = boxes_of(section)

    def touched(x, y) -> str | None:
        near = [
            name
            for (name, _), box in boxes.items()
            if box["x"] - 9 <= x <= box["x"] + box["width"] + 9 and box["y"] - 9 <= y <= box["y"] + box["height"] + 9
        ]
        return near[0] if near else None

    arrows = set()
    for path in section.iter(f"{SVG}path"):
        if "edge" not in path.get("class"):
            continue
        x, y, begin = 0.0, 0.0, None
        for command, values in re.findall(r"([MHV])([-\d. ]+)", path.get("d")):
            numbers = [float(value) for value in values.split()]
            x = numbers[0] if command in "MH" else x
            y = numbers[-1] if command in "MV" else y
            begin = begin or (x, y)
        arrows.add((touched(*begin), touched(x, y)))
    return {(one, other) for one, other in arrows if one and other}


@pytest.mark.parametrize("config", SHAPES, ids=str)
def test_an_architecture_has_the_flow_of_the_model(config):
    layers = [f"LSTM {number}" for number in range(1, config.layers + 1)]
    read = [f"{name}, both ways" if config.bidirectional and name == "LSTM 1" else name for name in layers]
    pairs = [("Prompt", "Embedding"), ("Embedding", read[0]), ("Embedding", layers[0])]
    pairs += [*pairwise(read), *pairwise(layers)]
    if config.known_replies:
        pairs += [(read[-1], "Sentence vector"), ("Sentence vector", "Keys")]
        for view in ("Sum of word vectors", "Sum of word-pair vectors"):
            pairs += [("Prompt", view), (view, "Keys")]
        pairs += [("Keys", "Softmax"), ("Softmax", "Values"), *(("Values", layer) for layer in layers)]
    else:
        pairs += zip(read, layers, strict=True)
    if config.attention == "none":
        pairs.append((layers[-1], "Projection"))
    else:
        name = {"dot": "Attention, dot product", "additive": "Attention, additive"}[config.attention]
        pairs += [(read[-1], "Encoder outputs"), ("Encoder outputs", name), (layers[-1], name)]
        pairs += [(name, "Attentional vector, tanh"), ("Attentional vector, tanh", "Projection")]
    pairs.append(("Projection", "Softmax"))
    assert flow(drawing_of(config)) == set(pairs)


def test_only_one_part_is_called_memory_and_one_without_parameters_says_so():
    config = ModelConfig(vocabulary_size=300, attention="dot", known_replies=9)
    said = texts(picture_architecture(describe(config), "it", "svg"))
    assert said.lower().count("memory") == 1
    assert said.count("no parameters") == 3  # both softmaxes, and the dot product


@pytest.mark.parametrize("attention", ["none", "dot", "additive"])
def test_attention_is_drawn_where_there_is_attention(attention):
    said = texts(picture_architecture(describe(ModelConfig(vocabulary_size=300, attention=attention)), "it", "svg"))
    assert ("Attention" in said, "attention looks" in said) == ((attention != "none"),) * 2


def test_a_beam_that_is_too_large_to_look_at_says_how_much_is_missing(english_bundle, learned_pairs):
    explanation = explain(Chatbot.load(english_bundle), learned_pairs[0].prompt, DecodingConfig(beam=60, n_best=60))
    layout = lay_out(explanation.beam, leaves=10)
    ends, waiting = [], list(layout.branches)
    while waiting:
        branch = waiting.pop()
        waiting += branch.branches
        ends += [] if branch.branches else [branch.nodes[-1]]
    assert sorted(end.rank for end in ends) == list(range(1, 11))
    leaves = len(explanation.beam) - len({node.parent for node in explanation.beam} - {-1})
    assert layout.left_out == leaves - 10
    told = " ".join(texts(picture_explanation(explanation, "svg")).split())
    assert f"{leaves - 30:,} further branches are not shown" in told
