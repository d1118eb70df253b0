"""The sentences on the HTML page of an explanation, which break into lines as wide as the screen."""

from collections.abc import Iterator
from xml.etree.ElementTree import Element

from chatbot.explain.explanation import Explanation, Neighbours, RecalledReplies, RecalledReply
from chatbot.explain.phrases import say_facts, say_notes, say_recorded, say_share
from chatbot.explain.svg import element

STYLE = """
h1, p, td { overflow-wrap: anywhere; }
.token { display: inline-block; margin: 0 6px 4px 0; padding: 1px 6px; border: 1px solid var(--line);
  border-radius: 3px; background: var(--box); color: var(--ink); font: 13px ui-monospace, monospace; }
.reply, .near { color: var(--ink); } .reply, .said { font-weight: 700; } .note { color: var(--faint); }
table { width: 100%; max-width: 840px; border-spacing: 0; table-layout: fixed; }
th { text-align: left; font-weight: 400; color: var(--faint); } td { padding: 2px 8px 2px 0; vertical-align: top; }
tr.words td { padding-bottom: 12px; }
.of { display: block; max-width: 150px; height: 8px; border-radius: 3px; background: var(--line); }
.of > i { display: block; height: 8px; border-radius: 3px; background: var(--mark); }
.of > i.rest { background: var(--rest); }
""".strip()


def write_exchange(explanation: Explanation, reply: str) -> list[Element]:
    """The prompt's tokens, the reply, and how it was chosen.

    Args:
        explanation: The explanation.
        reply: The reply, as it is shown.
    """
    return [
        element("p", *(element("span", token, class_="token") for token in explanation.tokens)),
        element("p", reply, class_="reply"),
        element("p", " · ".join(say_facts(explanation))),
    ]


def write_recalled(recalled: RecalledReplies) -> list[Element]:
    """A table with two rows for each recalled reply: its shares, and its words."""
    heads = element("tr", *(element("th", head) for head in ("share", *recalled.views)))
    rows = [row for one in recalled.replies for row in _recalled_rows(one)]
    return [element("table", heads, *rows)]


def _recalled_rows(one: RecalledReply) -> Iterator[Element]:
    views = (_share(share, "" if view in one.first_of else "rest") for view, share in one.by_view.items())
    yield element("tr", _share(one.share, ""), *views)
    note = [element("span", f" {notes}", class_="note")] if (notes := say_notes(one)) else []
    words = element("td", one.reply, *note, colspan=str(1 + len(one.by_view)))
    yield element("tr", words, class_="words said" if one.said else "words")


def _share(share: float, style: str) -> Element:
    return element("td", _bar(share, style), say_share(share))


def _bar(share: float, style: str = "") -> Element:
    return element("span", element("i", class_=style, style=f"width: {max(share, 0):.1%}"), class_="of")


def write_neighbours(neighbours: Neighbours) -> list[Element]:
    """A paragraph for each of the neighbours, with its prompt and the reply recorded for it."""
    return [
        element(
            "p",
            _bar(one.cosine),
            f"{one.cosine:.3f}  {one.prompt}",
            element("br"),
            element("span", say_recorded(one), class_="note"),
            class_="near",
        )
        for one in neighbours.nearest
    ]
