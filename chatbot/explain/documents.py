"""Explanations and architectures as one file each, an SVG picture or an HTML page, which needs nothing else."""

from collections.abc import Sequence
from xml.etree.ElementTree import Element

from chatbot.config.model_description import ModelDescription
from chatbot.explain.architecture_picture import draw_architecture
from chatbot.explain.attention_heads import head_maps
from chatbot.explain.attention_picture import draw_alignment, draw_heads
from chatbot.explain.beam_picture import draw_beam
from chatbot.explain.explanation import Explanation
from chatbot.explain.html_sections import STYLE as TEXT_STYLE
from chatbot.explain.svg import STYLE, document, element, html_document, picture, styled, text
from chatbot.explain.svg_sections import WIDTH, Section, draw_exchange, draw_neighbours, draw_recalled, draw_steps
from chatbot.line_wrap import wrap

_MARGIN, _BETWEEN = 28.0, 30.0
#: Pixels of a letter of a title and of a sentence, wide ones on the average, and from one line of them to the next.
_TITLE, _SENTENCE = 12.0, 6.6
_TITLE_LINE, _SENTENCE_LINE = 26.0, 17.0

_PAGE_STYLE = """
body { margin: 0; background: var(--paper); color: var(--ink); font: 15px/1.5 system-ui, "DejaVu Sans", sans-serif; }
main { max-width: 1280px; margin: 0 auto; padding: 24px; }
h1 { font-size: 24px; } h2 { font-size: 17px; margin: 36px 0 0; } p { margin: 2px 0 12px; color: var(--faint); }
div { overflow-x: auto; padding: 2px; } svg { overflow: visible; }
""".strip()


def picture_explanation(explanation: Explanation, kind: str) -> str:
    """An explanation as the content of a file.

    Args:
        explanation: From `explain`.
        kind: `svg` or `html`.
    """
    sections = [draw_exchange(explanation)]
    if explanation.recalled is not None:
        sections.append(draw_recalled(explanation.recalled))
    if explanation.steps:
        sections.append(draw_steps(explanation.steps))
    if explanation.beam:
        sections.append(draw_beam(explanation.beam, explanation.decoding.beam))
    if explanation.aligned:
        sections.append(draw_alignment(explanation))
    sections += map(draw_heads, head_maps(explanation))
    sections.append(draw_neighbours(explanation.neighbours))
    return _picture(f"Why this reply? “{explanation.typed}”", sections, kind)


def picture_architecture(architecture: ModelDescription, name: str, kind: str) -> str:
    """An architecture as the content of a file.

    Args:
        architecture: From `describe`.
        name: Of the bot.
        kind: `svg` or `html`.
    """
    return _picture(f"What {name} is made of", [draw_architecture(architecture)], kind)


def _picture(title: str, sections: Sequence[Section], kind: str) -> str:
    return {"svg": _to_svg, "html": _to_html}[kind](title, sections)


def _to_svg(title: str, sections: Sequence[Section]) -> str:
    inner = max(WIDTH, *(section.width for section in sections))
    body, y = [], _MARGIN + 18
    for line in wrap(title, int(inner / _TITLE)):
        body.append(text(_MARGIN, y, line, "h1"))
        y += _TITLE_LINE
    y += _BETWEEN - _TITLE_LINE
    for section in sections:
        body.append(text(_MARGIN, y + 14, section.title, "h2"))
        y += 33
        for line in wrap(section.about, int(inner / _SENTENCE)):
            body.append(text(_MARGIN, y, line, "sans faint"))
            y += _SENTENCE_LINE
        body.append(element("g", *section.body, id=section.name, transform=f"translate({_MARGIN} {y:.1f})"))
        y += section.height + _BETWEEN
    return document(title, "", inner + 2 * _MARGIN, y, *styled(), *body) + "\n"


def _to_html(title: str, sections: Sequence[Section]) -> str:
    return html_document(
        element(
            "head",
            element("meta", charset="utf-8"),
            element("meta", name="viewport", content="width=device-width, initial-scale=1"),
            element("meta", name="color-scheme", content="light dark"),
            element("title", title),
            element("style", f"{STYLE}\n{_PAGE_STYLE}\n{TEXT_STYLE}"),
        ),
        element("body", element("main", element("h1", title), *map(_to_html_section, sections))),
    )


def _to_html_section(section: Section) -> Element:
    """A section of a page: its sentences where it has them, else its drawing."""
    content = section.page
    if not content:
        drawn = [picture(section.title, "", section.width, section.height, *section.body)] if section.body else []
        content = [element("div", *drawn)]
    return element("section", element("h2", section.title), element("p", section.about), *content, id=section.name)
