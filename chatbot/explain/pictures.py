"""Explanations and architectures as one file each, an SVG picture or an HTML page, which needs nothing else."""

from collections.abc import Sequence

from chatbot.explain.architecture import Architecture
from chatbot.explain.beam_picture import draw_beam
from chatbot.explain.blueprint import draw_architecture
from chatbot.explain.explanation import Explanation
from chatbot.explain.section import Section
from chatbot.explain.sections import draw_alignment, draw_exchange, draw_neighbours, draw_steps
from chatbot.svg import STYLE, clip, document, element, plain, styled, text, wide

_MARGIN, _BETWEEN, _HEAD = 28.0, 34.0, 48.0

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
    if explanation.steps:
        sections.append(draw_steps(explanation.steps))
    if explanation.beam:
        sections.append(draw_beam(explanation.beam, explanation.decoding.beam))
    if explanation.aligned:
        sections.append(draw_alignment(explanation))
    sections.append(draw_neighbours(explanation.neighbours))
    return _picture(f"Why this reply? “{explanation.prompt}”", sections, kind)


def picture_architecture(architecture: Architecture, name: str, kind: str) -> str:
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
    inner = max(560.0, *(max(section.width, wide(section.about) * 0.93) for section in sections))
    body = [text(_MARGIN, _MARGIN + 18, clip(title, int(inner / 12)), "h1")]
    y = _MARGIN + 18 + _BETWEEN
    for section in sections:
        body.append(text(_MARGIN, y + 14, section.title, "h2"))
        body.append(text(_MARGIN, y + 33, section.about, "sans faint"))
        drawn = element("g", section.body, id=section.name, transform=f"translate({_MARGIN} {y + _HEAD:.1f})")
        body.append(drawn)
        y += _HEAD + section.height + _BETWEEN
    return document(title, "", inner + 2 * _MARGIN, y, styled(), *body) + "\n"


def _to_html(title: str, sections: Sequence[Section]) -> str:
    parts = []
    for section in sections:
        drawn = document(section.title, "", section.width, section.height, section.body) if section.body else ""
        about = f"<h2>{plain(section.title)}</h2><p>{plain(section.about)}</p>"
        parts.append(f'<section id="{section.name}">{about}<div>{drawn}</div></section>')
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f'<meta name="color-scheme" content="light dark"><title>{plain(title)}</title>'
        f"<style>{STYLE}\n{_PAGE_STYLE}</style></head>\n"
        f"<body><main><h1>{plain(title)}</h1>\n{chr(10).join(parts)}\n</main></body></html>\n"
    )
