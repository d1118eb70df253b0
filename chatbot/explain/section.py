"""A part of a picture."""

from collections.abc import Sequence
from dataclasses import dataclass
from xml.etree.ElementTree import Element


@dataclass(frozen=True)
class Section:
    """A part of a picture, drawn from its own upper left corner on.

    Attributes:
        name: One word, by which it can be found in the picture.
        title: What it shows.
        about: How to read it, in a sentence or two.
        width: In pixels.
        height: In pixels.
        body: SVG elements.
        page: Elements of HTML that a page shows in place of the drawing, where its own lines are the better ones.
    """

    name: str
    title: str
    about: str
    width: float
    height: float
    body: Sequence[Element] = ()
    page: Sequence[Element] = ()
