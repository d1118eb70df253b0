"""A part of a picture."""

from dataclasses import dataclass


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
    """

    name: str
    title: str
    about: str
    width: float
    height: float
    body: str
