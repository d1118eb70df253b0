import re
from xml.etree import ElementTree

from hypothesis import given
from hypothesis import strategies as st

from chatbot.explain.svg import box, document, element, html_document, styled, text, tip
from chatbot.text import visible

SVG = "{http://www.w3.org/2000/svg}"
#: Any characters at all: control characters, lone surrogates and noncharacters among them.
ANY = st.text(st.characters() | st.sampled_from("\0\x07\x1b\x7f\x85\ud800\udfff\ufffe\uffff<>&\"'\r\n\t]"))


def said(characters: str) -> str:
    """What a picture says of a text: U+FFFD for what XML has no place for, and for what a terminal would obey."""
    return re.sub("[\ufffe\uffff]", "\ufffd", visible(characters))


@given(ANY, ANY, ANY)
def test_any_text_is_text_in_a_well_formed_picture(one, other, third):
    picture = document(one, other, 10, 10, *styled(), element("g", text(0, 0, third), id=one), box(0, 0, 1, 1, other))
    svg = ElementTree.fromstring(picture)
    assert svg.findtext(f"{SVG}title") == said(one)
    assert svg.findtext(f"{SVG}g/{SVG}text") == said(third)
    assert [child.tag for child in svg.iter()][0:2] == [f"{SVG}svg", f"{SVG}title"]
    assert len(list(svg.iter())) == 7 + bool(other)


@given(ANY)
def test_any_text_is_text_in_a_page(content):
    doctype, _, page = html_document(element("p", content)).partition("\n")
    paragraph = ElementTree.fromstring(page).find("p")
    assert doctype == "<!doctype html>"
    assert (paragraph.text or "", len(paragraph)) == (said(content), 0)


def test_text_and_elements_stand_in_the_order_in_which_they_are_given():
    mixed = element("text", "a<", element("tspan", "b"), "c", tip("d"), "e", "f", x=1, font_size="2")
    whole = ElementTree.tostring(mixed, encoding="unicode")
    assert whole == '<text x="1" font-size="2">a&lt;<tspan>b</tspan>c<title>d</title>ef</text>'
